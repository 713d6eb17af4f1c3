"""A case opened in an emergency, as notifications hears of it, and where coordinators work."""

from datetime import timedelta

import pytest

from services.notifications.domain.message import State
from shared.contracts.access import AccessRole
from shared.contracts.glass import BreakGlassEnded, BreakGlassOpened
from shared.contracts.referral import PersonErased
from shared.contracts.staff_areas import StaffAreasSet
from shared.contracts.standings import (
    ConflictDeclared,
    FacilitatorAllocated,
    FacilitatorReleased,
)
from shared.contracts.words import Purpose, SuppressReason
from tests.fixtures.staff import a_member_of_staff, as_staff
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
from tests.notifications.desk import Desk
from tests.notifications.office import Office

ME = an_id("me")
HERE, ELSEWHERE = an_id("area"), an_id("another area")
HOUR = timedelta(minutes=60)
ABOUT = {"glass_id": an_id("glass"), "referral_id": an_id("referral"), "person_id": ME}
THEM = {"referral_id": an_id("referral"), "person_id": FAY}
ALLOCATED, RELEASED = FacilitatorAllocated(**THEM), FacilitatorReleased(**THEM)


async def test_messages_of_an_opened_case_are_seen_for_an_hour_and_nobody_is_rung(
    desk: Desk,
) -> None:
    await desk.office.hear(session_scheduled(participant_ids=(SAM,), facilitator_ids=()))
    [message] = await desk.office.messages()
    as_staff(desk.browser, a_member_of_staff(AccessRole.FACILITATOR, id=ME))
    world = desk.office.world
    until = world.now() + HOUR
    seen = [(await desk.get(f"/messages/{message.id}")).status_code]
    for fact, sequence in (
        (BreakGlassOpened(**ABOUT, until=until), 1),
        (BreakGlassEnded(**ABOUT, until=until), 2),
        (BreakGlassOpened(**ABOUT | {"glass_id": an_id("second")}, until=until), 1),
    ):
        await desk.office.hear(fact, sequence=sequence)
        seen.append((await desk.get(f"/messages/{message.id}")).status_code)
    listed = str(message.id) in (await desk.get("/")).text
    rung = (await desk.post(f"/calls/{message.id}/reach")).status_code
    world.advance(HOUR)
    seen.append((await desk.get(f"/messages/{message.id}")).status_code)

    assert seen == [404, 200, 404, 200, 404]
    assert listed
    assert rung == 404
    assert desk.referral.wanted == []


async def told(office: Office, purpose: Purpose = Purpose.STAFF_NEW_REFERRAL):
    return {one.person_id for one in await office.messages(purpose)}


@pytest.mark.parametrize(
    ("areas", "is_told"),
    [((), True), ((HERE,), True), ((HERE, ELSEWHERE), True), ((ELSEWHERE,), False)],
)
async def test_a_new_referral_is_told_to_coordinators_of_its_area_alone(
    office: Office, areas, is_told
) -> None:
    for person in (CORA, ME):
        await office.hear(staff_joined(person))
    await office.hear(StaffAreasSet(person_id=ME, area_ids=areas), sequence=2)

    await office.hear(referral_received())

    assert await told(office) == ({CORA, ME} if is_told else {CORA})


async def test_where_somebody_works_is_what_was_said_last_in_whatever_order_it_is_heard(
    office: Office,
) -> None:
    facts = {2: (ELSEWHERE,), 3: (HERE,)}
    for sequence in (3, 2, 3):
        fact = StaffAreasSet(person_id=ME, area_ids=facts[sequence])
        await office.hear(fact, sequence=sequence)
    await office.hear(staff_joined(ME))

    await office.hear(referral_received())

    assert await told(office) == {ME}


async def test_a_coordinator_of_the_area_behind_a_wall_is_told_nothing(office: Office) -> None:
    await office.hear(staff_joined(ME))
    await office.hear(StaffAreasSet(person_id=ME, area_ids=(HERE,)), sequence=2)
    await office.hear(ConflictDeclared(referral_id=an_id("referral"), person_id=ME))

    await office.hear(referral_received())

    assert await told(office) == set()


async def test_where_an_erased_colleague_worked_is_forgotten(office: Office) -> None:
    await office.hear(StaffAreasSet(person_id=ME, area_ids=(HERE,)), sequence=2)
    await office.hear(PersonErased(person_id=ME))

    async with office.database.reading() as session:
        table = office.database.schema.metadata.tables["staff_area"]
        assert (await session.execute(table.select())).all() == []


async def test_who_is_taken_off_a_case_is_not_told_any_more_that_it_has_a_meeting(
    office: Office,
) -> None:
    await office.hear(referral_accepted())
    await office.hear(ALLOCATED, sequence=2)
    await office.hear(session_scheduled(facilitator_ids=(FAY, CORA)))
    await office.hear(RELEASED, sequence=3)
    await office.send_all()
    await office.hear(session_scheduled("second", facilitator_ids=(FAY, CORA)))

    about = await office.messages(Purpose.STAFF_MEETING_BOOKED)
    to_fay = [one for one in about if one.person_id == FAY]
    assert [(one.state, one.reason) for one in to_fay] == [
        (State.SUPPRESSED, SuppressReason.NOT_A_PARTY)
    ]
    assert len([one for one in about if one.person_id == CORA]) == 2


async def test_who_was_told_of_a_meeting_before_is_told_that_it_is_off_because_they_must_not_come(
    office: Office,
) -> None:
    await office.hear(referral_accepted())
    await office.hear(ALLOCATED, sequence=2)
    await office.hear(session_scheduled(facilitator_ids=(FAY,)))
    await office.send_all()
    await office.hear(RELEASED, sequence=3)

    await office.hear(session_cancelled(facilitator_ids=(FAY,)))

    assert await told(office, Purpose.STAFF_MEETING_CANCELLED) == {FAY}


async def test_who_is_on_the_case_again_is_told_of_its_meetings_again(office: Office) -> None:
    await office.hear(referral_accepted())
    for sequence, fact in enumerate((ALLOCATED, RELEASED, ALLOCATED), 2):
        await office.hear(fact, sequence=sequence)

    await office.hear(session_scheduled(facilitator_ids=(FAY,)))

    assert await told(office, Purpose.STAFF_MEETING_BOOKED) == {FAY}
