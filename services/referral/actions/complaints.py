"""Keeping complaints: recording one, and every step until it is closed.

The audit knows a complaint by its own id alone, under which the colleague it is about stands behind
a wall: so it is on no page for them, nor is it found among what was done with whoever complained.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.referral import store
from services.referral.domain import complaints
from services.referral.domain.case_file import NotThere, PageOutOfDate
from services.referral.domain.complaints import Complaint, HowCame, Outcome, Step
from services.referral.store.standings import STANDINGS
from shared.contracts.access import Actor, Relation, Standing
from shared.contracts.refusal import Refusal
from shared.plumbing import audit
from shared.plumbing.database import Session

NOT_FOUND = "There is no referral with this reference."


class NotToday(Refusal):
    """The day lies ahead."""


@dataclass(frozen=True)
class Told:
    """A complaint as it came."""

    came_on: date
    how: HowCame
    said: str
    who: str | None = None
    """Somebody we do not know, and where the answer goes."""
    person_id: UUID | None = None
    about_id: UUID | None = None
    referral_id: UUID | None = None


async def record_complaint(session: Session, told: Told, today: date) -> Complaint:
    """Take a complaint in. Raises NotToday."""
    if told.came_on > today:
        raise NotToday("The day on which it came cannot lie ahead.")
    complaint_id = session.new_id()
    complaint = Complaint(
        id=complaint_id,
        reference=f"C-{complaint_id.hex[-8:].upper()}",
        came_on=told.came_on,
        how=told.how,
        person_id=told.person_id,
        about_id=told.about_id,
        referral_id=told.referral_id,
    )
    await store.complaints.add(session, complaint, told.who, told.said)
    if told.about_id is not None:
        wall = Standing(complaint_id, told.about_id, Relation.CONFLICT, complaint.version)
        await STANDINGS.note(session, wall)
    await _note(session, audit.Verb.COLLECTION, "complaint_received", complaint_id, "complaint")
    return complaint


async def take_step(
    session: Session,
    actor: Actor,
    complaint_id: UUID,
    step: Step,
    words: str | None,
    *,
    outcome: Outcome | None,
    seen_version: int,
    today: date,
) -> Complaint:
    """Do the next thing about a complaint. Raises NotThere, PageOutOfDate or NotNow."""
    await session.lock(f"complaint:{complaint_id}")
    complaint = await seen(session, actor, complaint_id)
    if complaint.version != seen_version:
        raise PageOutOfDate(
            "Somebody has done something about this since you opened the page, so nothing was "
            "saved. Open it again and see whether it is still what you want."
        )
    after = complaints.take(complaint, step, today, outcome)
    await store.complaints.save(session, after)
    await store.complaints.add_step(session, after, step, words, actor.id)
    purpose = f"complaint_{step.value}"
    await _note(session, audit.Verb.ALTERATION, purpose, complaint_id, "complaint")
    return after


async def seen(session: Session, actor: Actor, complaint_id: UUID) -> Complaint:
    """The complaint, when it is there for them. Raises NotThere."""
    found = await store.complaint_reach.find(session, actor, complaint_id)
    if found is None:
        raise NotThere("There is no such complaint.")
    return found


async def referral_called(session: Session, actor: Actor, reference: str) -> UUID:
    """The referral with this reference, when they may know of it. Raises NotThere."""
    found = await store.intake.called(session, reference)
    known = await store.reach.references(session, actor, [found]) if found else {}
    if found is None or found not in known:
        raise NotThere(NOT_FOUND)
    return found


async def _note(
    session: Session, verb: audit.Verb, purpose: str, complaint_id: UUID, *fields: str
) -> None:
    noted = audit.Entry(verb=verb, purpose=purpose, fields=fields, case_id=complaint_id)
    await audit.record(session, noted)
