"""What members of staff decide about messages; every decision is remembered with who took it."""

from uuid import UUID

from services.notifications.actions import meetings, sending, turning
from services.notifications.domain import by_hand, turns
from services.notifications.domain.message import Message, NotNow, State
from services.notifications.domain.purposes import ANNOUNCES_A_MEETING
from services.notifications.store import history, messages
from shared.contracts.refusal import Refusal
from shared.contracts.words import Channel, SuppressReason
from shared.plumbing.database import Session


class NoSuchMessage(Refusal):
    """There is no message with this id."""

    status = 404


async def try_again(session: Session, message_id: UUID, staff_id: UUID) -> Message:
    """Send a failed message again, or once more one that may have arrived."""
    message = await _find(session, message_id)
    untrue = await sending.untrue(session, message)
    turn = by_hand.try_again(message, untrue, staff_id, session.now())
    await turning.take(session, turn)
    return turn.message


async def note_shown(
    session: Session, message_id: UUID, staff_id: UUID, channel: Channel
) -> Message:
    """Remember who was shown how to reach the person. Stored before it is shown, never after."""
    message = await _find(session, message_id)
    turn = by_hand.shown(message, channel, staff_id, session.now())
    await turning.take(session, turn)
    return turn.message


async def note_forbidden(session: Session, message_id: UUID, reason: SuppressReason) -> None:
    """It turned out, on asking, that this person must not be contacted about it."""
    message = await _find(session, message_id)
    await turning.take(session, turns.suppress(message, reason, session.now()))


async def note_reached(
    session: Session, message_id: UUID, staff_id: UUID, another_way: Channel | None = None
) -> None:
    """The person knows now. If the meeting was called off meanwhile, they are told that next."""
    message = await _find(session, message_id)
    if message.state is State.RECALLED and not await history.was_shown(session, message_id):
        raise NotNow("This was taken back before anybody was asked to ring.")
    turn = by_hand.reached(message, staff_id, session.now(), another_way)
    await turning.take(session, turn)
    if message.purpose in ANNOUNCES_A_MEETING:
        await meetings.told_too_late(session, turn.message)


async def note_told_another_way(
    session: Session, message_id: UUID, staff_id: UUID, channel: Channel
) -> None:
    """No machine could send it, and somebody told the person all the same."""
    message = await _find(session, message_id)
    turns.only(message, State.FAILED, State.SUPPRESSED)
    await note_reached(session, message_id, staff_id, channel)


async def note_not_reached(session: Session, message_id: UUID, staff_id: UUID) -> None:
    """It was tried; the task stays open."""
    message = await _find(session, message_id)
    await turning.take(session, by_hand.not_reached(message, staff_id, session.now()))


async def note_not_needed(session: Session, message_id: UUID, staff_id: UUID) -> None:
    """Nobody needs to do this any more."""
    message = await _find(session, message_id)
    await turning.take(session, by_hand.not_needed(message, staff_id, session.now()))


async def _find(session: Session, message_id: UUID) -> Message:
    message = await messages.find(session, message_id)
    if message is None:
        raise NoSuchMessage("There is no such message.")
    return message
