"""What a meeting is, and the one table of what may become of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.scheduling.domain.refusals import AlreadyEnded, PageIsStale
from shared.contracts.scheduling import Attended
from shared.contracts.words import CancelReason, MeetingKind, MoveReason, NotHeldReason


class State(StrEnum):
    """Where a meeting stands. Whether it was held is one thing, who came is another."""

    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class Step(StrEnum):
    """What may be done with a meeting."""

    COMPLETE = "complete"
    MISS = "miss"
    CANCEL = "cancel"
    MOVE = "move"


TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.SCHEDULED, Step.COMPLETE): State.COMPLETED,
    (State.SCHEDULED, Step.MISS): State.MISSED,
    (State.SCHEDULED, Step.CANCEL): State.CANCELLED,
    (State.SCHEDULED, Step.MOVE): State.SUPERSEDED,
}
"""Whatever is not in this table is refused: a meeting ends once, and is never edited after."""

HOLDS_ITS_TIME = frozenset({State.SCHEDULED, State.COMPLETED})
"""A meeting in one of these states keeps its people and its place from other meetings."""

ENDED_WORDS: dict[State, str] = {
    State.COMPLETED: "This meeting has already been recorded as held.",
    State.MISSED: "This meeting has already been recorded as not held.",
    State.CANCELLED: "This meeting has been cancelled.",
    State.SUPERSEDED: "This meeting has been moved to another time or place.",
}

Reason = CancelReason | MoveReason | NotHeldReason


@dataclass(frozen=True)
class Meeting:
    """One meeting of one case, from its booking to its end; facts call it a session."""

    id: UUID
    case_id: UUID
    kind: MeetingKind
    starts_at: datetime
    ends_at: datetime
    venue_id: UUID
    facilitator_ids: tuple[UUID, ...]
    participant_ids: tuple[UUID, ...]
    booked_by: UUID
    booked_at: datetime
    grant_id: UUID | None
    state: State = State.SCHEDULED
    version: int = 1
    replaces: UUID | None = None
    """The meeting this one was moved from."""
    replaced_by: UUID | None = None
    """The meeting this one was moved to."""
    reason: Reason | None = None
    """Why it was cancelled, moved or not held; its kind follows from the state."""
    attendance: tuple[Attended, ...] = ()
    ended_by: UUID | None = None
    """The member of staff who decided; nobody when permission for the meeting was revoked."""
    ended_at: datetime | None = None

    def has_started(self, at: datetime) -> bool:
        """Whether it was due to begin at or before this moment."""
        return self.starts_at <= at

    def is_overdue(self, at: datetime) -> bool:
        """Whether it should be over, and nobody has said yet what became of it."""
        return self.state is State.SCHEDULED and self.ends_at <= at


def state_after(meeting: Meeting, step: Step, seen: int) -> State:
    """Return the state this step leads to.

    `seen` is the version that was on the page. Raises AlreadyEnded when the table has no such
    step, PageIsStale when the meeting changed since it was shown.
    """
    try:
        state = TRANSITIONS[meeting.state, step]
    except KeyError:
        raise AlreadyEnded(f"{ENDED_WORDS[meeting.state]} What you sent was not stored.") from None
    if meeting.version != seen:
        raise PageIsStale
    return state
