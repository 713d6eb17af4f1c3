"""The short way to the driver: quicker, and in everything else as the long one."""

from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import event, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.plumbing.database.conflicts import insert_first
from shared.plumbing.database.straight import Straight
from shared.plumbing.unreachable import is_unreachable
from tests.fixtures.clock import NOW
from tests.fixtures.databases import connect
from tests.plumbing.ledger import SCHEMA
from tests.plumbing.test_postgresql import CUT

PAGE = SCHEMA.metadata.tables["page"]
ADD = insert(PAGE)
TURN = update(PAGE).values(turned_at=NOW)


def page(number: int = 1) -> dict[str, object]:
    return {"id": uuid4(), "number": number, "turned_at": NOW}


async def has_been_said(session) -> None:
    """Only what was said before is kept, and the first one of a transaction goes the long way."""
    await session.change(ADD, page())
    await session.change(ADD, page())


async def add_within_one(database, *pages) -> None:
    async with database.transaction() as session:
        await has_been_said(session)
        for values in pages:
            await session.change(ADD, values)


async def numbers(database) -> list[int]:
    async with database.reading() as session:
        return sorted((await session.execute(select(PAGE.c.number))).scalars())


@pytest.fixture
def went_straight(monkeypatch):
    """What has gone the short way."""
    said = []
    way = Straight.say

    async def noted(self, line, statement, given):
        said.append(statement.sql)
        return await way(self, line, statement, given)

    monkeypatch.setattr(Straight, "say", noted)
    return said


async def test_what_is_said_again_goes_straight_and_is_stored_the_same(any_store, went_straight):
    database = await any_store(SCHEMA)

    async with database.transaction() as session:
        await has_been_said(session)
        touched = await session.change(ADD, page(2))

    assert len(went_straight) == 1
    assert touched == 1
    assert await numbers(database) == [1, 1, 2]
    async with database.reading() as session:
        times = (await session.execute(select(PAGE.c.turned_at))).scalars()
        assert set(times) == {NOW}


async def test_a_change_says_how_many_rows_it_touched(any_store, went_straight):
    database = await any_store(SCHEMA)

    async with database.transaction() as session:
        await has_been_said(session)
        await session.change(TURN, {"number": 5})
        turned = await session.change(TURN, {"number": 6})

    assert "UPDATE" in went_straight[-1]
    assert turned == 2
    assert await numbers(database) == [6, 6]


async def test_a_row_that_is_there_already_is_told_from_a_new_one(any_store, went_straight):
    database = await any_store(SCHEMA)
    first = insert_first(PAGE, database.dialect)
    one = page()

    async with database.transaction() as session:
        fresh = [await session.change(first, values) for values in (one, one, one)]

    assert went_straight
    assert fresh == [1, 0, 0]


async def test_a_row_that_may_not_be_is_refused_as_ever_and_nothing_stays(any_store, went_straight):
    database = await any_store(SCHEMA)
    twice = page()

    with pytest.raises(IntegrityError) as refused:
        await add_within_one(database, twice, twice)

    code = getattr(refused.value.orig, "sqlstate", None) or refused.value.orig.sqlite_errorname
    assert code in ("23505", "SQLITE_CONSTRAINT_PRIMARYKEY")
    assert "parameters" not in str(refused.value)
    assert went_straight
    assert await numbers(database) == []


async def test_a_time_without_a_zone_is_refused(any_store, went_straight):
    database = await any_store(SCHEMA)

    with pytest.raises(ValueError, match="needs its zone"):
        await add_within_one(database, page() | {"turned_at": datetime(2026, 3, 1)})  # noqa: DTZ001

    assert await numbers(database) == []


async def test_a_server_that_goes_away_in_the_middle_is_out_of_reach_and_no_mistake(
    postgres_store, postgres_server, went_straight
):
    database = await postgres_store(SCHEMA)

    async def cut_off_and_add() -> None:
        async with database.transaction() as session:
            await has_been_said(session)
            admin = await connect(postgres_server.url)
            await admin.execute(CUT, database.url.database)
            await admin.close()
            await session.change(ADD, page())

    with pytest.raises(DBAPIError) as gone:
        await cut_off_and_add()

    assert went_straight
    assert "INSERT" in gone.value.statement  # and not the rollback after it
    assert gone.value.connection_invalidated
    assert is_unreachable(gone.value)
    assert await numbers(database) == []


async def test_what_gives_rows_goes_the_long_way(any_store, went_straight):
    database = await any_store(SCHEMA)
    adding = insert(PAGE).returning(PAGE.c.number)

    async with database.transaction() as session:
        given = [(await session.execute(adding, page(n))).scalar_one() for n in (1, 2, 3)]

    assert given == [1, 2, 3]
    assert went_straight == []


async def test_whoever_listens_misses_nothing(any_store, went_straight):
    database = await any_store(SCHEMA)
    heard = []

    def note(_connection, _cursor, sql, *_more) -> None:
        heard.append(sql)

    event.listen(database._writer.sync_engine, "before_cursor_execute", note)
    async with database.transaction() as session:
        await has_been_said(session)
        await session.change(ADD, page())

    assert len(heard) == 3
    assert went_straight == []
