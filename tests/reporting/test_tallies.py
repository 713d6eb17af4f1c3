"""The tallies behind the report always say what counting every row again would say."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.reporting import actions, store
from services.reporting.domain import (
    By,
    CaseCount,
    Cell,
    Outcomes,
    Period,
    ReferralCount,
    difference,
    measure,
)
from services.reporting.rebuild import rebuild
from shared.contracts.referral import AreaNamed, ReferralAccepted, ReferralDeclined
from shared.contracts.scheduling import SessionCancelled, SessionMissed
from shared.contracts.words import (
    CancelReason,
    DeclineReason,
    Matter,
    MeetingKind,
    NotHeldReason,
    Side,
    Source,
)
from shared.plumbing import inbox
from tests.reporting.facts import (
    CASE,
    REFERRAL,
    a_completed_meeting,
    a_received_referral,
    accepted,
    around,
)
from tests.reporting.from_rows import counted_from_rows

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
PERIODS = [Period.between("2026-01", last) for last in ("2026-01", "2026-03")]

REFERRALS, CASES, SESSIONS, AREAS = (
    st.sampled_from([UUID(int=of + number) for number in range(3)]) for of in (10, 20, 30, 40)
)
KINDS = st.sampled_from(MeetingKind)
MOMENTS = st.integers(0, 80).map(lambda days: NEW_YEAR + timedelta(days=days))

RECEIVED = st.builds(
    a_received_referral,
    referral_id=REFERRALS,
    source=st.sampled_from([Source.SELF, Source.POLICE]),
    area_id=AREAS,
)
ACCEPTED = st.builds(
    ReferralAccepted,
    referral_id=REFERRALS,
    case_id=CASES,
    person_id=st.just(UUID(int=9)),
    side=st.just(Side.BOTH),
    matter=st.just(Matter.NEIGHBOUR_DISPUTE),
    area_id=AREAS,
)
DECLINED = st.builds(
    ReferralDeclined,
    referral_id=REFERRALS,
    person_id=st.just(UUID(int=9)),
    reason=st.just(DeclineReason.SIGNPOSTED),
)
HELD = st.builds(
    a_completed_meeting, session_id=SESSIONS, case_id=CASES, kind=KINDS, started_at=MOMENTS
)
MISSED = st.builds(
    SessionMissed,
    session_id=SESSIONS,
    case_id=CASES,
    kind=KINDS,
    reason=st.just(NotHeldReason.PARTICIPANT_UNWELL),
)
CANCELLED = st.builds(
    SessionCancelled,
    session_id=SESSIONS,
    case_id=CASES,
    kind=KINDS,
    reason=st.just(CancelReason.NOT_GOING_AHEAD),
    facilitator_ids=st.just(()),
    participant_ids=st.just(()),
)
NAMED = st.builds(AreaNamed, area_id=AREAS, label=st.sampled_from(["North", "South"]))

# Those that change how long somebody waited come often: only there two rows make one number.
FACTS = st.one_of(RECEIVED, ACCEPTED, HELD, RECEIVED, ACCEPTED, HELD, DECLINED, MISSED, CANCELLED)
TOLD = st.lists(st.tuples(FACTS | NAMED, MOMENTS), max_size=25)


async def miscounted(database):
    async with database.reading() as session:
        return await store.miscounted(session)


async def shown(database, period=PERIODS[-1]):
    async with database.reading() as session:
        return await store.measures(session, period)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(told=TOLD, again=st.lists(st.integers(0, 24), max_size=5))
# A referral heard of after its acceptance and its meeting; two referrals that share a case; a
# case that is another one the second time; a meeting that was held earlier than the one known.
@example(
    told=[
        (accepted(), NEW_YEAR),
        (a_completed_meeting(), NEW_YEAR),
        (a_received_referral(), NEW_YEAR),
        (accepted(referral_id=UUID(int=10)), NEW_YEAR),
        (a_received_referral(referral_id=UUID(int=10)), NEW_YEAR + timedelta(days=40)),
        (a_completed_meeting(session_id=UUID(int=6), started_at=NEW_YEAR), NEW_YEAR),
        (accepted(case_id=UUID(int=20)), NEW_YEAR),
    ],
    again=[2, 0, 1],
)
async def test_tallies_equal_a_recount_after_any_facts_in_any_order_with_repeats(
    any_store_kept, told, again
):
    database = any_store_kept
    told = told + [told[place] for place in again if place < len(told)]
    async with database.transaction() as session:
        await store.replace_everything(session, [])
    async with database.transaction() as session:
        for number, (fact, at) in enumerate(told, 1):
            await actions.count(session, fact, around(fact, at, number))

    assert await miscounted(database) == {}
    for period in PERIODS:
        assert await shown(database, period) == await counted_from_rows(database, period)


@pytest.fixture
async def any_store_kept(any_store):
    """One store for all examples: each begins by emptying it."""
    return await any_store(store.SCHEMA)


async def test_a_rebuild_writes_the_tallies_the_day_wrote(any_store):
    by_day, rebuilt = await any_store(store.SCHEMA), await any_store(store.SCHEMA)
    told = [
        (around(fact, NEW_YEAR, number), fact)
        for number, fact in enumerate(
            (a_received_referral(), accepted(), a_completed_meeting(), accepted()), 1
        )
    ]
    for about, fact in told:
        async with by_day.transaction() as session:
            await actions.count(session, fact, about)

    async def read():
        for each in told:
            yield each

    await rebuild(rebuilt, read)

    assert await miscounted(rebuilt) == {}
    assert await shown(rebuilt) == await shown(by_day)
    assert (await shown(rebuilt)).waits.met == 1


async def test_what_two_streams_tell_of_one_case_at_the_same_time_is_counted_once_each(any_store):
    database = await any_store(store.SCHEMA)
    await _heard(database, a_received_referral(), 1)

    taken, met = accepted(), a_completed_meeting()
    async with database.transaction() as session:
        await inbox.is_new(session, around(taken, NEW_YEAR, 2), "reporting-referral")
        await actions.count(session, taken, around(taken, NEW_YEAR, 2))
        meanwhile = asyncio.create_task(_heard(database, met, 3))
        await asyncio.wait([meanwhile], timeout=0.5)
    await meanwhile

    waits = (await shown(database)).waits
    assert (waits.met, waits.not_yet) == (1, 0)
    assert await miscounted(database) == {}


async def test_many_facts_of_two_streams_at_once_leave_no_tally_wrong_and_nobody_stuck(any_store):
    database = await any_store(store.SCHEMA)
    cases = [(UUID(int=100 + each), UUID(int=200 + each)) for each in range(20)]

    async def referral():
        for number, (referral_id, case_id) in enumerate(cases, 1):
            await _heard(database, a_received_referral(referral_id=referral_id), 1000 + number)
            taken = accepted(referral_id=referral_id, case_id=case_id)
            await _heard(database, taken, 2000 + number)

    async def scheduling():
        for number, (_, case_id) in enumerate(cases, 1):
            held = a_completed_meeting(session_id=UUID(int=300 + number), case_id=case_id)
            await _heard(database, held, 3000 + number)

    await asyncio.gather(referral(), scheduling())

    waits = (await shown(database)).waits
    assert (waits.met, waits.not_yet) == (len(cases), 0)
    assert await miscounted(database) == {}


async def test_a_tally_that_is_wrong_is_found_and_a_rebuild_puts_it_right(any_store):
    database = await any_store(store.SCHEMA)
    about, fact = around(a_received_referral(), NEW_YEAR), a_received_referral()
    tally = store.SCHEMA.metadata.tables["tally"]
    async with database.transaction() as session:
        await actions.count(session, fact, about)
        await session.execute(
            tally.update().where(tally.c.counted_by == "source").values(number=tally.c.number + 3)
        )

    [(cell, by)] = (await miscounted(database)).items()
    assert (cell.counted_by, cell.value, cell.outcome, by) == ("source", "self", "waiting", 3)

    async def read():
        yield about, fact

    await rebuild(database, read)

    assert await miscounted(database) == {}


async def test_a_referral_and_its_case_that_change_together_move_a_tally_once(any_store):
    database = await any_store(store.SCHEMA)
    for number, fact in enumerate((a_received_referral(), accepted()), 1):
        await _heard(database, fact, number)

    async with database.transaction() as session:
        referral = await store.find(session, ReferralCount, REFERRAL)
        case = await store.find(session, CaseCount, CASE)
        received = replace(referral, received_at=NEW_YEAR + timedelta(days=1))
        met = replace(case, first_met_at=NEW_YEAR + timedelta(days=5))
        await store.save(session, (referral, received), (case, met))

    assert await miscounted(database) == {}
    assert (await shown(database)).waits.median_days == 4


def test_numbers_change_in_the_same_order_whatever_changed_them():
    cells = [
        Cell(month, By.AREA, area, "waiting")
        for month in PERIODS[-1].months()
        for area in ("a", "b")
    ]
    before = {cells[4]: 1, cells[1]: 2, cells[2]: 1}
    after = {cells[5]: 1, cells[2]: 1, cells[0]: 3}

    moved = difference(before, after)

    assert list(moved.items()) == [(cells[0], 3), (cells[1], -2), (cells[4], -1), (cells[5], 1)]


async def _heard(database, fact, number):
    """As the bus does: inbox row and effect in one transaction."""
    about = around(fact, NEW_YEAR, number)
    async with database.transaction() as session:
        if await inbox.is_new(session, about, f"reporting-{about.source}"):
            await actions.count(session, fact, about)


@given(st.lists(st.integers(-2, 400), min_size=1))
def test_waiting_times_from_tallies_are_those_of_the_referrals_put_in_order_one_by_one(waits):
    months = {month: Outcomes() for month in PERIODS[-1].months()}
    tallied = {days: waits.count(days) for days in waits}

    found = measure(
        PERIODS[-1],
        by_month=months,
        by_source={},
        by_area={},
        labels={},
        meetings={},
        waits=tallied,
        not_yet=0,
    ).waits

    assert (found.met, found.median_days) == (len(waits), median(waits))
    assert type(found.median_days) is type(median(waits))
    assert found.nine_in_ten_days == sorted(waits)[-(-len(waits) * 9 // 10) - 1]
