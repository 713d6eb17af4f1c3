"""Every turn a message can take: from one named state to the next, or a refusal.

Nothing leaves `recalled` or `suppressed`; only `begin` leads to `sending`, and only from
`waiting`; what was sent stays sent.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.notifications.domain import patience
from services.notifications.domain.message import (
    CallReason,
    Message,
    NotNow,
    Reason,
    State,
    UnknownReason,
    WaitReason,
)
from shared.contracts.fact import Fact
from shared.contracts.notifications import (
    MessageFailed,
    MessageRecalled,
    MessageSent,
    MessageSuppressed,
)
from shared.contracts.words import Channel, FailReason, RecallReason, SuppressReason


class Happened(StrEnum):
    """What a message's history is made of."""

    STARTED = "started"
    PUT_OFF = "put_off"
    SENDING = "sending"
    PERMIT_RAN_OUT = "permit_ran_out"
    ACCEPTED = "accepted"
    SERVER_BUSY = "server_busy"
    REFUSED = "refused"
    GAVE_UP = "gave_up"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    NEEDS_A_CALL = "needs_a_call"
    RECALLED = "recalled"
    TRIED_AGAIN = "tried_again"
    SHOWN = "shown"
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    NOT_NEEDED = "not_needed"
    REACHED_TOO_LATE = "reached_too_late"


@dataclass(frozen=True)
class Turn:
    """What becomes of a message, what its history says of it, and what the others are told."""

    message: Message
    happened: Happened | None
    """None for what would only fill the history: another silence."""
    fact: Fact | None = None
    code: int | None = None
    """The mail server's three digits; never its words, which repeat the address."""
    staff_id: UUID | None = None
    """Who did it, when a person did."""


def start(message: Message) -> Turn:
    """A message nobody has tried to send yet."""
    return Turn(message, Happened.STARTED)


def nobody_answered(message: Message, now: datetime) -> Turn:
    """Nobody said whether it may be sent: wait, and do not count it as an attempt."""
    only(message, State.WAITING)
    silences = message.silences + 1
    waits = _waiting(message, WaitReason.NO_ANSWER, patience.ask_again(silences, now), now)
    return Turn(replace(waits, silences=silences), None)


def put_off(message: Message, not_before: datetime, now: datetime) -> Turn:
    """Not safe at this hour: ask again then. The hours waited use up nobody's patience."""
    only(message, State.WAITING)
    due_at = patience.not_sooner(not_before, now)
    waits = _waiting(message, WaitReason.NOT_SAFE_YET, due_at, now)
    return Turn(replace(waits, round_began_at=None, silences=0), Happened.PUT_OFF)


def hold(message: Message, now: datetime) -> Turn:
    """Wait for another message to the same person that is on its way this moment."""
    only(message, State.WAITING)
    waits = replace(message, due_at=now + patience.SHORTEST_WAIT, changed_at=now)
    return Turn(next_version(waits), None)


def begin(message: Message, channel: Channel, now: datetime) -> Turn:
    """Just before the mail server is spoken to. Once stored, it may or may not have been sent."""
    only(message, State.WAITING)
    sending = replace(
        message,
        state=State.SENDING,
        reason=None,
        due_at=None,
        attempts=message.attempts + 1,
        round_began_at=message.round_began_at or now,
        silences=0,
        channel=channel,
        changed_at=now,
    )
    return Turn(next_version(sending), Happened.SENDING)


def permit_ran_out(message: Message, now: datetime) -> Turn:
    """The permit was too old when the time came to speak: nothing was sent, ask again."""
    only(message, State.SENDING)
    waits = _waiting(message, WaitReason.NEW, now, now)
    first = message.attempts == 1
    began = None if first else message.round_began_at
    return Turn(
        replace(waits, attempts=message.attempts - 1, round_began_at=began),
        Happened.PERMIT_RAN_OUT,
    )


def accepted(message: Message, now: datetime) -> Turn:
    """The mail server took it; also when whoever sent it learns so after others lost hope."""
    only(message, State.SENDING, State.UNCERTAIN)
    sent = replace(
        message,
        state=State.SENT,
        reason=None,
        told_at=now,
        facts=message.facts + 1,
        changed_at=now,
    )
    fact = MessageSent(**about(message), channel=Channel.EMAIL)
    return Turn(next_version(sent), Happened.ACCEPTED, fact)


def refused(message: Message, reason: FailReason, code: int | None, now: datetime) -> Turn:
    """The mail server will never take it."""
    only(message, State.WAITING, State.SENDING)
    return _failed(message, reason, code, now, Happened.REFUSED)


def server_busy(message: Message, code: int | None, now: datetime) -> Turn:
    """Surely not taken this time: try again within our patience, or give up."""
    only(message, State.SENDING)
    began = message.round_began_at or now
    again = patience.next_attempt(began, message.attempts, now)
    if again is None:
        return _failed(message, FailReason.GAVE_UP, code, now, Happened.GAVE_UP)
    waits = _waiting(message, WaitReason.MAIL_SERVER_BUSY, again, now)
    return Turn(waits, Happened.SERVER_BUSY, code=code)


def unknown(message: Message, reason: UnknownReason, now: datetime) -> Turn:
    """It may have been taken: never sent again by itself, and its reader may have been told."""
    only(message, State.SENDING)
    uncertain = replace(message, state=State.UNCERTAIN, reason=reason, told_at=now, changed_at=now)
    return Turn(next_version(uncertain), Happened.UNKNOWN)


def ended_before(message: Message, now: datetime) -> Turn:
    """The store was put back from an older copy, and this message had ended since: nobody can say
    here whether by being sent."""
    only(message, State.WAITING)
    uncertain = replace(
        message,
        state=State.UNCERTAIN,
        reason=UnknownReason.STORE_PUT_BACK,
        due_at=None,
        told_at=now,
        changed_at=now,
    )
    return Turn(next_version(uncertain), Happened.UNKNOWN)


def suppress(message: Message, reason: SuppressReason, now: datetime) -> Turn:
    """Not allowed, or no longer worth it: rightly never sent."""
    if not message.is_unsent:
        raise not_now(message)
    suppressed = _ended(message, State.SUPPRESSED, reason, now)
    return Turn(suppressed, Happened.SUPPRESSED, MessageSuppressed(**about(message), reason=reason))


def needs_a_call(message: Message, reason: CallReason, channel: Channel, now: datetime) -> Turn:
    """No machine may do this: somebody rings, texts or writes."""
    only(message, State.WAITING)
    task = replace(
        message,
        state=State.NEEDS_A_CALL,
        reason=reason,
        channel=channel,
        due_at=None,
        silences=0,
        changed_at=now,
    )
    return Turn(next_version(task), Happened.NEEDS_A_CALL)


def recall(message: Message, reason: RecallReason, now: datetime) -> Turn:
    """It is no longer true: taken back before anybody saw it."""
    if not message.is_unsent:
        raise not_now(message)
    recalled = _ended(message, State.RECALLED, reason, now)
    return Turn(recalled, Happened.RECALLED, MessageRecalled(**about(message), reason=reason))


def only(message: Message, *states: State) -> None:
    """Refuse unless the message is in one of these states."""
    if message.state not in states:
        raise not_now(message)


def not_now(message: Message) -> NotNow:
    """The refusal for a message in the wrong state, in words fit to show."""
    return NotNow(f"{_AS_IT_STANDS[message.state]} So that cannot be done now.")


_AS_IT_STANDS: dict[State, str] = {
    State.WAITING: "This message is waiting to be sent.",
    State.SENDING: "This message is being sent at this moment.",
    State.SENT: "This message has been sent.",
    State.FAILED: "This message could not be delivered.",
    State.SUPPRESSED: "This message was not allowed, or came too late.",
    State.RECALLED: "This was taken back, because it is no longer true.",
    State.UNCERTAIN: "Nobody can say whether this message arrived.",
    State.NEEDS_A_CALL: "Somebody has to do this by hand.",
}


def next_version(message: Message) -> Message:
    return replace(message, version=message.version + 1)


def _waiting(message: Message, reason: WaitReason, due_at: datetime, now: datetime) -> Message:
    waits = replace(message, state=State.WAITING, reason=reason, due_at=due_at, changed_at=now)
    return next_version(waits)


def _ended(message: Message, state: State, reason: Reason, now: datetime) -> Message:
    ended = replace(
        message,
        state=state,
        reason=reason,
        due_at=None,
        facts=message.facts + 1,
        changed_at=now,
    )
    return next_version(ended)


def _failed(
    message: Message, reason: FailReason, code: int | None, now: datetime, happened: Happened
) -> Turn:
    failed = _ended(message, State.FAILED, reason, now)
    return Turn(failed, happened, MessageFailed(**about(message), reason=reason), code=code)


def about(message: Message) -> dict[str, Any]:
    """What every fact about this message says."""
    return {
        "message_id": message.id,
        "person_id": message.person_id,
        "purpose": message.purpose,
        "referral_id": message.subject.referral_id,
        "case_id": message.subject.case_id,
        "session_id": message.subject.session_id,
    }
