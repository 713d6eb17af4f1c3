"""Answering what people are called, for a colleague's eyes."""

from services.referral import store
from shared.contracts.referral import NameCard, NameCards, NameCardsWanted, Reference
from shared.plumbing import audit
from shared.plumbing.database import Session


async def answer_names(session: Session, ask: NameCardsWanted) -> NameCards:
    """The names, when a member of staff asks; nobody else is told any. Each look is recorded."""
    roles = (await store.staff.roles_of(session, [ask.asked_by])).get(ask.asked_by)
    if not roles:
        return NameCards()
    people = await store.people.known(session, ask.person_ids)
    shown = audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose="name_cards",
        fields=("name",),
        asker=audit.Asker(ask.asked_by, audit.roles_in_order(roles)),
    )
    await audit.record(session, *audit.about_each(people, shown))
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
