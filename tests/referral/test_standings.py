"""Who works on a case sees it while they do; whoever stands too near to it sees nothing of it."""

import pytest

from services.referral import handlers
from services.referral.actions import standings
from services.referral.actions.case_file import Edit
from services.referral.domain.standings import (
    AlreadyNoted,
    NotAFacilitator,
    NotOfThisCase,
    NotOnIt,
    TooNear,
)
from shared.contracts.access import AccessRole, Relation
from shared.contracts.referral import ContactPermitWanted, NameCardsWanted, PermitOutcome
from shared.contracts.words import Purpose
from tests.referral.builders import (
    COORDINATOR,
    FACILITATOR,
    PHONE,
    a_newcomer,
    a_safe_contact,
    some_id,
)
from tests.referral.cases import a_waiting_referral, an_open_case, version_of
from tests.referral.standing import ELSEWHERE, keep_from, put_on, staff, stand, take_off
from tests.referral.told import facts
from tests.referral.web import case_path, visiting

FACILITATING = AccessRole.FACILITATOR
BY_PHONE = a_safe_contact(routes=(PHONE,))


async def test_a_facilitator_sees_a_case_while_allocated_to_it_and_not_after(database):
    case = await an_open_case(database)
    seen = []
    async with visiting(database, staff(FACILITATING)) as visit:
        for step in (None, put_on, take_off):
            if step is not None:
                await step(database, case)
            page = await visit.get(case_path(case.referral_id))
            listed = await visit.get("/referral/cases?tab=open")
            seen.append((page.status_code, "Sam Example" in listed.text))

    assert seen == [(404, False), (200, True), (404, False)]


async def test_whoever_works_with_one_party_does_not_see_how_to_reach_the_other(database):
    case = await an_open_case(
        database,
        sam=a_newcomer("Sam Example"),
        kim=a_newcomer("Kim Example", safe_contact=BY_PHONE),
    )
    await put_on(database, case, case.kim)
    async with visiting(database, staff(FACILITATING)) as visit:
        page = await visit.get(case_path(case.referral_id))
        theirs, others = [
            await visit.get(f"{case_path(case.referral_id)}/people/{person}/safe-contact")
            for person in (case.kim, case.sam)
        ]

    assert "07700 900982" in page.text
    assert "sam@example.org" not in page.text
    assert (theirs.status_code, others.status_code) == (200, 404)


async def test_a_coordinator_of_another_area_finds_nothing(database):
    case = await an_open_case(database)
    elsewhere = staff(AccessRole.COORDINATOR, person_id=COORDINATOR, area=ELSEWHERE)
    async with visiting(database, elsewhere) as visit:
        page = await visit.get(case_path(case.referral_id))
        listed = await visit.get("/referral/cases?tab=open")

    assert page.status_code == 404
    assert "Sam Example" not in listed.text


async def test_a_conflict_hides_a_case_from_every_role_and_takes_them_off_it(database):
    case = await an_open_case(database)
    await stand(database, case, Relation.CONFLICT)
    async with visiting(database, staff(*AccessRole)) as visit:
        page = await visit.get(case_path(case.referral_id))
        listed = await visit.get("/referral/cases?tab=open")

    assert page.status_code == 404
    assert "Sam Example" not in listed.text
    assert (await facts(database))[-3:] == [
        "facilitator_allocated",
        "facilitator_released",
        "conflict_declared",
    ]


async def test_a_conflict_that_was_lifted_hides_nothing_any_more(database):
    case = await an_open_case(database)
    await keep_from(database, case)
    edit = Edit(case.referral_id, await version_of(database, case.referral_id), COORDINATOR)
    async with database.transaction() as session:
        await standings.lift_conflict(session, edit, FACILITATOR)
    async with visiting(database, staff(AccessRole.MANAGER)) as visit:
        page = await visit.get(case_path(case.referral_id))

    assert page.status_code == 200


@pytest.mark.parametrize(
    ("who", "party", "refusal"),
    [
        (COORDINATOR, None, NotAFacilitator),
        (some_id(404), None, NotAFacilitator),
        (FACILITATOR, some_id(404), NotOfThisCase),
    ],
)
async def test_only_a_facilitator_is_put_on_a_case_and_only_for_its_parties(
    database, who, party, refusal
):
    case = await an_open_case(database)

    with pytest.raises(refusal):
        await put_on(database, case, party, who)


async def test_nobody_is_put_on_a_case_they_stand_too_near_to(database):
    case = await an_open_case(database)
    await keep_from(database, case)

    with pytest.raises(TooNear):
        await put_on(database, case)


async def test_what_is_so_already_is_not_told_twice(database):
    case = await an_open_case(database)
    await keep_from(database, case)

    with pytest.raises(AlreadyNoted):
        await keep_from(database, case)
    with pytest.raises(NotOnIt):
        await take_off(database, case)


async def test_names_and_references_are_for_those_who_may_know_of_the_case(database):
    case = await an_open_case(database)
    answered = []
    for change in (put_on, keep_from):
        await change(database, case)
        ask = NameCardsWanted(
            person_ids=(case.sam, COORDINATOR),
            referral_ids=(case.referral_id,),
            asked_by=FACILITATOR,
        )
        async with database.transaction() as session:
            cards = await handlers.answer_names(ask, session)
        answered.append(([card.person_id for card in cards.cards], len(cards.references)))

    assert answered == [([case.sam, COORDINATOR], 1), ([COORDINATOR], 0)]


async def test_an_address_is_shown_only_to_whoever_works_with_that_person(database):
    case = await an_open_case(database, sam=a_newcomer(safe_contact=BY_PHONE))
    await put_on(database, case, case.sam)
    shown = []
    for shown_to in (FACILITATOR, COORDINATOR, some_id(404)):
        ask = ContactPermitWanted(
            person_id=case.sam,
            purpose=Purpose.REFERRAL_ACCEPTED,
            intent_id=some_id(77),
            referral_id=case.referral_id,
            case_id=case.case_id,
            shown_to=shown_to,
        )
        async with database.transaction() as session:
            shown.append((await handlers.answer_permit(ask, session)).address)
    await keep_from(database, case, COORDINATOR)
    async with database.transaction() as session:
        hidden = await handlers.answer_permit(
            ask.model_copy(update={"shown_to": COORDINATOR}), session
        )

    assert shown == ["+447700900982", "+447700900982", None]
    assert hidden.address is None


async def test_a_colleague_is_told_nothing_of_what_is_kept_from_them(database):
    referral = await a_waiting_referral(database)
    ask = ContactPermitWanted(
        person_id=COORDINATOR,
        purpose=Purpose.STAFF_NEW_REFERRAL,
        intent_id=some_id(78),
        referral_id=referral.id,
    )
    async with database.transaction() as session:
        before = await handlers.answer_permit(ask, session)
    async with database.transaction() as session:
        await standings.declare_conflict(session, Edit(referral.id, 1, COORDINATOR), COORDINATOR)
    async with database.transaction() as session:
        after = await handlers.answer_permit(ask, session)

    assert before.outcome is PermitOutcome.GRANTED
    assert after.outcome is PermitOutcome.DENIED
