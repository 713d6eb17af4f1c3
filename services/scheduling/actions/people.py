"""Who facilitates here, as referral tells it."""

from uuid import UUID

from services.scheduling import store
from services.scheduling.actions.noting import note_person
from shared.plumbing.audit import Verb
from shared.plumbing.database import Session


async def note_facilitator(
    session: Session, person_id: UUID, *, works_here: bool, version: int
) -> None:
    """Keep the latest that was told; meetings already booked with them stay booked."""
    if await store.people.is_forgotten(session, person_id):
        return
    await store.people.note(session, person_id, works_here=works_here, version=version)
    await note_person(session, Verb.ALTERATION, "facilitator_noted", person_id, ("role",))
