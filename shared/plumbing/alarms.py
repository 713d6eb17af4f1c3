"""What somebody has to look into: each shown on a page, logged and counted, and raised once.

A service's health does not hang on them: what they tell of is done by people.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import structlog
from sqlalchemy import insert, select

from shared.plumbing import metrics
from shared.plumbing.database import Session

MOST_SHOWN = 100

log = structlog.get_logger()


class Kind(StrEnum):
    """What happened."""

    MANY_RECORDS = "many_records"
    """One member of staff opened very many different records within an hour."""
    FORM_CLOSED = "form_closed"
    """More came in through the public form than anybody could have meant."""
    GLASS_BROKEN = "glass_broken"
    """A member of staff opened a case in an emergency."""
    REVIEW_LATE = "review_late"
    """Nobody has reviewed in time why somebody did."""
    TOO_NEAR = "too_near"
    """A member of staff looked for what is kept from them, or for somebody of their own name."""
    CLOCK_NOT_BELIEVED = "clock_not_believed"
    """The clock jumped: nothing is destroyed until somebody has confirmed what time it is."""


@dataclass(frozen=True)
class Alarm:
    """One of them, as it was raised."""

    kind: Kind
    about: UUID | None
    """The member of staff, where it is about one."""
    raised_at: datetime


async def raise_once(
    session: Session, kind: Kind, about: UUID | None = None, *, quiet: timedelta
) -> bool:
    """Raise an alarm, unless the same one was raised within `quiet`; whether it was raised.

    This is the place from which managers can be sent a message as well.
    """
    table = session.schema.tables.alarm
    await session.lock(f"alarm:{kind}:{about}")
    earlier = select(table.c.id).where(
        table.c.kind == kind.value,
        table.c.about.is_(None) if about is None else table.c.about == about,
        table.c.raised_at > session.now() - quiet,
    )
    if (await session.execute(earlier.limit(1))).first() is not None:
        return False
    row = {"id": session.new_id(), "kind": kind.value, "about": about, "raised_at": session.now()}
    await session.execute(insert(table), row)
    service = session.schema.name

    def tell() -> None:
        log.warning("alarm_raised", kind=kind.value, about=str(about) if about else None)
        metrics.of(service).alarms.labels(kind.value).inc()

    session.after_commit(tell)
    return True


async def newest(session: Session) -> list[Alarm]:
    """The latest of them, newest first."""
    table = session.schema.tables.alarm
    latest = select(table).order_by(table.c.raised_at.desc(), table.c.id).limit(MOST_SHOWN)
    return [
        Alarm(Kind(row.kind), row.about, row.raised_at) for row in await session.execute(latest)
    ]
