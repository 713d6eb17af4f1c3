"""Counting as the facts come in, on both databases, and counting it all again."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.reporting import actions, store
from services.reporting.domain import Outcomes, Period
from services.reporting.rebuild import CannotRebuild, rebuild
from shared.contracts.fact import Envelope, Fact
from shared.contracts.referral import AreaNamed, ReferralAccepted, ReferralDeclined
from shared.contracts.scheduling import SessionCancelled
from shared.contracts.words import CancelReason, DeclineReason, Matter, MeetingKind, Side, Source
from shared.plumbing import inbox
from shared.plumbing.database import Database
from tests.reporting.facts import AREA, a_completed_meeting, a_received_referral

START = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
SPRING = Period.between("2026-01", "2026-03")

Told = list[tuple[Envelope, Fact]]


def envelope(number: int, fact: Fact, at: datetime, sequence: int = 1) -> Envelope:
    return Envelope(
        id=UUID(int=number),
        source=fact.teller(),
        type=fact.subject,
        subject=fact.aggregate_id,
        sequence=sequence,
        time=at,
        correlation=UUID(int=number),
    )


def a_quarter(referrals: int = 12) -> Told:
    """Three months of referrals; every third is declined, the others meet after some days."""
    facts: list[tuple[Fact, datetime]] = [(AreaNamed(area_id=AREA, label="Northfields"), START)]
    for number in range(referrals):
        at = START + timedelta(days=6 * number)
        referral_id, case_id = UUID(int=1000 + number), UUID(int=2000 + number)
        source = (Source.SELF, Source.POLICE)[number % 2]
        facts.append((a_received_referral(referral_id=referral_id, source=source), at))
        if number % 3 == 2:
            declined = ReferralDeclined(
                referral_id=referral_id, person_id=UUID(int=9), reason=DeclineReason.SIGNPOSTED
            )
            facts.append((declined, at + timedelta(days=1)))
            continue
        accepted = ReferralAccepted(
            referral_id=referral_id,
            case_id=case_id,
            person_id=UUID(int=9),
            side=Side.BOTH,
            matter=Matter.NEIGHBOUR_DISPUTE,
            area_id=AREA,
        )
        facts.append((accepted, at + timedelta(days=1)))
        met = at + timedelta(days=4 + number)
        meeting = a_completed_meeting(
            session_id=UUID(int=3000 + number), case_id=case_id, started_at=met
        )
        facts.append((meeting, met + timedelta(hours=1)))
    return [(envelope(number, fact, at), fact) for number, (fact, at) in enumerate(facts, 1)]


async def hear(database: Database, told: Told) -> None:
    """As the bus does: inbox row and effect in one transaction, a repeat does nothing."""
    for about, fact in told:
        async with database.transaction() as session:
            if await inbox.is_new(session, about, f"reporting-{about.source}"):
                await actions.count(session, fact, about)


async def measured(database: Database, period: Period = SPRING):
    async with database.reading() as session:
        return await store.measures(session, period)


def stream(told: Told):
    async def read():
        for each in told:
            yield each

    return read


async def test_a_quarter_is_counted_by_month_source_and_area(any_store):
    database = await any_store(store.SCHEMA)

    await hear(database, a_quarter())

    measures = await measured(database)
    assert measures.received == Outcomes(accepted=8, declined=4, waiting=0)
    assert [row[:2] for row in measures.by_month.rows] == [
        ("January 2026", 3),
        ("February 2026", 5),
        ("March 2026", 4),
    ]
    assert [row for row in measures.by_source.rows if row[1]] == [
        ("The person themselves", 6, 4, 2, 0),
        ("Police", 6, 4, 2, 0),
    ]
    assert measures.by_area.rows == (("Northfields", 12, 8, 4, 0),)
    assert measures.meetings.rows[0][1] > 0
    assert measures.waits.not_yet == 0


async def test_repeats_and_any_order_give_the_same_figures(any_store):
    in_order, shuffled = await any_store(store.SCHEMA), await any_store(store.SCHEMA)
    told = a_quarter()
    mixed = told + told[::3]
    random.Random(7).shuffle(mixed)

    await hear(in_order, told)
    await hear(shuffled, mixed)

    assert await measured(in_order) == await measured(shuffled)


async def test_a_rebuild_gives_the_same_figures_as_the_day_did(any_store):
    by_day, rebuilt = await any_store(store.SCHEMA), await any_store(store.SCHEMA)
    told = a_quarter()
    await hear(by_day, told)

    facts = await rebuild(rebuilt, stream(told))

    assert facts == len(told)
    assert await measured(rebuilt) == await measured(by_day)


async def test_a_rebuild_takes_wrong_counts_away_and_later_repeats_change_nothing(any_store):
    database = await any_store(store.SCHEMA)
    told = a_quarter()
    await hear(database, told)
    before = await measured(database)
    async with database.transaction() as session:
        wrong = envelope(999, a_received_referral(), START)
        await actions.count(session, a_received_referral(referral_id=UUID(int=77)), wrong)
    assert await measured(database) != before

    await rebuild(database, stream(told))
    await hear(database, told)

    assert await measured(database) == before


async def test_a_fact_counted_while_the_streams_were_read_is_not_lost(any_store):
    database = await any_store(store.SCHEMA)
    told = a_quarter()
    await hear(database, told[:-1])
    readings = []

    async def read():
        readings.append(len(readings))
        if len(readings) == 1:
            for each in told[:-1]:
                yield each
            await hear(database, told[-1:])
        else:
            for each in told:
                yield each

    await rebuild(database, read)

    assert len(readings) == 2
    by_day = await any_store(store.SCHEMA)
    await hear(by_day, told)
    assert await measured(database) == await measured(by_day)


async def test_a_fact_being_counted_while_the_counts_are_replaced_is_not_lost(any_store):
    database = await any_store(store.SCHEMA)
    told = a_quarter()
    await hear(database, told[:-1])
    readings = []

    async def read():
        readings.append(len(readings))
        for each in told if len(readings) > 1 else told[:-1]:
            yield each

    about, fact = told[-1]
    async with database.transaction() as session:
        await inbox.is_new(session, about, f"reporting-{about.source}")
        await actions.count(session, fact, about)
        await session.flush()
        rebuilding = asyncio.create_task(rebuild(database, read))
        await asyncio.wait([rebuilding], timeout=0.5)
    await rebuilding

    by_day = await any_store(store.SCHEMA)
    await hear(by_day, told)
    assert await measured(database) == await measured(by_day)


async def test_different_facts_that_come_in_while_reading_are_no_sign_of_loss(any_store):
    database = await any_store(store.SCHEMA)
    told = a_quarter()
    await hear(database, told[:-2])
    readings = []

    async def read():
        readings.append(len(readings))
        so_far = len(told) - 3 + len(readings)
        for each in told[:so_far]:
            yield each
        await hear(database, told[so_far : so_far + 1])

    assert await rebuild(database, read) == len(told)


async def test_streams_that_have_lost_facts_do_not_take_the_counts_away(any_store):
    database = await any_store(store.SCHEMA)
    told = a_quarter()
    await hear(database, told)
    before = await measured(database)

    with pytest.raises(CannotRebuild, match="lack 5 facts"):
        await rebuild(database, stream(told[:-5]))

    assert await measured(database) == before


async def test_a_rebuild_tells_nobody_anything(any_store):
    database = await any_store(store.SCHEMA)

    await rebuild(database, stream(a_quarter()))

    async with database.reading() as session:
        found = await session.execute(store.SCHEMA.tables.outbox.select())
        assert found.all() == []


async def test_a_cancelled_meeting_counts_as_called_off(any_store):
    database = await any_store(store.SCHEMA)
    cancelled = SessionCancelled(
        session_id=UUID(int=1),
        case_id=UUID(int=2),
        kind=MeetingKind.JOINT,
        reason=CancelReason.NOT_GOING_AHEAD,
        facilitator_ids=(),
        participant_ids=(),
    )

    await hear(database, [(envelope(1, cancelled, START), cancelled)])

    assert (await measured(database)).meetings.rows[1] == ("Joint meetings", 0, 0, 1)
