"""What of the outbox still waits to be published, for health and for whoever looks after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from shared.plumbing.database import Session


@dataclass(frozen=True)
class Stuck:
    """The event the relay cannot get past. The ones behind it wait: order is kept."""

    event_id: UUID
    subject: str
    recorded_at: datetime
    attempts: int
    last_error: str | None
    behind: int
    """How many events wait behind it."""


async def oldest_unsent_age(session: Session, now: datetime) -> timedelta | None:
    """How long the oldest unpublished event has waited; None when nothing waits."""
    outbox = session.schema.tables.outbox
    statement = (
        select(outbox.c.recorded_at)
        .where(outbox.c.sent_at.is_(None))
        .order_by(outbox.c.id)
        .limit(1)
    )
    recorded_at: datetime | None = await session.scalar(statement)
    return None if recorded_at is None else now - recorded_at


async def count(session: Session) -> int:
    """How many events wait to be published."""
    outbox = session.schema.tables.outbox
    unsent = select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))
    number: int = (await session.execute(unsent)).scalar_one()
    return number


async def stuck(session: Session) -> Stuck | None:
    """The oldest unpublished event, if publishing it has failed; None otherwise."""
    outbox = session.schema.tables.outbox
    oldest = select(outbox).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.id).limit(1)
    first = (await session.execute(oldest)).first()
    if first is None or not first.attempts:
        return None
    return Stuck(
        event_id=first.event_id,
        subject=first.subject,
        recorded_at=first.recorded_at,
        attempts=first.attempts,
        last_error=first.last_error,
        behind=await count(session) - 1,
    )
