"""A facilitator who is taken off a case while they are booked for it: somebody has to be told."""

import pytest

from services.scheduling.domain.refusals import CannotBook
from shared.contracts.access import AccessRole
from shared.contracts.referral import StaffLeft
from shared.contracts.standings import (
    ConflictDeclared,
    FacilitatorAllocated,
    FacilitatorReleased,
)
from shared.contracts.words import Role
from tests.fixtures.staff import a_member_of_staff, as_staff
from tests.scheduling.builders import (
    AREA,
    CASE,
    COLLEAGUE,
    FACILITATOR,
    MEETING,
    REFERRAL,
    a_proposal,
    some_id,
)
from tests.scheduling.office import an_office, book
from tests.scheduling.test_handlers import hear

THEM = {"referral_id": REFERRAL, "person_id": FACILITATOR}
ALLOCATED, RELEASED = FacilitatorAllocated(**THEM), FacilitatorReleased(**THEM)
CONFLICT = ConflictDeclared(**THEM)
LEFT = StaffLeft(person_id=FACILITATOR, role=Role.FACILITATOR)
NEEDED = "These meetings need a facilitator"
COORDINATOR = a_member_of_staff(AccessRole.COORDINATOR, id=some_id(801), areas=[AREA])


@pytest.fixture
async def booked(desk):
    """A joint meeting that the facilitator of the case is booked for."""
    await hear(desk.database, ALLOCATED, sequence=3)
    await book(desk.database, a_proposal())
    as_staff(desk.browser, COORDINATOR)
    return desk


@pytest.mark.parametrize(
    ("gone", "why"),
    [
        (RELEASED, "no longer works on the case"),
        (CONFLICT, "no longer works on the case"),
        (LEFT, "no longer works here"),
    ],
)
async def test_a_meeting_whose_facilitator_is_gone_asks_coordinators_for_another(booked, gone, why):
    before = (await booked.get("/")).text
    await hear(booked.database, gone, sequence=4)
    pages = [(await booked.get(path)).text for path in ("/", f"/sessions/{MEETING}")]
    case = (await booked.get(f"/cases/{CASE}")).text

    assert NEEDED not in before
    assert NEEDED in pages[0]
    assert f"/scheduling/sessions/{MEETING}" in pages[0]
    assert "Needs a facilitator" in case
    for page in pages:
        assert why in page
    assert "needs a facilitator who works here and on the case" in pages[1]


async def test_once_they_are_on_the_case_again_nothing_needs_attention(booked):
    await hear(booked.database, RELEASED, sequence=4)
    await hear(booked.database, ALLOCATED, sequence=5)

    assert NEEDED not in (await booked.get("/")).text


async def test_who_never_worked_on_the_case_may_lead_its_meetings_all_the_same(desk):
    await book(desk.database, a_proposal())

    assert NEEDED not in (await desk.get("/")).text


async def test_what_needs_a_facilitator_is_hidden_with_its_case(booked):
    await hear(booked.database, RELEASED, sequence=4)
    elsewhere = a_member_of_staff(AccessRole.COORDINATOR, id=COORDINATOR.id, areas=[some_id(9)])
    as_staff(booked.browser, elsewhere)

    assert NEEDED not in (await booked.get("/")).text


async def test_a_meeting_that_is_over_needs_nobody_any_more(booked):
    await hear(booked.database, RELEASED, sequence=4)
    booked.world.advance(a_proposal().ends_at - booked.world.now())

    assert NEEDED not in (await booked.get("/")).text


async def test_whoever_was_taken_off_a_case_is_not_offered_and_cannot_be_booked(any_store, world):
    database = await an_office(any_store, world)
    await hear(database, ALLOCATED, sequence=3)
    await hear(database, RELEASED, sequence=4)

    with pytest.raises(CannotBook, match="no longer works on this case"):
        await book(database, a_proposal())
    await book(database, a_proposal(facilitator_ids=(COLLEAGUE,)))


async def test_the_form_does_not_offer_whoever_was_taken_off(booked):
    await hear(booked.database, RELEASED, sequence=4)

    form = (await booked.get(f"/sessions/{MEETING}/move")).text

    assert str(FACILITATOR) not in form
    assert str(COLLEAGUE) in form
