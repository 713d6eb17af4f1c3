"""Walls as notifications hears of them, and that no message tells somebody of what is hidden."""

import pytest

from services.notifications.domain.message import State
from services.notifications.store import matters
from services.notifications.store.matters import STANDINGS, too_near
from shared.contracts.access import AccessRole
from shared.contracts.referral import PartyAdded, PersonErased
from shared.contracts.standings import ConflictDeclared
from shared.contracts.words import Purpose, Side, SuppressReason
from tests.fixtures.staff import a_member_of_staff
from tests.notifications.builders import (
    CORA,
    FAY,
    SAM,
    an_id,
    referral_accepted,
    referral_received,
    session_cancelled,
    session_scheduled,
    staff_joined,
)
from tests.notifications.office import Office

ME = an_id("me")
HERE, ELSEWHERE = an_id("area"), an_id("another area")
COORDINATOR = a_member_of_staff(AccessRole.COORDINATOR, id=ME, areas=[HERE])
CONFLICT = ConflictDeclared(referral_id=an_id("referral"), person_id=ME)


async def test_a_message_whose_case_nobody_has_told_of_waits_to_be_shown(office: Office) -> None:
    await office.hear(session_scheduled(case_id=an_id("unheard"), facilitator_ids=()))
    message = await office.message(Purpose.MEETING_BOOKED)

    async def matter():
        async with office.database.reading() as session:
            return await matters.of_message(session, message.id)

    before = await matter()
    await office.hear(referral_accepted(referral_id=an_id("r9"), case_id=an_id("unheard")))

    assert before is None
    assert await matter() == matters.About(an_id("r9"), SAM)


@pytest.mark.parametrize("late", [False, True])
async def test_where_a_referral_belongs_is_what_was_said_when_it_was_accepted(
    office: Office, late: bool
) -> None:
    facts = [referral_received(area_id=ELSEWHERE), referral_accepted(area_id=HERE)]
    for fact in [*(reversed(facts) if late else facts), *facts]:
        await office.hear(fact)

    async with office.database.reading() as session:
        found = await STANDINGS.relations(session, COORDINATOR, an_id("referral"))
    assert {one.value for one in found} == {"area"}


async def test_no_coordinator_is_told_of_a_referral_they_may_know_nothing_of(
    office: Office,
) -> None:
    for person in (CORA, ME, SAM):
        await office.hear(staff_joined(person))
    await office.hear(CONFLICT)

    await office.hear(referral_received(person_id=SAM))

    told = {one.person_id for one in await office.messages(Purpose.STAFF_NEW_REFERRAL)}
    assert told == {CORA}


async def test_a_facilitator_who_stands_too_near_is_told_of_no_meeting(office: Office) -> None:
    await office.hear(referral_accepted())
    await office.hear(PartyAdded(case_id=an_id("case"), person_id=FAY, side=Side.BOTH))
    await office.hear(CONFLICT)

    await office.hear(session_scheduled(facilitator_ids=(FAY, CORA, ME)))

    told = {one.person_id for one in await office.messages(Purpose.STAFF_MEETING_BOOKED)}
    assert told == {CORA}


async def test_a_conflict_takes_back_what_a_colleague_has_not_been_told_yet(
    office: Office,
) -> None:
    await office.hear(referral_accepted())
    await office.hear(session_scheduled(facilitator_ids=(ME, CORA)))

    await office.hear(CONFLICT)
    await office.send_all()

    about = {one.person_id: one for one in await office.messages(Purpose.STAFF_MEETING_BOOKED)}
    assert (about[ME].state, about[ME].reason) == (State.SUPPRESSED, SuppressReason.NOT_A_PARTY)
    assert about[CORA].state is State.SENT


async def test_whoever_was_told_of_a_meeting_before_is_told_that_it_is_off(office: Office) -> None:
    await office.hear(referral_accepted())
    await office.hear(session_scheduled(facilitator_ids=(ME,)))
    await office.send_all()
    await office.hear(CONFLICT)

    await office.hear(session_cancelled(facilitator_ids=(ME,)))

    [off] = await office.messages(Purpose.STAFF_MEETING_CANCELLED)
    assert off.person_id == ME


async def test_the_walls_of_an_erased_person_are_dropped(office: Office) -> None:
    await office.hear(referral_accepted())
    await office.hear(CONFLICT)

    await office.hear(PersonErased(person_id=ME))

    async with office.database.reading() as session:
        assert await too_near(session, an_id("referral")) == frozenset()
