"""Transactions, on both databases."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Field, SQLModel

from shared.plumbing.columns import NOT_PERSONAL
from shared.plumbing.database import Schema, new_base, new_registry
from tests.fixtures.clock import NOW
from tests.plumbing.ledger import SCHEMA, PageRow


async def pages(database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(PageRow))


async def test_what_a_transaction_wrote_is_there_after_it(any_store):
    database = await any_store(SCHEMA)

    async with database.transaction() as session:
        session.add(PageRow(id=uuid4(), number=1))

    assert await pages(database) == 1


async def test_an_error_leaves_nothing_behind(any_store):
    database = await any_store(SCHEMA)

    async def write_and_fail() -> None:
        async with database.transaction() as session:
            session.add(PageRow(id=uuid4(), number=1))
            await session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await write_and_fail()

    assert await pages(database) == 0


async def test_a_reading_transaction_cannot_write(any_store):
    database = await any_store(SCHEMA)

    with pytest.raises(DBAPIError, match=r"(?i)read-?only"):
        async with database.reading() as session:
            await session.execute(insert(PageRow).values(id=uuid4(), number=1))

    async with database.transaction() as session:
        session.add(PageRow(id=uuid4(), number=1))
    assert await pages(database) == 1


async def test_a_reading_transaction_sees_one_moment_of_the_store(any_store):
    database = await any_store(SCHEMA)

    async with database.reading() as session:
        before = await session.scalar(select(func.count()).select_from(PageRow))
        async with database.transaction() as writing:
            writing.add(PageRow(id=uuid4(), number=1))
        after = await session.scalar(select(func.count()).select_from(PageRow))

    assert (before, after) == (0, 0)
    assert await pages(database) == 1


async def test_the_sessions_time_and_ids_are_the_worlds(any_store, world):
    database = await any_store(SCHEMA, world=world)

    async with database.transaction() as session:
        first, second = session.new_id(), session.new_id()

    assert session.now() == NOW
    assert first.version == 7
    assert first < second


async def test_callbacks_run_after_the_commit_and_in_order(any_store):
    database = await any_store(SCHEMA)
    said = []

    async with database.transaction() as session:
        session.after_commit(lambda: said.append("first"))
        session.after_commit(lambda: said.append("second"))
        session.add(PageRow(id=uuid4(), number=1))
        await session.flush()
        assert said == []

    assert said == ["first", "second"]


async def test_no_callback_runs_after_a_rollback_or_a_failed_commit(any_store):
    database = await any_store(SCHEMA)
    same = uuid4()
    said = []
    async with database.transaction() as session:
        session.add(PageRow(id=same, number=1))

    async def write_the_same() -> None:
        async with database.transaction() as session:
            session.after_commit(lambda: said.append("stored"))
            session.add(PageRow(id=same, number=2))

    with pytest.raises(IntegrityError):
        await write_the_same()

    assert said == []


async def test_a_callback_that_fails_neither_undoes_the_commit_nor_stops_the_next(any_store):
    database = await any_store(SCHEMA)
    said = []

    async with database.transaction() as session:
        session.after_commit(lambda: 1 / 0)
        session.after_commit(lambda: said.append("next"))
        session.add(PageRow(id=uuid4(), number=1))

    assert said == ["next"]
    assert await pages(database) == 1


async def test_an_error_never_quotes_what_was_to_be_stored(any_store):
    database = await any_store(SCHEMA)
    same = uuid4()

    async with database.transaction() as session:
        await session.execute(insert(PageRow).values(id=same, number=815))
    async with database.transaction() as session:
        with pytest.raises(IntegrityError) as caught:
            await session.execute(insert(PageRow).values(id=same, number=4711))

    assert "4711" not in str(caught.value)


async def test_forty_writers_at_once_all_get_their_turn(any_store):
    database = await any_store(SCHEMA)

    async def write(number: int) -> None:
        async with database.transaction() as session:
            await session.scalar(select(func.count()).select_from(PageRow))
            session.add(PageRow(id=uuid4(), number=number))

    await asyncio.gather(*(write(number) for number in range(40)))

    assert await pages(database) == 40


async def test_under_a_lock_what_was_read_is_still_true_when_it_is_written(any_store):
    database = await any_store(SCHEMA)

    async def write_the_next_number() -> None:
        async with database.transaction() as session:
            await session.lock("numbers")
            last = await session.scalar(select(func.max(PageRow.number))) or 0
            session.add(PageRow(id=uuid4(), number=last + 1))

    await asyncio.gather(*(write_the_next_number() for _ in range(15)))

    async with database.reading() as session:
        numbers = (await session.execute(select(PageRow.number))).scalars().all()
    assert sorted(numbers) == list(range(1, 16))


async def test_locks_taken_together_in_any_order_never_wait_in_a_circle(any_store):
    database = await any_store(SCHEMA)

    async def hold(*names: str) -> None:
        async with database.transaction() as session:
            await session.lock(*names)
            await session.execute(delete(PageRow))
            await asyncio.sleep(0.01)

    async with asyncio.timeout(15):
        await asyncio.gather(
            *(hold("a", "b") for _ in range(5)), *(hold("b", "a") for _ in "12345")
        )


@pytest.mark.parametrize("moment", [0.0, 0.0005, 0.001, 0.002, 0.004])
async def test_a_transaction_that_is_given_up_at_any_moment_leaves_the_store_usable(
    any_store, moment
):
    database = await any_store(SCHEMA)

    async def write() -> None:
        async with database.transaction() as session:
            for number in range(20):
                session.add(PageRow(id=uuid4(), number=number))
                await session.flush()

    for _ in range(5):
        task = asyncio.create_task(write())
        await asyncio.sleep(moment)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async with asyncio.timeout(15):
        async with database.transaction() as session:
            await session.execute(delete(PageRow))
        assert await pages(database) == 0


async def test_two_services_with_a_table_of_the_same_name_live_in_one_process(any_store):
    class OtherBase(SQLModel, registry=new_registry()):
        pass

    class OtherPageRow(OtherBase, table=True):
        __tablename__ = "page"

        id: str = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
        title: str = Field(sa_column_kwargs=NOT_PERSONAL)

    other_schema = Schema("library", OtherBase)
    ledger, library = await any_store(SCHEMA), await any_store(other_schema)

    async with ledger.transaction() as session:
        session.add(PageRow(id=uuid4(), number=1))
    async with library.transaction() as session:
        session.add(OtherPageRow(id="x", title="Emma"))

    assert SCHEMA.tables.outbox is not other_schema.tables.outbox
    async with library.reading() as session:
        assert (await session.execute(select(OtherPageRow.title))).scalars().all() == ["Emma"]


def test_each_new_base_has_tables_of_its_own():
    one, other = Schema("one", new_base()), Schema("other", new_base())

    assert one.metadata is not other.metadata
    assert set(one.metadata.tables) == set(other.metadata.tables)


async def test_ping_says_whether_the_store_is_there(any_store):
    database = await any_store(SCHEMA)

    await database.ping()
    await database.close()
