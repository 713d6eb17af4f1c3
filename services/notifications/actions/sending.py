"""The short transactions between which a message is sent, each deciding anew whether it may be."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.notifications.actions import meetings as meeting_actions
from services.notifications.actions import turning
from services.notifications.domain import turns
from services.notifications.domain.message import Message, State, UnknownReason
from services.notifications.domain.purposes import (
    ANNOUNCES_A_MEETING,
    CANCELLED,
    TO_STAFF,
    UNTRUE_ONCE_DECLINED,
)
from services.notifications.domain.turns import Turn
from services.notifications.store import meetings, messages
from shared.contracts.words import FailReason, RecallReason, SuppressReason
from shared.plumbing.database import Session
from shared.plumbing.outbox import strangers

AT_ONCE = 50
"""How many overdue tasks are closed in one transaction."""


class Delivered(StrEnum):
    """What came of speaking to the mail server."""

    ACCEPTED = "accepted"
    BUSY = "busy"
    """Surely not taken, and worth another try."""
    ADDRESS_REFUSED = "address_refused"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """The letter was handed over whole and nobody said what became of it."""


@dataclass(frozen=True)
class Delivery:
    """The outcome, and the server's three digits if it gave any."""

    outcome: Delivered
    code: int | None = None


@dataclass(frozen=True)
class Times:
    """When the meeting is that a message is about, and when the person thinks it is."""

    starts_at: datetime | None = None
    told_before: datetime | None = None


@dataclass(frozen=True)
class Look:
    """A message that is due, as it stands before anybody is asked about it."""

    message: Message
    against: Turn | None
    """The turn it takes instead of being sent; none when nothing is against it."""
    times: Times


async def look(session: Session, message: Message) -> Look:
    """Look at a message that is due: asking about one that is dead would be asking for nothing."""
    against = await not_to_be_sent(session, message)
    return Look(message, against, await times(session, message))


async def untrue(session: Session, message: Message) -> RecallReason | None:
    """Why a message is no longer true; none while it still is."""
    subject = message.subject
    if message.purpose in ANNOUNCES_A_MEETING and subject.session_id is not None:
        meeting = await meetings.find(session, subject.session_id)
        return meeting.ended if meeting is not None else None
    if message.purpose in UNTRUE_ONCE_DECLINED and subject.referral_id is not None:
        declined = await meetings.is_declined(session, subject.referral_id)
        return RecallReason.REFERRAL_DECLINED if declined else None
    return None


async def not_to_be_sent(session: Session, message: Message) -> Turn | None:
    """The turn a waiting message takes instead of being sent now; none when nothing is against it.

    Asked before a permit is, and again in the transaction that begins to send.
    """
    now = session.now()
    # Once a person has decided to send it again they knew what they did.
    if not message.repeats and await strangers.tell_of(session, message.id):
        return turns.ended_before(message, now)
    if now >= message.matters_until:
        return turns.suppress(message, SuppressReason.TOO_LATE_TO_MATTER, now)
    return await _no_longer_true(session, message, now)


async def is_over(session: Session, task: Message) -> bool:
    """Whether nobody has to do this by hand any more; what is about no meeting has no limit."""
    now = session.now()
    if task.subject.session_id is not None and now >= task.matters_until:
        return True
    return await _no_longer_true(session, task, now) is not None


async def _no_longer_true(session: Session, message: Message, now: datetime) -> Turn | None:
    reason = await untrue(session, message)
    if reason is not None:
        return turns.recall(message, reason, now)
    if message.purpose in CANCELLED:
        return await _not_expected(session, message, now)
    return None


async def times(session: Session, message: Message) -> Times:
    """The times a letter may have to say."""
    meeting_id = message.subject.session_id
    meeting = await meetings.find(session, meeting_id) if meeting_id else None
    if meeting is None:
        return Times()
    expecting = await meeting_actions.who_expects(session, meeting.id, but_for=message.id)
    as_staff = message.purpose in TO_STAFF
    for one in expecting:
        if (one.person_id, one.as_staff) == (message.person_id, as_staff):
            before = await meetings.find(session, one.session_id)
            return Times(meeting.starts_at, before.starts_at if before else None)
    return Times(meeting.starts_at)


async def carry_out(session: Session, message: Message, turn: Turn) -> bool:
    """Let a waiting message take this turn; False when something new called for another.

    In the transaction that stores `sending` it is looked once more whether the message is still
    true; a recall that comes later finds it sent, one that came earlier has changed its version.
    """
    instead = await not_to_be_sent(session, message)
    await turning.take(session, instead or turn)
    return instead is None


async def settle(session: Session, sent: Message, delivery: Delivery) -> State | None:
    """Store what came of it; the state it led to, or none if somebody settled it otherwise.

    A leader that lost its lead while it was sending may find its message `uncertain`. If it knows
    that the server took it, that is put right.
    """
    turn = _turn_for(sent, delivery, session.now())
    try:
        await turning.take(session, turn)
        return turn.message.state
    except messages.Overtaken:
        now = await messages.find(session, sent.id)
    if now is None or now.state is not State.UNCERTAIN or now.repeats != sent.repeats:
        return None
    if delivery.outcome is not Delivered.ACCEPTED:
        return None
    await turning.take(session, turns.accepted(now, session.now()))
    return State.SENT


async def give_up_hope(session: Session) -> list[UUID]:
    """At the start of a lead: whoever was sending is gone, and nobody knows what it had done."""
    left = await messages.in_state(session, State.SENDING)
    for message in left:
        reason = UnknownReason.STOPPED_WHILE_SENDING
        await turning.take(session, turns.unknown(message, reason, session.now()))
    return [message.id for message in left]


async def close_overdue_tasks(session: Session) -> int:
    """Close the tasks about meetings that have begun: there is nothing left to tell."""
    overdue = await messages.overdue_tasks(session, session.now(), AT_ONCE)
    for message in overdue:
        turn = turns.suppress(message, SuppressReason.TOO_LATE_TO_MATTER, session.now())
        await turning.take(session, turn)
    return len(overdue)


async def _not_expected(session: Session, message: Message, now: datetime) -> Turn | None:
    """Only somebody who expects a meeting is told that it is off."""
    assert message.subject.session_id is not None  # noqa: S101 - it is about a meeting
    as_staff = message.purpose in TO_STAFF
    meeting_id = message.subject.session_id
    for one in await meeting_actions.who_expects(session, meeting_id, but_for=message.id):
        if (one.person_id, one.as_staff) == (message.person_id, as_staff):
            return None if one.certain else turns.hold(message, now)
    return turns.recall(message, RecallReason.MEETING_CANCELLED, now)


def _turn_for(message: Message, delivery: Delivery, now: datetime) -> Turn:
    match delivery.outcome:
        case Delivered.ACCEPTED:
            return turns.accepted(message, now)
        case Delivered.UNKNOWN:
            return turns.unknown(message, UnknownReason.CUT_OFF_AFTER_SENDING, now)
        case Delivered.ADDRESS_REFUSED:
            return turns.refused(message, FailReason.ADDRESS_REFUSED, delivery.code, now)
        case Delivered.REFUSED:
            return turns.refused(message, FailReason.REFUSED_BY_SERVER, delivery.code, now)
        case Delivered.BUSY:
            return turns.server_busy(message, delivery.code, now)
