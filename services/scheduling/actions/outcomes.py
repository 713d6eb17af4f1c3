"""Recording what became of a meeting, and calling one off."""

from datetime import datetime
from uuid import UUID

from services.scheduling import store
from services.scheduling.actions.cases import note_waiting
from services.scheduling.actions.noting import note_meeting
from services.scheduling.domain import outcomes
from services.scheduling.domain.meetings import HOLDS_ITS_TIME, Meeting, State
from services.scheduling.domain.refusals import NotKnown
from shared.contracts.scheduling import Attended, SessionCancelled, SessionCompleted, SessionMissed
from shared.contracts.words import CancelReason, NotHeldReason
from shared.plumbing import outbox
from shared.plumbing.database import Session

Decided = tuple[Meeting, SessionCompleted | SessionMissed | SessionCancelled] | None
"""The meeting as it ended and what is told of it; nothing when it had ended so before."""


async def complete(
    session: Session, meeting_id: UUID, attendance: tuple[Attended, ...], *, seen: int, by: UUID
) -> None:
    """Record that the meeting was held and who took part; a repeat changes nothing.

    Raises NotKnown, and what `domain.outcomes.complete` raises.
    """
    meeting = await _still(session, meeting_id)
    await end(session, outcomes.complete(meeting, attendance, seen=seen, now=session.now(), by=by))


async def miss(
    session: Session, meeting_id: UUID, reason: NotHeldReason, *, seen: int, by: UUID
) -> None:
    """Record that a meeting that was due did not happen; a repeat changes nothing.

    Raises NotKnown, and what `domain.outcomes.miss` raises.
    """
    meeting = await _still(session, meeting_id)
    await end(session, outcomes.miss(meeting, reason, seen=seen, now=session.now(), by=by))


async def cancel(
    session: Session, meeting_id: UUID, reason: CancelReason, *, seen: int, by: UUID
) -> None:
    """Call the meeting off; a repeat changes nothing.

    Raises NotKnown, and what `domain.outcomes.cancel` raises.
    """
    meeting = await _still(session, meeting_id)
    await end(session, outcomes.cancel(meeting, reason, seen=seen, now=session.now(), by=by))


async def stop_meeting(
    session: Session, meeting_id: UUID, grant_id: UUID, revoked_at: datetime
) -> bool:
    """Call off a meeting whose permission is gone, or keep it from being booked at all.

    One that had begun when the permission went is left to whoever was there to record. Returns
    whether a booked meeting was called off.
    """
    await store.diary.take_the_pen(session)
    await store.meetings.note_revoked(session, meeting_id, grant_id, revoked_at)
    meeting = await store.meetings.find(session, meeting_id)
    if meeting is None or meeting.state is not State.SCHEDULED or meeting.has_started(revoked_at):
        return False
    await end(
        session,
        outcomes.cancel(
            meeting,
            CancelReason.NOT_GOING_AHEAD,
            seen=meeting.version,
            now=revoked_at,
            by=None,
        ),
    )
    return True


async def _still(session: Session, meeting_id: UUID) -> Meeting:
    """The meeting, which nobody else changes until this transaction ends."""
    await store.diary.take_the_pen(session)
    meeting = await store.meetings.find(session, meeting_id)
    if meeting is None:
        raise NotKnown("meeting")
    return meeting


async def end(session: Session, decided: Decided) -> None:
    """Store and tell how a meeting ended, and let its case wait again if it must."""
    if decided is None:
        return
    meeting, told = decided
    await store.meetings.save_end(session, meeting)
    if meeting.state not in HOLDS_ITS_TIME:
        await store.diary.release(session, meeting.id)
    await outbox.record(session, told, version=meeting.version)
    await note_meeting(session, f"meeting_{meeting.state}", meeting, "meeting", "attendance")
    await note_waiting(session, meeting.case_id)
