"""What members of staff decide about messages; every decision is remembered with who took it."""

from uuid import UUID

from services.notifications.actions import meetings, sending, turning
from services.notifications.domain import by_hand, turns
from services.notifications.domain.message import CallOutcome, Message, NotNow, State
from services.notifications.domain.purposes import ANNOUNCES_A_MEETING
from services.notifications.domain.turns import Happened, Turn
from services.notifications.store import history, messages
from shared.contracts.refusal import Refusal
from shared.contracts.words import Channel, SuppressReason
from shared.plumbing import audit
from shared.plumbing.database import Session


class NoSuchMessage(Refusal):
    """There is no message with this id."""

    status = 404


async def try_again(session: Session, message_id: UUID, staff_id: UUID) -> bool:
    """Send a failed message again, or once more one that may have arrived.

    False when somebody has asked for just that before, and nothing more is to be done.
    """
    message = await _find(session, message_id)
    if by_hand.was_tried_again(message, await history.last_decision(session, message_id)):
        return False
    untrue = await sending.untrue(session, message)
    await _take(session, by_hand.try_again(message, untrue, staff_id, session.now()), "try_again")
    return True


async def note_shown(
    session: Session, message_id: UUID, staff_id: UUID, channel: Channel
) -> Message:
    """Remember who was shown how to reach the person. Stored before it is shown, never after."""
    message = await _find(session, message_id)
    turn = by_hand.shown(message, channel, staff_id, session.now())
    await _take(session, turn, "reach_shown", audit.Verb.DISCLOSURE)
    return turn.message


async def note_forbidden(session: Session, message_id: UUID, reason: SuppressReason) -> None:
    """It turned out, on asking, that this person must not be contacted about it."""
    message = await _find(session, message_id)
    await _take(session, turns.suppress(message, reason, session.now()), "not_allowed")


async def note_reached(
    session: Session, message_id: UUID, staff_id: UUID, another_way: Channel | None = None
) -> bool:
    """The person knows now. If the meeting was called off meanwhile, they are told that next.

    False when that was recorded before.
    """
    message = await _find(session, message_id)
    if by_hand.was_told(message):
        return False
    if message.state is State.RECALLED and not await history.was_shown(session, message_id):
        raise NotNow("This was taken back before anybody was asked to ring.")
    turn = by_hand.reached(message, staff_id, session.now(), another_way)
    await _take(session, turn, "person_told")
    if message.purpose in ANNOUNCES_A_MEETING:
        await meetings.told_too_late(session, turn.message)
    return True


async def note_told_another_way(
    session: Session, message_id: UUID, staff_id: UUID, channel: Channel
) -> bool:
    """No machine could send it, and somebody told the person all the same."""
    message = await _find(session, message_id)
    if not by_hand.was_told(message) and not by_hand.may_tell_another_way(message):
        turns.only(message, State.FAILED, State.SUPPRESSED)
    return await note_reached(session, message_id, staff_id, channel)


async def note_not_reached(
    session: Session, message_id: UUID, staff_id: UUID, seen: int | None = None
) -> bool:
    """It was tried; the task stays open.

    False when the page showed the version `seen` and the same was recorded since: one try is
    not two.
    """
    message = await _find(session, message_id)
    turn = by_hand.not_reached(message, staff_id, session.now())
    last = await history.last_decision(session, message_id)
    if seen is not None and seen < message.version and last is Happened.NOT_REACHED:
        return False
    await _take(session, turn, "not_reached")
    return True


async def note_not_needed(session: Session, message_id: UUID, staff_id: UUID) -> bool:
    """Nobody needs to do this any more. False when that was decided before."""
    message = await _find(session, message_id)
    if message.outcome is CallOutcome.NOT_NEEDED:
        return False
    await _take(session, by_hand.not_needed(message, staff_id, session.now()), "not_needed")
    return True


async def _take(
    session: Session, turn: Turn, purpose: str, verb: audit.Verb = audit.Verb.ALTERATION
) -> None:
    """Let the message take the turn, and note for the audit that somebody decided it."""
    await turning.take(session, turn)
    about = turn.message.subject
    decided = audit.Entry(
        verb=verb,
        purpose=purpose,
        fields=("contact",) if verb is audit.Verb.DISCLOSURE else ("message",),
        person_id=turn.message.person_id,
        referral_id=about.referral_id,
        case_id=about.case_id,
    )
    await audit.record(session, decided)


async def _find(session: Session, message_id: UUID) -> Message:
    message = await messages.find(session, message_id)
    if message is None:
        raise NoSuchMessage("There is no such message.")
    return message
