"""How a meeting ends: held, not held, called off, or moved. Each of them once."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.scheduling.domain import booking
from services.scheduling.domain.booking import BROUGHT_TOGETHER, Circumstances, Proposal
from services.scheduling.domain.meetings import Meeting, State, Step, state_after
from services.scheduling.domain.refusals import AlreadyStarted, CannotBook, CannotRecord, NotYet
from shared.contracts.referral import MeetingGrant
from shared.contracts.scheduling import (
    Attended,
    SessionCancelled,
    SessionCompleted,
    SessionMissed,
    SessionRescheduled,
    SessionScheduled,
)
from shared.contracts.words import (
    Attendance,
    CancelReason,
    MeetingKind,
    MoveReason,
    NotHeldReason,
)

TOOK_PART = frozenset({Attendance.ATTENDED, Attendance.LATE})


def complete(
    meeting: Meeting, attendance: tuple[Attended, ...], *, seen: int, now: datetime, by: UUID
) -> tuple[Meeting, SessionCompleted] | None:
    """Record that the meeting was held and who took part; nothing when that is known already.

    Raises AlreadyEnded, PageIsStale, NotYet, or CannotRecord when the attendance does not fit.
    """
    if meeting.state is State.COMPLETED and _by_person(meeting.attendance) == _by_person(
        attendance
    ):
        return None
    state = state_after(meeting, Step.COMPLETE, seen)
    if not meeting.has_started(now):
        raise NotYet
    _refuse_unfit(meeting, attendance)
    held = _ended(meeting, state, now, by, attendance=attendance)
    return held, SessionCompleted(
        session_id=meeting.id,
        case_id=meeting.case_id,
        kind=meeting.kind,
        started_at=meeting.starts_at,
        attended=attendance,
    )


def miss(
    meeting: Meeting, reason: NotHeldReason, *, seen: int, now: datetime, by: UUID
) -> tuple[Meeting, SessionMissed] | None:
    """Record that a meeting that was due did not happen; nothing when that is known already.

    Raises AlreadyEnded, PageIsStale or NotYet.
    """
    if meeting.state is State.MISSED and meeting.reason is reason:
        return None
    state = state_after(meeting, Step.MISS, seen)
    if not meeting.has_started(now):
        raise NotYet
    return _ended(meeting, state, now, by, reason=reason), SessionMissed(
        session_id=meeting.id, case_id=meeting.case_id, kind=meeting.kind, reason=reason
    )


def cancel(
    meeting: Meeting, reason: CancelReason, *, seen: int, now: datetime, by: UUID | None
) -> tuple[Meeting, SessionCancelled] | None:
    """Call off a meeting that has not begun; nothing when that was done already.

    Raises AlreadyEnded, PageIsStale or AlreadyStarted.
    """
    if meeting.state is State.CANCELLED and meeting.reason is reason:
        return None
    state = state_after(meeting, Step.CANCEL, seen)
    if meeting.has_started(now):
        raise AlreadyStarted
    return _ended(meeting, state, now, by, reason=reason), SessionCancelled(
        session_id=meeting.id,
        case_id=meeting.case_id,
        kind=meeting.kind,
        reason=reason,
        facilitator_ids=meeting.facilitator_ids,
        participant_ids=meeting.participant_ids,
    )


def move(
    meeting: Meeting,
    to: Proposal,
    grant: MeetingGrant,
    around: Circumstances,
    *,
    reason: MoveReason,
    seen: int,
    now: datetime,
    by: UUID,
) -> tuple[Meeting, SessionRescheduled, Meeting, SessionScheduled]:
    """Give up a meeting for a successor at another time or place, or with other facilitators.

    The old one keeps what was planned, so that it can be seen later. Raises what `check_move`
    and `booking.book` raise.
    """
    state = check_move(meeting, to, seen=seen, now=now)
    successor, scheduled = booking.book(to, grant, around, now=now, by=by, replaces=meeting.id)
    left = _ended(meeting, state, now, by, reason=reason, replaced_by=successor.id)
    told = SessionRescheduled(
        session_id=meeting.id, successor_id=successor.id, case_id=meeting.case_id, reason=reason
    )
    return left, told, successor, scheduled


def check_move(meeting: Meeting, to: Proposal, *, seen: int, now: datetime) -> State:
    """Refuse a move that cannot be: AlreadyEnded, PageIsStale, AlreadyStarted, CannotBook.

    A successor is the same meeting of the same people: whoever wants other people cancels this
    one and books another.
    """
    state = state_after(meeting, Step.MOVE, seen)
    if meeting.has_started(now):
        raise AlreadyStarted
    same_people = set(to.participant_ids) == set(meeting.participant_ids)
    if (to.case_id, to.kind) != (meeting.case_id, meeting.kind) or not same_people:
        raise CannotBook(["A meeting can be moved, but not given to other people."])
    if (to.starts_at, to.ends_at, to.venue_id, set(to.facilitator_ids)) == (
        meeting.starts_at,
        meeting.ends_at,
        meeting.venue_id,
        set(meeting.facilitator_ids),
    ):
        raise CannotBook(["Nothing has changed: choose another time, venue or facilitator."])
    return state


def _ended(
    meeting: Meeting,
    state: State,
    now: datetime,
    by: UUID | None,
    *,
    reason: CancelReason | MoveReason | NotHeldReason | None = None,
    attendance: tuple[Attended, ...] = (),
    replaced_by: UUID | None = None,
) -> Meeting:
    return replace(
        meeting,
        state=state,
        version=meeting.version + 1,
        ended_at=now,
        ended_by=by,
        reason=reason,
        attendance=attendance,
        replaced_by=replaced_by,
    )


def _refuse_unfit(meeting: Meeting, attendance: tuple[Attended, ...]) -> None:
    if sorted(one.person_id for one in attendance) != sorted(meeting.participant_ids):
        raise CannotRecord("Say for each person invited how they took part.")
    present = sum(one.attendance in TOOK_PART for one in attendance)
    if not present:
        raise CannotRecord("Nobody took part, so the meeting was not held. Record that instead.")
    if meeting.kind is MeetingKind.JOINT and present < BROUGHT_TOGETHER:
        raise CannotRecord(
            "A joint meeting needs at least two who took part. "
            "If only one came, record that it was not held."
        )


def _by_person(attendance: tuple[Attended, ...]) -> dict[UUID, Attendance]:
    return {one.person_id: one.attendance for one in attendance}
