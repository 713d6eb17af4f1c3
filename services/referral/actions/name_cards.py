"""Answering what people are called, for a colleague's eyes."""

from services.referral import store
from services.referral.actions.access import colleague
from shared.contracts.referral import NameCard, NameCards, NameCardsWanted, Reference
from shared.plumbing import audit
from shared.plumbing.database import Session


async def answer_names(session: Session, ask: NameCardsWanted) -> NameCards:
    """The names a member of staff may know, each look recorded; nobody else is told any."""
    actor = await colleague(session, ask.asked_by)
    if actor is None:
        return NameCards()
    may_know = await store.reach.people(session, actor, ask.person_ids)
    people = await store.people.known(session, may_know)
    shown = audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose="name_cards",
        fields=("name",),
        asker=audit.Asker(actor.id, audit.roles_in_order(actor.roles)),
    )
    await audit.record(session, *audit.about_each(people, shown))
    references = await store.reach.references(session, actor, ask.referral_ids)
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
