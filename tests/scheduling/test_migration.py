"""The constraint of the first migration: PostgreSQL itself refuses what slips past the pen."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.scheduling.domain import booking
from services.scheduling.domain.refusals import TimeTaken
from services.scheduling.store import diary, meetings
from services.scheduling.store.tables import SCHEMA
from shared.plumbing import migrations
from tests.fixtures import backends
from tests.fixtures.databases import connect
from tests.scheduling.builders import (
    COLLEAGUE,
    FACILITATOR,
    MEETING,
    NEUTRAL,
    STARTS,
    a_meeting,
    a_preparation,
    a_venue,
    some_id,
)
from tests.scheduling.office import book, furnish, held

CONSTRAINT = "SELECT count(*) FROM pg_constraint WHERE conname = 'ex_held_time_overlap'"
EXTENSION = "SELECT count(*) FROM pg_available_extensions WHERE name = 'btree_gist'"
OTHER = some_id(14)


@pytest.fixture
async def migrated(postgres_store, world):
    """A store as it is in production: made by the migrations."""
    database = await postgres_store(SCHEMA, world=world, empty=True)
    await migrations.upgrade(database.url, "scheduling")
    async with database.transaction() as session:
        await furnish(session)
    return database


@pytest.fixture
async def guarded(migrated):
    """One whose server has the extension that the constraint is made of."""
    async with migrated.reading() as session:
        if not await session.scalar(text(EXTENSION)):
            why = "this server comes without the extension btree_gist"
            backends.could_not_run("PostgreSQL's own check against double booking", why)
            pytest.skip(why)
    return migrated


async def without_the_pen(database, **changes):
    """Write a meeting straight into the tables, checking nothing first."""
    proposal = a_preparation(meeting_id=OTHER, participant_ids=(some_id(99),), **changes)
    meeting = a_meeting(
        id=OTHER,
        kind=proposal.kind,
        starts_at=proposal.starts_at,
        ends_at=proposal.ends_at,
        venue_id=proposal.venue_id,
        facilitator_ids=proposal.facilitator_ids,
        participant_ids=proposal.participant_ids,
    )
    async with database.transaction() as session:
        await meetings.add(session, meeting)
        await diary.hold(session, meeting, booking.holds(proposal, a_venue()))


async def test_bookings_work_in_a_migrated_store(migrated):
    await book(migrated, a_preparation())

    assert {held_id for _, held_id in await held(migrated)} >= {NEUTRAL, FACILITATOR}


@pytest.mark.parametrize("minutes", [-59, 0, 59])
async def test_an_overlap_that_slips_past_the_pen_is_refused_by_the_database(guarded, minutes):
    await book(guarded, a_preparation())

    with pytest.raises(TimeTaken, match="a moment ago") as refused:
        await without_the_pen(
            guarded,
            starts_at=STARTS + timedelta(minutes=minutes),
            facilitator_ids=(COLLEAGUE,),
        )

    assert refused.value.status == 409
    assert isinstance(refused.value.__cause__, IntegrityError)
    assert {meeting for meeting, _ in await held(guarded)} == {MEETING}


@pytest.mark.parametrize("minutes", [-60, 60])
async def test_back_to_back_is_no_overlap_for_the_database_either(migrated, minutes):
    await book(migrated, a_preparation())

    await without_the_pen(migrated, starts_at=STARTS + timedelta(minutes=minutes))

    assert {meeting for meeting, _ in await held(migrated)} == {MEETING, OTHER}


async def test_the_tables_are_made_without_the_constraint_where_the_extension_is_not_allowed(
    postgres_store, postgres_server
):
    database = await postgres_store(SCHEMA, empty=True)
    owner = await connect(database.url)
    await owner.execute(
        "DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN PASSWORD 'plain';"
        "GRANT CREATE, USAGE ON SCHEMA public TO plain;"
    )

    await migrations.upgrade(database.url.set(username="plain", password="plain"), "scheduling")

    assert await owner.fetchval(CONSTRAINT) == 0
    assert await owner.fetchval("SELECT count(*) FROM held_time") == 0
    await owner.execute("DROP OWNED BY plain; DROP ROLE plain;")
    await owner.close()


async def test_the_constraint_is_there_where_the_extension_is_allowed(guarded):
    async with guarded.reading() as session:
        assert await session.scalar(text(CONSTRAINT)) == 1
