"""What notifications knows of people: who works here, and whom to forget."""

from collections.abc import Collection
from uuid import UUID

from services.notifications.actions import turning
from services.notifications.domain import turns
from services.notifications.store import erased as erased_people
from services.notifications.store import messages, staff
from services.notifications.store.matters import STANDINGS
from shared.contracts.words import RecallReason, Role
from shared.plumbing import audit
from shared.plumbing.database import Session


async def joined(session: Session, person_id: UUID, role: Role, version: int) -> None:
    if await erased_people.any_of(session, person_id):
        return
    await staff.note(session, person_id, role, works_here=True, version=version)
    await _note(session, audit.Verb.ALTERATION, "staff_joined", person_id, "role")


async def left(session: Session, person_id: UUID, role: Role, version: int) -> None:
    if await erased_people.any_of(session, person_id):
        return
    await staff.note(session, person_id, role, works_here=False, version=version)
    await _note(session, audit.Verb.ALTERATION, "staff_left", person_id, "role")


async def works_in(
    session: Session, person_id: UUID, area_ids: Collection[UUID], version: int
) -> None:
    """Somebody works in these areas from now on, or everywhere."""
    await staff.note_areas(session, person_id, area_ids, version)
    await _note(session, audit.Verb.ALTERATION, "staff_areas_set", person_id, "area")


async def erased(session: Session, person_id: UUID) -> None:
    """Take back everything unsent. What stays is an id that leads to nobody any more."""
    await erased_people.remember(session, person_id)
    for message in await messages.unsent_to(session, person_id):
        turn = turns.recall(message, RecallReason.PERSON_ERASED, session.now())
        await turning.take(session, turn)
    await staff.forget(session, person_id)
    await STANDINGS.forget(session, person_id)
    await _note(session, audit.Verb.ERASURE, "person_erased", person_id, "message", "role")


async def _note(
    session: Session, verb: audit.Verb, purpose: str, person_id: UUID, *fields: str
) -> None:
    entry = audit.Entry(verb=verb, purpose=purpose, fields=fields, person_id=person_id)
    await audit.record(session, entry)
