"""What became of each message, turn by turn."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, insert, select

from services.notifications.domain.turns import Happened, Turn
from services.notifications.store.tables import HISTORY
from shared.plumbing.database import Session


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
    await session.execute(
        insert(HISTORY).values(
            message_id=message.id,
            version=message.version,
            happened=turn.happened,
            reason=message.reason,
            at=message.changed_at,
            code=turn.code,
            staff_id=turn.staff_id,
        )
    )


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
