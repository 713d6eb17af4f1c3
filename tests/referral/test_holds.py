"""What a legal hold keeps, and what becomes of it once it is lifted."""

from sqlalchemy import select

from services.referral.actions import case_file, closing, holds, retention
from services.referral.domain.case_file import NotThere
from services.referral.store import SCHEMA
from shared.contracts.retention import RULES, RecordClass
from tests.referral.cases import an_open_case, say
from tests.referral.ending import (
    DAY,
    a_declined_referral,
    after_a_long_time,
    an_edit,
    hold,
    ledger_beside_the_keys,
    lift,
    marked,
    name_of,
    nights,
    rows,
    work_in,
)
from tests.referral.held import while_held
from tests.referral.told import facts

YEAR = RULES[RecordClass.REFERRAL_NOT_TAKEN_UP].period
SIX_YEARS = RULES[RecordClass.CLOSED_CASE].period


async def test_what_is_held_is_neither_marked_nor_destroyed(database, world):
    referral = await a_declined_referral(database)
    await hold(database, referral.id)
    await nights(database, world, 1)
    await after_a_long_time(database, world, 10 * YEAR)
    await nights(database, world, 40)

    assert await marked(database) == set()
    assert await rows(database, of="referral") == 1
    (planned,) = [
        one
        for one in await work_in(database).plan()
        if one.record_class is RecordClass.REFERRAL_NOT_TAKEN_UP
    ]
    assert (planned.held, planned.to_mark, planned.to_destroy) == (1, 0, 0)


async def test_a_hold_takes_a_mark_back_and_lifting_it_gives_thirty_days_more(database, world):
    referral = await a_declined_referral(database)
    await nights(database, world, 1)
    await after_a_long_time(database, world, YEAR)
    await nights(database, world, 29)
    assert await marked(database) == {referral.id}

    await hold(database, referral.id)
    assert await marked(database) == set()
    await nights(database, world, 5)
    await lift(database, referral.id)
    await nights(database, world, 30)
    assert await rows(database, of="referral") == 1
    await nights(database, world, 1)

    assert await rows(database, of="referral") == 0


async def test_the_reason_of_a_hold_can_be_read_by_nobody_once_the_matter_is_gone(database, world):
    referral = await a_declined_referral(database)
    await hold(database, referral.id)
    await lift(database, referral.id)
    await nights(database, world, 1)
    await after_a_long_time(database, world, YEAR)
    await nights(database, world, 31)

    assert await rows(database, of="legal_hold") == 0
    async with database.reading() as session:
        table = SCHEMA.tables.sealed_key
        of_cases = select(table.c.wrapped).where(table.c.kind == "case")
        assert set(await session.scalars(of_cases)) == {b""}


async def test_a_hold_keeps_whoever_declined_as_well(database, world):
    case = await an_open_case(database)
    await say(database, closing.decline_to_take_part, case, case.kim)
    await nights(database, world, 10)
    await hold(database, case.referral_id)
    await nights(database, world, 40)

    assert await name_of(database, case.kim) == "Kim Example"


async def test_a_hold_that_is_being_placed_keeps_what_is_just_about_to_be_destroyed(
    database, world
):
    referral = await a_declined_referral(database)
    await nights(database, world, 1)
    await after_a_long_time(database, world, YEAR)
    await nights(database, world, 30)
    world.advance(DAY)
    edit = await an_edit(database, referral.id)
    work = work_in(database)

    _, gone = await while_held(
        database,
        lambda session: holds.place_hold(session, edit, "A claim was announced"),
        work.destroy,
    )

    assert gone == 0
    assert await rows(database, of="referral") == 1


async def test_what_was_destroyed_a_moment_ago_cannot_be_held_any_more(database, world):
    referral = await a_declined_referral(database)
    edit = await an_edit(database, referral.id)

    async def place():
        async with database.transaction() as session:
            await holds.place_hold(session, edit, "A claim was announced")

    async def destroy(session):
        await case_file.lock(session, referral.id)
        await retention.destroy_matter(
            session, ledger_beside_the_keys(), referral.id, RecordClass.REFERRAL_NOT_TAKEN_UP
        )

    _, refused = await while_held(database, destroy, place)

    assert isinstance(refused, NotThere)
    assert await facts(database) == [
        "referral_received",
        "referral_declined",
        "records_destroyed",
        "person_erased",
    ]
