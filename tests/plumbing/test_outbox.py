"""Recording facts, on both databases."""

import asyncio
from datetime import timedelta
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from shared.contracts.fact import Envelope, Fact
from shared.plumbing import outbox
from shared.plumbing.outbox import ChangedMeanwhile
from tests.fixtures.clock import NOW
from tests.plumbing.ledger import SCHEMA, PageTurned, tell, unsent

PAGE = UUID("019cadc6-9a80-7000-a46d-d6122265b1f5")


class BookBought(Fact):
    """A fact of another service."""

    subject: ClassVar[str] = "library.book_bought.v1"
    about: ClassVar[str] = "book_id"

    book_id: UUID


async def recorded(database):
    async with database.reading() as session:
        return (await session.execute(select(SCHEMA.tables.outbox))).all()


async def test_a_recorded_fact_waits_in_the_outbox_with_its_envelope(any_store, world):
    database = await any_store(SCHEMA, world=world)

    async with database.transaction() as session:
        event_id = await outbox.record(session, PageTurned(page_id=PAGE), version=3)

    [row] = await recorded(database)
    assert row.event_id == event_id
    assert row.event_id.version == 7
    assert (row.source, row.subject) == ("ledger", "ledger.page_turned.v1")
    assert (row.aggregate_id, row.version) == (PAGE, 3)
    assert row.recorded_at == NOW
    assert row.body == b'{"page_id":"019cadc6-9a80-7000-a46d-d6122265b1f5"}'
    assert (row.correlation, row.causation) == (event_id, None)
    assert (row.sent_at, row.attempts) == (None, 0)


async def test_a_rollback_leaves_no_event(any_store):
    database = await any_store(SCHEMA)

    async def tell_and_fail() -> None:
        async with database.transaction() as session:
            await tell(session)
            raise LookupError

    with pytest.raises(LookupError):
        await tell_and_fail()

    assert await recorded(database) == []
    assert not database.outbox_written.is_set()


async def test_what_follows_from_an_event_names_it_and_their_first_cause(any_store, world):
    database = await any_store(SCHEMA, world=world)
    first_cause, heard = uuid4(), uuid4()

    async with database.transaction() as session:
        session.envelope = Envelope(
            id=heard,
            source="library",
            type="library.book_bought.v1",
            subject=uuid4(),
            sequence=1,
            time=NOW,
            correlation=first_cause,
        )
        await tell(session)

    [row] = await recorded(database)
    assert (row.correlation, row.causation) == (first_cause, heard)


async def test_one_version_of_one_thing_is_told_once(any_store):
    database = await any_store(SCHEMA)
    async with database.transaction() as session:
        await tell(session, version=1, page_id=PAGE)

    with pytest.raises(ChangedMeanwhile, match="at the same moment"):
        async with database.transaction() as session:
            await tell(session, version=1, page_id=PAGE)

    async with database.transaction() as session:
        await tell(session, version=2, page_id=PAGE)
    assert len(await recorded(database)) == 2


async def test_of_two_changes_in_the_same_moment_one_is_told_to_look_again(any_store):
    database = await any_store(SCHEMA)

    async def turn() -> None:
        async with database.transaction() as session:
            statement = select(func.max(SCHEMA.tables.outbox.c.version))
            last = await session.scalar(statement) or 0
            await asyncio.sleep(0.05)
            await tell(session, version=last + 1, page_id=PAGE)

    ended = await asyncio.gather(turn(), turn(), return_exceptions=True)

    rows = await recorded(database)
    refused = [end for end in ended if isinstance(end, ChangedMeanwhile)]
    assert len(rows) + len(refused) == 2
    assert len({row.version for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("fact", "version", "mistake"),
    [
        (BookBought(book_id=PAGE), 1, "not ledger's to tell"),
        (PageTurned(page_id=PAGE), 0, "count from 1"),
    ],
)
async def test_a_fact_that_cannot_be_told_is_a_mistake_in_the_code(
    sqlite_store, fact, version, mistake
):
    database = await sqlite_store(SCHEMA)

    async with database.transaction() as session:
        with pytest.raises(ValueError, match=mistake):
            await outbox.record(session, fact, version=version)


async def test_two_facts_with_one_version_in_one_transaction_are_a_mistake_in_the_code(
    sqlite_store,
):
    database = await sqlite_store(SCHEMA)

    async with database.transaction() as session:
        await tell(session, version=1, page_id=PAGE)
        with pytest.raises(ValueError, match="has version 1 already"):
            await tell(session, version=1, page_id=PAGE)


async def test_how_long_the_oldest_event_has_waited_is_known(any_store, world):
    database = await any_store(SCHEMA, world=world)
    async with database.reading() as session:
        assert await outbox.oldest_unsent_age(session, world.now()) is None

    async with database.transaction() as session:
        await tell(session)
    world.advance(timedelta(minutes=3))
    async with database.transaction() as session:
        await tell(session)
    world.advance(timedelta(minutes=1))

    async with database.reading() as session:
        assert await outbox.oldest_unsent_age(session, world.now()) == timedelta(minutes=4)
        assert await outbox.stuck(session) is None
    assert len(await unsent(database)) == 2
