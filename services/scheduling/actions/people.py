"""Who facilitates here, as referral tells it."""

from uuid import UUID

from services.scheduling import store
from shared.plumbing.database import Session


async def note_facilitator(
    session: Session, person_id: UUID, *, works_here: bool, version: int
) -> None:
    """Keep the latest that was told; meetings already booked with them stay booked."""
    await store.people.note(session, person_id, works_here=works_here, version=version)
