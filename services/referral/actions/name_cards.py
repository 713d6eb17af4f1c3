"""Answering what people are called, for a colleague's eyes."""

from services.referral import store
from services.referral.store.looks import Seen
from shared.contracts.referral import NameCard, NameCards, NameCardsWanted, Reference
from shared.plumbing.database import Session


async def answer_names(session: Session, ask: NameCardsWanted) -> NameCards:
    """The names, when a member of staff asks; nobody else is told any. Each look is recorded."""
    if not await store.staff.roles_of(session, [ask.asked_by]):
        return NameCards()
    people = await store.people.known(session, ask.person_ids)
    for person_id in people:
        await store.looks.note(session, ask.asked_by, person_id, Seen.NAME)
    references = await store.intake.references(session, ask.referral_ids)
    wanted = dict.fromkeys(ask.person_ids)
    return NameCards(
        cards=tuple(
            NameCard(person_id=person_id, name=people[person_id].name)
            for person_id in wanted
            if person_id in people
        ),
        references=tuple(
            Reference(referral_id=referral_id, reference=reference)
            for referral_id, reference in references.items()
        ),
    )
