"""Where the referrals of a partner officer stand, and nothing of what is in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select

from services.referral.domain.intake import Status
from services.referral.store.cases import CASE
from services.referral.store.intake import REFERRAL
from shared.plumbing.database import Session


@dataclass(frozen=True)
class Process:
    """One referral as whoever made it may know of it."""

    id: UUID
    person_id: UUID
    """For the audit alone: it is on no page."""
    reference: str
    received_at: datetime
    status: Status
    since: datetime | None
    """Since when it stands there; None while it waits."""


_PROCESS = select(
    REFERRAL.c.id,
    REFERRAL.c.person_id,
    REFERRAL.c.reference,
    REFERRAL.c.received_at,
    REFERRAL.c.status,
    REFERRAL.c.decided_at,
    CASE.c.closed_at,
).outerjoin(CASE, CASE.c.referral_id == REFERRAL.c.id)


async def page(
    session: Session, number: int, size: int, visible: ColumnElement[bool]
) -> tuple[list[Process], bool]:
    """One page of what is visible, newest first, counted from 1, and whether another follows."""
    wanted = (
        _PROCESS.where(visible)
        .order_by(REFERRAL.c.received_at.desc(), REFERRAL.c.id.desc())
        .offset((number - 1) * size)
        .limit(size + 1)
    )
    rows = (await session.execute(wanted)).all()
    return [_process(row) for row in rows[:size]], len(rows) > size


async def find(session: Session, referral_id: UUID, visible: ColumnElement[bool]) -> Process | None:
    """One referral, if it is visible."""
    row = (await session.execute(_PROCESS.where(REFERRAL.c.id == referral_id, visible))).first()
    return _process(row) if row else None


def _process(row: Row[Any]) -> Process:
    status = Status(row.status)
    return Process(
        id=row.id,
        person_id=row.person_id,
        reference=row.reference,
        received_at=row.received_at,
        status=status,
        since=row.closed_at if status is Status.CLOSED else row.decided_at,
    )
