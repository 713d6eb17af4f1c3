"""What has been kept long enough is marked, waits, and is destroyed; and never what is held."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.referral import store
from services.referral.actions import closing, monitoring
from services.referral.domain.monitoring import AgeBand, Answers, Ethnicity, Gender
from services.referral.domain.people import ERASED_NAME
from services.referral.store import SCHEMA
from shared.contracts.retention import RULES, RecordClass
from shared.plumbing import alarms
from shared.plumbing.columns import Blob
from shared.plumbing.retention import ClockNotBelieved, confirm_clock
from tests.referral.cases import a_waiting_referral, an_open_case, both_agree, say
from tests.referral.ending import (
    DAY,
    a_declined_referral,
    after_a_long_time,
    an_edit,
    close,
    marked,
    name_of,
    nights,
    rows,
    work_in,
)
from tests.referral.told import facts, told

YEAR = RULES[RecordClass.REFERRAL_NOT_TAKEN_UP].period
SIX_YEARS = RULES[RecordClass.CLOSED_CASE].period


async def test_a_referral_not_taken_up_is_marked_after_a_year_and_destroyed_thirty_days_later(
    database, world
):
    referral = await a_declined_referral(database)
    await nights(database, world, 1)
    await after_a_long_time(database, world, YEAR - 2 * DAY)
    await nights(database, world, 1)
    assert await marked(database) == {referral.id}

    await nights(database, world, 29)
    assert await rows(database, of="referral") == 1
    await nights(database, world, 1)

    assert await rows(database, of="referral") == 0
    assert await rows(database, of="timeline_entry") == 0
    assert await name_of(database, referral.person_id) == ERASED_NAME
    assert (await facts(database))[-2:] == ["records_destroyed", "person_erased"]
    assert await marked(database) == set()


async def test_a_day_too_early_nothing_is_marked(database, world):
    await a_declined_referral(database)
    await nights(database, world, 1)
    await after_a_long_time(database, world, YEAR - 3 * DAY)
    await nights(database, world, 1)

    assert await marked(database) == set()


async def test_a_closed_case_goes_whole_after_six_years_and_another_stays(database, world):
    case = await an_open_case(database)
    await both_agree(database, case)
    await close(database, case)
    other = await a_waiting_referral(database, 2)
    await nights(database, world, 1)
    await after_a_long_time(database, world, SIX_YEARS)
    await nights(database, world, 31)

    assert [await rows(database, of=name) for name in ("case_file", "party", "agreement")] == [
        0
    ] * 3
    for person_id in (case.sam, case.kim):
        assert await name_of(database, person_id) == ERASED_NAME
    assert await name_of(database, other.person_id) == "Sam Example"
    gone = [fact for fact in await told(database) if fact["fact"] == "person_erased"]
    assert {fact["person_id"] for fact in gone} == {str(case.sam), str(case.kim)}


async def test_whoever_works_here_stays_when_their_own_old_case_goes(database, world):
    referral = await a_declined_referral(database)
    async with database.transaction() as session:
        await store.accounts.open_account(session, referral.person_id)
    await nights(database, world, 1)
    await after_a_long_time(database, world, YEAR)
    await nights(database, world, 31)

    assert await rows(database, of="referral") == 0
    assert await name_of(database, referral.person_id) == "Sam Example"
    assert "person_erased" not in await facts(database)


async def test_somebody_who_declines_is_reduced_to_three_answers_that_lead_to_nobody(
    database, world
):
    case = await an_open_case(database)
    edit = await an_edit(database, case.referral_id)
    answers = Answers(AgeBand.FROM_25_TO_44, Gender.FEMALE, Ethnicity.MIXED)
    async with database.transaction() as session:
        await monitoring.record_answers(session, edit, case.kim, answers)
    await say(database, closing.decline_to_take_part, case, case.kim)
    await nights(database, world, 31)

    async with database.reading() as session:
        ((reduced, number),) = await store.monitoring.counted(session)
        left = await store.monitoring.find(session, case.kim)
    assert (reduced.answers, number, reduced.quarter.isoformat()) == (answers, 1, "2026-01-01")
    assert left == Answers()
    assert await name_of(database, case.kim) == ERASED_NAME
    assert await name_of(database, case.sam) == "Sam Example"
    columns = set(store.monitoring.DECLINED.c.keys())
    assert columns == {"area_id", "quarter", "age_band", "gender", "ethnicity", "number"}
    await nights(database, world, 40)
    async with database.reading() as session:
        assert [number for _, number in await store.monitoring.counted(session)] == [1]


async def test_whoever_takes_part_after_all_in_time_is_not_reduced(database, world):
    case = await an_open_case(database)
    await say(database, closing.decline_to_take_part, case, case.kim)
    await nights(database, world, 20)
    await say(database, closing.take_part_after_all, case, case.kim)
    await nights(database, world, 40)

    assert await name_of(database, case.kim) == "Kim Example"


async def test_f32_a_clock_that_jumps_destroys_nothing_until_somebody_confirms_it(database, world):
    referral = await a_declined_referral(database)
    work = work_in(database)
    await work.night()
    world.advance(timedelta(days=3))

    for step in (work.night, work.mark, work.destroy, work.sweep):
        with pytest.raises(ClockNotBelieved):
            await step()
    world.advance(timedelta(days=-3))
    with pytest.raises(ClockNotBelieved):
        await work.night()  # put right again, it is still for a person to say so
    async with database.reading() as session:
        assert [one.kind for one in await alarms.newest(session)] == [
            alarms.Kind.CLOCK_NOT_BELIEVED
        ]
    assert await rows(database, of="referral") == 1

    async with database.transaction() as session:
        assert await confirm_clock(session)
    await work.night()
    assert await marked(database) == set()
    assert await name_of(database, referral.person_id) == "Sam Example"


async def test_f32_a_jump_that_somebody_confirmed_in_error_still_destroys_nothing_at_once(
    database, world
):
    await a_declined_referral(database)
    work = work_in(database)
    await nights(database, world, 1)
    for _ in range(3):
        world.advance(20 * YEAR)
        async with database.transaction() as session:
            await confirm_clock(session)
        await work.night()

    assert len(await marked(database)) == 1
    assert await rows(database, of="referral") == 1


async def test_what_an_operator_keeps_for_longer_loses_its_mark_and_stays(database, world):
    await a_declined_referral(database)
    await nights(database, world, 1)
    await after_a_long_time(database, world, YEAR)
    await nights(database, world, 29)
    assert len(await marked(database)) == 1

    await nights(database, world, 10, work_in(database, "referral_not_taken_up=800"))

    assert await marked(database) == set()
    assert await rows(database, of="referral") == 1


async def test_a_night_that_is_worked_through_twice_does_the_same_once(database, world):
    await a_declined_referral(database)
    await nights(database, world, 1)
    await after_a_long_time(database, world, YEAR)
    await nights(database, world, 31)
    before = await facts(database)
    for _ in range(3):
        await work_in(database).night()

    assert await facts(database) == before


async def test_what_is_destroyed_is_in_the_audit_by_its_ids_and_class(database, world):
    referral = await a_declined_referral(database)
    await nights(database, world, 1)
    await after_a_long_time(database, world, YEAR)
    await nights(database, world, 31)

    entry = SCHEMA.tables.audit.entry
    async with database.reading() as session:
        erased = select(entry).where(entry.c.verb == "erasure").order_by(entry.c.id)
        found = (await session.execute(erased)).all()
    assert {(one.referral_id, one.person_id, one.purpose) for one in found} == {
        (referral.id, None, "referral_not_taken_up"),
        (None, referral.person_id, "erase_person"),
    }


async def test_settled_events_and_old_forms_go_and_open_ones_stay(database, world):
    event, key = SCHEMA.tables.parked_event, SCHEMA.tables.idempotency_key
    async with database.transaction() as session:
        for state in ("resolved", "discarded", "parked", "retry_asked"):
            await session.execute(event.insert(), an_event(session, state))
        await session.execute(key.insert(), a_key(session))
    await nights(database, world, 1)
    await after_a_long_time(database, world, timedelta(days=90))
    await nights(database, world, 31)

    async with database.reading() as session:
        assert set(await session.scalars(select(event.c.state))) == {"parked", "retry_asked"}
        assert (await session.execute(select(key))).all() == []


def an_event(session, state):
    return {
        "id": session.new_id(),
        "consumer": "referral-notifications",
        "event_key": state,
        "subject": "notifications.message_sent.v1",
        "stream_seq": 1,
        "about_id": None,
        "headers": Blob(b"sealed"),
        "body": Blob(b"sealed"),
        "error_code": "value_error",
        "state": state,
        "parked_at": session.now(),
        "changed_at": session.now(),
        "reason": None,
    }


def a_key(session):
    return {
        "key_digest": b"k" * 32,
        "salt": b"s" * 16,
        "fingerprint": b"f" * 32,
        "status": 303,
        "body": b"/",
        "remembered_at": session.now(),
    }
