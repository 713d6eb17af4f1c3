"""What the scheduling service tells: meetings booked, moved, called off, held or not held."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.contracts.fact import Fact
from shared.contracts.frozen import Frozen
from shared.contracts.words import (
    Attendance,
    CancelReason,
    MeetingKind,
    MoveReason,
    NotHeldReason,
)


class SessionScheduled(Fact):
    """A meeting is booked: time, place and people are held for it."""

    subject: ClassVar[str] = "scheduling.session_scheduled.v1"
    about: ClassVar[str] = "session_id"

    session_id: UUID
    case_id: UUID
    kind: MeetingKind
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    venue_id: UUID
    facilitator_ids: tuple[UUID, ...]
    participant_ids: tuple[UUID, ...]
    replaces: UUID | None = None
    """The meeting this one was moved from; none when it is new."""


class SessionRescheduled(Fact):
    """A booked meeting was given up for a successor, which is told as scheduled on its own."""

    subject: ClassVar[str] = "scheduling.session_rescheduled.v1"
    about: ClassVar[str] = "session_id"

    session_id: UUID
    successor_id: UUID
    case_id: UUID
    reason: MoveReason


class SessionCancelled(Fact):
    """A booked meeting was called off and has no successor."""

    subject: ClassVar[str] = "scheduling.session_cancelled.v1"
    about: ClassVar[str] = "session_id"

    session_id: UUID
    case_id: UUID
    kind: MeetingKind
    reason: CancelReason
    facilitator_ids: tuple[UUID, ...]
    participant_ids: tuple[UUID, ...]


class SessionMissed(Fact):
    """A meeting that was due did not happen."""

    subject: ClassVar[str] = "scheduling.session_missed.v1"
    about: ClassVar[str] = "session_id"

    session_id: UUID
    case_id: UUID
    kind: MeetingKind
    reason: NotHeldReason


class Attended(Frozen):
    """How one invited person took part."""

    person_id: UUID
    attendance: Attendance


class SessionCompleted(Fact):
    """A meeting was held; who of those invited took part is in it, what was said never is."""

    subject: ClassVar[str] = "scheduling.session_completed.v1"
    about: ClassVar[str] = "session_id"

    session_id: UUID
    case_id: UUID
    kind: MeetingKind
    started_at: AwareDatetime
    attended: tuple[Attended, ...]
