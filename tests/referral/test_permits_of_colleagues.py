"""What colleagues may be told, asked at every attempt: of their areas, while they are on a case."""

import pytest

from services.referral import handlers
from services.referral.actions.staff_areas import set_areas
from shared.contracts.referral import ContactPermitWanted, PermitOutcome
from shared.contracts.words import Purpose
from tests.referral.builders import AREA, COORDINATOR, FACILITATOR, some_id
from tests.referral.cases import a_waiting_referral, an_open_case
from tests.referral.standing import ELSEWHERE, keep_from, put_on, take_off
from tests.referral.told import told

MEETING = (
    Purpose.STAFF_MEETING_BOOKED,
    Purpose.STAFF_MEETING_MOVED,
    Purpose.STAFF_MEETING_CANCELLED,
)


async def allowed(database, person_id, purpose, **about) -> bool:
    ask = ContactPermitWanted(person_id=person_id, purpose=purpose, intent_id=some_id(78), **about)
    async with database.transaction() as session:
        answer = await handlers.answer_permit(ask, session)
    return answer.outcome is PermitOutcome.GRANTED


@pytest.mark.parametrize(
    ("areas", "is_told"),
    [((), True), ((AREA,), True), ((AREA, "other"), True), (("other",), False)],
)
async def test_a_coordinator_is_told_of_new_referrals_of_their_areas_alone(
    database, areas, is_told
):
    other = await another_area(database)
    referral = await a_waiting_referral(database)
    async with database.transaction() as session:
        await set_areas(session, COORDINATOR, [other if one == "other" else one for one in areas])

    asked = {"purpose": Purpose.STAFF_NEW_REFERRAL, "referral_id": referral.id}
    assert await allowed(database, COORDINATOR, **asked) is is_told


async def another_area(database):
    from services.referral.actions.areas import add_area

    async with database.transaction() as session:
        await add_area(session, "Somewhere far away", area_id=ELSEWHERE)
    return ELSEWHERE


async def test_where_somebody_works_is_told_when_it_changes_and_not_otherwise(database):
    for areas in ((), (AREA,), (AREA,), ()):
        async with database.transaction() as session:
            await set_areas(session, COORDINATOR, areas)

    facts = [one for one in await told(database) if one["fact"] == "staff_areas_set"]
    assert [one["area_ids"] for one in facts] == [[str(AREA)], []]


@pytest.mark.parametrize("gone", [take_off, keep_from])
async def test_whoever_is_taken_off_a_case_is_told_of_its_meetings_only_that_one_is_off(
    database, gone
):
    case = await an_open_case(database)
    answers = []
    for step in (None, put_on, gone):
        if step is not None:
            await step(database, case)
        answers.append(
            [await allowed(database, FACILITATOR, one, case_id=case.case_id) for one in MEETING]
        )

    assert answers == [[True, True, True], [True, True, True], [False, False, True]]
