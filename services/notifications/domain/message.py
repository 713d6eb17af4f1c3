"""One message to one person: what it is for, and which of eight named states it is in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID, uuid5

from shared.contracts.refusal import Refusal
from shared.contracts.words import Channel, FailReason, Purpose, RecallReason, SuppressReason


class State(StrEnum):
    """Where a message stands. Every message ends in one of the last six, and says why."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    RECALLED = "recalled"
    UNCERTAIN = "uncertain"
    NEEDS_A_CALL = "needs_a_call"


class WaitReason(StrEnum):
    """Why a message still waits."""

    NEW = "new"
    NOT_SAFE_YET = "not_safe_yet"
    NO_ANSWER = "no_answer"
    MAIL_SERVER_BUSY = "mail_server_busy"
    TRIED_AGAIN_BY_STAFF = "tried_again_by_staff"


class CallReason(StrEnum):
    """Why a person has to do this, rather than a machine."""

    NO_SAFE_ELECTRONIC_ROUTE = "no_safe_electronic_route"
    NEEDS_A_WORD_TO_AVOID = "needs_a_word_to_avoid"


class UnknownReason(StrEnum):
    """Why nobody can say whether the mail server took a message."""

    CUT_OFF_AFTER_SENDING = "cut_off_after_sending"
    STOPPED_WHILE_SENDING = "stopped_while_sending"
    STORE_PUT_BACK = "store_put_back"


class CallOutcome(StrEnum):
    """How a task for a person was closed; none while it is open."""

    DONE = "done"
    NOT_NEEDED = "not_needed"


Reason: TypeAlias = (
    WaitReason | FailReason | SuppressReason | RecallReason | CallReason | UnknownReason
)

REASONS: dict[State, type[Reason] | None] = {
    State.WAITING: WaitReason,
    State.SENDING: None,
    State.SENT: None,
    State.FAILED: FailReason,
    State.SUPPRESSED: SuppressReason,
    State.RECALLED: RecallReason,
    State.UNCERTAIN: UnknownReason,
    State.NEEDS_A_CALL: CallReason,
}
"""The kind of reason each state carries."""


@dataclass(frozen=True)
class Subject:
    """What a message is about: opaque ids, passed on when a permit is asked for."""

    referral_id: UUID | None = None
    case_id: UUID | None = None
    session_id: UUID | None = None


@dataclass(frozen=True)
class Message:
    """One message to one person about one thing that happened. Never what it says, or where to."""

    id: UUID
    event_id: UUID
    person_id: UUID
    purpose: Purpose
    subject: Subject
    created_at: datetime
    matters_until: datetime
    """From this moment it is too late to send it: nobody is told of a meeting that was."""
    changed_at: datetime
    due_at: datetime | None
    """When to try next; none unless it waits."""
    version: int = 1
    """One higher at each change: whoever changes it says which version they saw."""
    facts: int = 0
    """How many facts were told about it."""
    state: State = State.WAITING
    reason: Reason | None = WaitReason.NEW
    attempts: int = 0
    """How often the mail server was spoken to about it, or was about to be."""
    round_began_at: datetime | None = None
    """The first of the attempts that share one stretch of patience."""
    silences: int = 0
    """How often in a row nobody answered whether it may be sent."""
    channel: Channel | None = None
    told_at: datetime | None = None
    """When the person learnt of it, or may have: sent, uncertain, or told by somebody."""
    repeats: int = 0
    """How often somebody chose to send it again although it may have arrived."""
    outcome: CallOutcome | None = None

    @property
    def is_open_task(self) -> bool:
        """Whether somebody still has to ring, text or write."""
        return self.state is State.NEEDS_A_CALL and self.outcome is None

    @property
    def is_unsent(self) -> bool:
        """Whether it can still be taken back."""
        return self.state is State.WAITING or self.is_open_task


def intent_id(event_id: UUID, person_id: UUID, purpose: Purpose) -> UUID:
    """The one id a message about this event, to this person, for this purpose can have."""
    return uuid5(event_id, f"{person_id}/{purpose}")


class NotNow(Refusal):
    """The message is in a state in which this cannot be done to it."""

    status = 409
