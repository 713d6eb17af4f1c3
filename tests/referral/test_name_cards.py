"""What people and cases are called, answered to colleagues from a real store."""

from services.referral import handlers, store
from shared.contracts.referral import NameCardsWanted, Reference
from tests.referral.builders import COORDINATOR, some_id
from tests.referral.cases import an_open_case
from tests.referral.test_answers import looks


async def test_names_are_for_colleagues_and_each_look_is_recorded(database):
    case = await an_open_case(database)
    wanted = (case.kim, case.sam, some_id(404))
    async with database.transaction() as session:
        cards = await handlers.answer_names(
            NameCardsWanted(person_ids=wanted, asked_by=COORDINATOR), session
        )
    async with database.transaction() as session:
        nothing = await handlers.answer_names(
            NameCardsWanted(person_ids=wanted, asked_by=case.sam), session
        )

    assert [(card.person_id, card.name) for card in cards.cards] == [
        (case.kim, "Kim Example"),
        (case.sam, "Sam Example"),
    ]
    assert nothing.cards == ()
    assert cards.references == ()
    assert sorted(await looks(database)) == sorted(
        [(COORDINATOR, case.kim, "name"), (COORDINATOR, case.sam, "name")]
    )


async def test_colleagues_are_told_what_a_case_is_called_and_nobody_else_is(database):
    case = await an_open_case(database)
    wanted = (case.referral_id, some_id(404))
    answered = []
    for asked_by in (COORDINATOR, case.sam):
        ask = NameCardsWanted(person_ids=(), referral_ids=wanted, asked_by=asked_by)
        async with database.transaction() as session:
            answered.append((await handlers.answer_names(ask, session)).references)

    async with database.reading() as session:
        referral = await store.intake.find(session, case.referral_id)
    assert referral is not None
    assert answered == [
        (Reference(referral_id=case.referral_id, reference=referral.reference),),
        (),
    ]
