"""Keeps who works on a matter and who may know nothing of it, as referral tells it."""

from uuid import UUID

from services.notifications.actions import turning
from services.notifications.domain import turns
from services.notifications.domain.purposes import ANNOUNCES_A_MEETING
from services.notifications.store import erased, messages
from services.notifications.store.matters import STANDINGS, known_as
from shared.contracts.access import Relation, Standing
from shared.contracts.glass import GlassFact, opened_glass
from shared.contracts.standings import (
    ConflictDeclared,
    FacilitatorReleased,
    StandingFact,
    standings,
)
from shared.contracts.words import SuppressReason
from shared.plumbing.database import Session


async def note(session: Session, fact: StandingFact, version: int) -> None:
    """Keep it, in whatever order it is heard.

    What has not been sent yet to somebody who stands too near is not sent any more; to somebody
    who was taken off the case, no more that a meeting takes place. That one is off they still hear.
    """
    told = standings(fact, version)
    if await erased.any_of(session, fact.person_id, *(one.party_id for one in told)):
        return
    for standing in told:
        await STANDINGS.note(session, standing)
    if isinstance(fact, ConflictDeclared | FacilitatorReleased):
        is_near = isinstance(fact, ConflictDeclared)
        about = await known_as(session, fact.referral_id)
        for message in await messages.unsent_to_staff(session, fact.person_id, about):
            if not is_near and message.purpose not in ANNOUNCES_A_MEETING:
                continue
            turn = turns.suppress(message, SuppressReason.NOT_A_PARTY, session.now())
            await turning.take(session, turn)


async def party_added(session: Session, case_id: UUID, person_id: UUID, version: int) -> None:
    """Whoever is in a case themselves never sees it as staff, even before it is known here."""
    if await erased.any_of(session, person_id):
        return
    await STANDINGS.note(session, Standing(case_id, person_id, Relation.OWN_CASE, version))


async def note_glass(session: Session, fact: GlassFact, version: int) -> None:
    """Somebody opened a matter in an emergency, or closed it before its time."""
    await STANDINGS.glass.note(session, opened_glass(fact, version))
