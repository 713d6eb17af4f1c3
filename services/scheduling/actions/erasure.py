"""Dropping everything that hangs on a person whose data was destroyed."""

from datetime import datetime
from uuid import UUID

from services.scheduling import store
from services.scheduling.actions.noting import note_person
from services.scheduling.actions.outcomes import end
from services.scheduling.domain import outcomes
from services.scheduling.domain.meetings import State
from shared.contracts.words import CancelReason
from shared.plumbing.audit import Verb
from shared.plumbing.database import Session


async def forget_person(session: Session, person_id: UUID, erased_at: datetime) -> None:
    """Forget the person; a meeting they were still invited to is called off without them.

    What is told of it names those who are left, and nobody else.
    """
    await store.diary.take_the_pen(session, store.people.lock_of(person_id))
    invited = await store.meetings.with_person(session, person_id)
    await store.cases.forget_person(session, person_id, erased_at)
    await store.people.forget_person(session, person_id)
    await store.standings.STANDINGS.forget(session, person_id)
    await store.meetings.forget_person(session, person_id)
    await store.diary.let_go(session, person_id)
    await note_person(
        session, Verb.ERASURE, "person_erased", person_id, ("party", "meeting", "attendance")
    )
    for before in invited:
        if before.state is not State.SCHEDULED or before.has_started(erased_at):
            continue
        meeting = await store.meetings.find(session, before.id)
        assert meeting is not None  # noqa: S101 - it was there a moment ago, and the pen is ours
        reason = CancelReason.NOT_GOING_AHEAD
        await end(
            session,
            outcomes.cancel(meeting, reason, seen=meeting.version, now=erased_at, by=None),
        )
