"""Stores what became of a message, its history, and the fact that tells the others."""

from services.notifications.domain import turns
from services.notifications.domain.message import Message
from services.notifications.domain.turns import Turn
from services.notifications.store import history, messages, waking
from shared.plumbing import outbox
from shared.plumbing.database import Session


async def start(session: Session, message: Message | None) -> bool:
    """Begin a message, unless there is none to begin or it was begun before."""
    if message is None or not await messages.add(session, message):
        return False
    await history.note(session, turns.start(message))
    await waking.wake(session)
    return True


async def take(session: Session, turn: Turn) -> None:
    """Let a message take this turn. Raises `messages.Overtaken` if it took another meanwhile."""
    await messages.save(session, turn.message)
    await history.note(session, turn)
    if turn.fact is not None:
        await outbox.record(session, turn.fact, version=turn.message.facts)
    if turn.message.due_at is not None:
        await waking.wake(session)
