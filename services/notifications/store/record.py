"""What notifications keeps about one person, for that person."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select

from services.notifications.domain.turns import Happened
from services.notifications.store.tables import HISTORY, MESSAGE, STAFF
from shared.plumbing.database import Session

BY_HAND = (
    Happened.NEEDS_A_CALL,
    Happened.SHOWN,
    Happened.REACHED,
    Happened.NOT_REACHED,
    Happened.NOT_NEEDED,
    Happened.REACHED_TOO_LATE,
)
"""What a person did in place of the machine."""

_MESSAGES = (
    select(MESSAGE)
    .where(MESSAGE.c.person_id == bindparam("person"))
    .order_by(MESSAGE.c.created_at, MESSAGE.c.id)
)
_CALLS = (
    select(HISTORY.c.happened, HISTORY.c.at, MESSAGE.c.purpose)
    .join(MESSAGE, MESSAGE.c.id == HISTORY.c.message_id)
    .where(
        MESSAGE.c.person_id == bindparam("person"),
        HISTORY.c.happened.in_([one.value for one in BY_HAND]),
    )
    .order_by(HISTORY.c.at, HISTORY.c.message_id, HISTORY.c.version)
)
_ROLES = (
    select(STAFF.c.role, STAFF.c.works_here)
    .where(STAFF.c.person_id == bindparam("person"))
    .order_by(STAFF.c.role)
)


async def messages_to(session: Session, person_id: UUID) -> Iterable[Row[Any]]:
    """Every message that was meant for them, the oldest first."""
    return await session.execute(_MESSAGES, {"person": person_id})


async def calls_to(session: Session, person_id: UUID) -> Iterable[Row[Any]]:
    """What was done by hand to reach them."""
    return await session.execute(_CALLS, {"person": person_id})


async def roles_of(session: Session, person_id: UUID) -> Iterable[Row[Any]]:
    """What they are here for, if they work here."""
    return await session.execute(_ROLES, {"person": person_id})
