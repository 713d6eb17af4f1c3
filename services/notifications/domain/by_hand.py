"""What people do about messages: ring instead of a machine, or decide to try once more."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.notifications.domain.message import (
    CallOutcome,
    Message,
    NotNow,
    State,
    WaitReason,
)
from services.notifications.domain.turns import (
    Happened,
    Turn,
    about,
    next_version,
    not_now,
    only,
)
from shared.contracts.notifications import MessageSent
from shared.contracts.words import Channel, RecallReason, SuppressReason

MOST_REPEATS = 1
"""A message that may have arrived is sent again once at most, and only by a person's decision."""


def may_try_again(message: Message, now: datetime) -> bool:
    """Whether to offer it at all."""
    if now >= message.matters_until or message.outcome is not None:
        return False
    if message.state is State.UNCERTAIN:
        return message.repeats < MOST_REPEATS
    return message.state is State.FAILED


def try_again(message: Message, untrue: RecallReason | None, staff_id: UUID, now: datetime) -> Turn:
    """Send a message once more that failed, or that may or may not have arrived.

    It asks for a permit again like any other. Raises NotNow when the time for it has passed, when
    it is `untrue` by now, or when it may have arrived and has been repeated before.
    """
    only(message, State.FAILED, State.UNCERTAIN)
    if message.outcome is not None:
        raise NotNow("Somebody has told the person already.")
    if untrue is not None:
        raise NotNow("This is no longer true, so it cannot be sent again.")
    if now >= message.matters_until:
        raise NotNow("It is too late for this message to be of use.")
    if not may_try_again(message, now):
        raise NotNow("It has been sent again once already. Please reach the person another way.")
    repeated = message.state is State.UNCERTAIN
    waits = replace(
        message,
        state=State.WAITING,
        reason=WaitReason.TRIED_AGAIN_BY_STAFF,
        due_at=now,
        round_began_at=None,
        repeats=message.repeats + repeated,
        changed_at=now,
    )
    return Turn(next_version(waits), Happened.TRIED_AGAIN, staff_id=staff_id)


def may_tell_another_way(message: Message) -> bool:
    """Whether it did not go out, and somebody may tell the person all the same."""
    if message.outcome is CallOutcome.NOT_NEEDED:  # a colleague may have told them before that
        return True
    kept_back = message.reason is SuppressReason.NOT_ON_GUEST_LIST
    return (message.state is State.FAILED or kept_back) and message.outcome is None


def was_tried_again(message: Message, last_decision: Happened | None) -> bool:
    """Whether the last thing somebody decided about it was to try again: nothing is left to do."""
    waits_for_it = message.state not in {State.FAILED, State.UNCERTAIN}
    return waits_for_it and last_decision is Happened.TRIED_AGAIN


def was_told(message: Message) -> bool:
    """Whether somebody has said already that the person knows."""
    taken_back = message.state is State.RECALLED
    return message.outcome is CallOutcome.DONE or (taken_back and message.told_at is not None)


def shown(message: Message, channel: Channel, staff_id: UUID, now: datetime) -> Turn:
    """A member of staff was shown how to reach the person on the channel that is safe now."""
    _open_task(message)
    seen = replace(message, channel=channel, changed_at=now)
    return Turn(next_version(seen), Happened.SHOWN, staff_id=staff_id)


def reached(
    message: Message, staff_id: UUID, now: datetime, another_way: Channel | None = None
) -> Turn:
    """Somebody told the person. They know now, even if the message was recalled meanwhile, or a
    colleague had closed the task: whoever knows of a meeting must hear when it is called off.

    What did not go out stays as it is, but is closed: by `another_way`, or else by telephone.
    """
    if message.state is State.RECALLED:
        knows = replace(message, told_at=now, changed_at=now)
        return Turn(next_version(knows), Happened.REACHED_TOO_LATE, staff_id=staff_id)
    channel = message.channel
    if may_tell_another_way(message):
        channel = another_way or (channel if message.outcome else None)
    else:
        _open_task(message)
    done = replace(
        message,
        outcome=CallOutcome.DONE,
        told_at=now,
        facts=message.facts + 1,
        changed_at=now,
    )
    fact = MessageSent(**about(message), channel=channel or Channel.PHONE)
    return Turn(next_version(done), Happened.REACHED, fact, staff_id=staff_id)


def not_reached(message: Message, staff_id: UUID, now: datetime) -> Turn:
    """Nobody answered, or it was not safe to speak: the task stays open."""
    _open_task(message)
    tried = replace(message, changed_at=now)
    return Turn(next_version(tried), Happened.NOT_REACHED, staff_id=staff_id)


def not_needed(message: Message, staff_id: UUID, now: datetime) -> Turn:
    """Somebody decided that this person need not be told."""
    _open_task(message)
    closed = replace(message, outcome=CallOutcome.NOT_NEEDED, changed_at=now)
    return Turn(next_version(closed), Happened.NOT_NEEDED, staff_id=staff_id)


def _open_task(message: Message) -> None:
    if message.outcome is CallOutcome.DONE:
        raise NotNow("Somebody has recorded already that the person knows. The task is closed.")
    if message.outcome is not None:
        raise NotNow("Somebody has decided already that it is no longer needed. It is closed.")
    if message.state is not State.NEEDS_A_CALL:
        raise not_now(message)
