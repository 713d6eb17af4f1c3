"""What is kept of messages goes ninety days after their end, and never while it is held."""

import itertools
from datetime import timedelta

import pytest

from services.notifications.actions.retention import KEEPINGS
from services.notifications.store import SCHEMA
from shared.contracts.lifecycle import HoldLifted, HoldPlaced, RecordsDestroyed
from shared.contracts.retention import periods
from shared.plumbing.retention import Work
from tests.notifications.builders import (
    DAY,
    an_id,
    referral_accepted,
    referral_received,
    session_scheduled,
)
from tests.notifications.office import Office

REFERRAL, CASE = referral_accepted().referral_id, referral_accepted().case_id
PLACED = HoldPlaced(referral_id=REFERRAL, case_id=CASE)
LIFTED = HoldLifted(referral_id=REFERRAL, case_id=CASE)
GONE = RecordsDestroyed(referral_id=REFERRAL, case_id=CASE)


async def nights(office: Office, number: int) -> None:
    work = Work(office.database, KEEPINGS, periods(""))
    for _ in range(number):
        office.world.advance(DAY)
        await work.night()


async def a_letter(office: Office) -> None:
    await office.hear(referral_received())
    await office.hear(referral_accepted())
    await office.send_all()


async def test_a_message_that_was_sent_goes_ninety_days_and_thirty_after_its_end(office: Office):
    await a_letter(office)
    assert len(await office.messages()) == 2
    until = max(one.matters_until for one in await office.messages()) - office.world.now()

    await nights(office, until.days + 90 + 29)
    assert len(await office.messages()) == 2
    await nights(office, 3)

    assert await office.messages() == []


async def test_what_waits_for_somebody_is_never_destroyed(office: Office):
    await office.hear(referral_received())
    await nights(office, 200)

    assert len(await office.messages()) == 1


async def test_who_was_told_of_a_meeting_far_ahead_is_known_until_it_is_over(office: Office):
    await office.hear(referral_accepted())
    far = office.world.now() + timedelta(days=300)
    fact = session_scheduled(starts_at=far, ends_at=far + timedelta(hours=1))
    await office.hear(fact)
    await office.send_all()
    told = len([one for one in await office.messages() if one.subject.session_id])
    await nights(office, 200)

    assert told
    assert len([one for one in await office.messages() if one.subject.session_id]) == told


@pytest.mark.parametrize(
    "order",
    [
        order
        for length in (1, 2, 3)
        for order in itertools.permutations([(PLACED, 11), (LIFTED, 12), (PLACED, 13)], length)
    ],
    ids=lambda order: "-".join(str(version) for _, version in order),
)
async def test_what_is_held_by_the_last_that_was_told_is_kept_in_whatever_order(
    office: Office, order
):
    await a_letter(office)
    for fact, version in order:
        await office.hear(fact, sequence=version)
    await nights(office, 140)

    is_held = max(version for _, version in order) != 12
    assert bool(await office.messages()) is is_held


async def test_what_referral_destroyed_is_dropped_here_and_a_repeat_changes_nothing(office: Office):
    await a_letter(office)
    await office.hear(session_scheduled(case_id=CASE))
    await office.hear(referral_received(referral_id=an_id("another"), person_id=an_id("zoe")))
    for _ in range(2):
        await office.hear(GONE)

    [left] = await office.messages()
    assert left.subject.referral_id == an_id("another")
    async with office.database.reading() as session:
        for name in ("meeting", "standing", "held_matter", "declined_referral"):
            assert (await session.execute(SCHEMA.metadata.tables[name].select())).all() == []
        matters = (await session.execute(SCHEMA.metadata.tables["matter"].select())).all()
    assert [row.referral_id for row in matters] == [an_id("another")]


async def test_a_hold_that_comes_after_the_mark_keeps_it_and_lifting_it_gives_thirty_days_more(
    office: Office,
):
    await a_letter(office)
    until = max(one.matters_until for one in await office.messages()) - office.world.now()
    await nights(office, until.days + 90 + 10)
    await office.hear(PLACED)
    await nights(office, 60)
    assert len(await office.messages()) == 2

    await office.hear(LIFTED)
    await nights(office, 30)
    assert len(await office.messages()) == 2
    await nights(office, 1)
    assert await office.messages() == []
