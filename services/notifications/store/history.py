"""What became of each message, turn by turn."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, insert, select

from services.notifications.domain.turns import Happened, Turn
from services.notifications.store.tables import HISTORY
from shared.plumbing.database import Session

_NOTE = insert(HISTORY)
"""Made once, as all statements that each message needs: making one costs more than saying it."""


@dataclass(frozen=True)
class Entry:
    """One turn in a message's history."""

    happened: Happened
    reason: str | None
    at: datetime
    code: int | None
    staff_id: UUID | None


async def note(session: Session, turn: Turn) -> None:
    """Remember a turn, unless it would only fill the history."""
    if turn.happened is None:
        return
    message = turn.message
    values = {
        "message_id": message.id,
        "version": message.version,
        "happened": turn.happened,
        "reason": message.reason,
        "at": message.changed_at,
        "code": turn.code,
        "staff_id": turn.staff_id,
    }
    await session.change(_NOTE, values)


async def of(session: Session, message_id: UUID) -> list[Entry]:
    """Everything that became of a message, oldest first."""
    statement = (
        select(HISTORY).where(HISTORY.c.message_id == message_id).order_by(HISTORY.c.version)
    )
    return [
        Entry(Happened(row.happened), row.reason, row.at, row.code, row.staff_id)
        for row in await session.execute(statement)
    ]


async def was_shown(session: Session, message_id: UUID) -> bool:
    """Whether anybody was ever shown how to reach the person."""
    statement = select(
        exists().where(
            HISTORY.c.message_id == message_id,
            HISTORY.c.happened == Happened.SHOWN,
        )
    )
    return bool(await session.scalar(statement))


async def last_decision(session: Session, message_id: UUID) -> Happened | None:
    """What a member of staff last did about it; none when nobody did anything."""
    statement = (
        select(HISTORY.c.happened)
        .where(HISTORY.c.message_id == message_id, HISTORY.c.staff_id.is_not(None))
        .order_by(HISTORY.c.version.desc())
        .limit(1)
    )
    code = await session.scalar(statement)
    return None if code is None else Happened(code)
