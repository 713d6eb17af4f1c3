"""Who works here, as what, and since when."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, func, select, update
from sqlmodel import Field

from services.referral.domain.staff import Colleague
from services.referral.store.base import SCHEMA, Base
from shared.contracts.words import Role
from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Session


class StaffRoleRow(Base, table=True):
    """One role of one colleague, held until they leave it."""

    __tablename__ = "staff_role"

    person_id: UUID = Field(
        primary_key=True, foreign_key="person.id", sa_column_kwargs=NOT_PERSONAL
    )
    role: str = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    joined_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    left_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )


STAFF_ROLE = SCHEMA.metadata.tables["staff_role"]

_ROLES_OF = select(STAFF_ROLE).where(
    STAFF_ROLE.c.person_id.in_(bindparam("wanted", expanding=True)),
    STAFF_ROLE.c.left_at.is_(None),
)


async def add_role(session: Session, person_id: UUID, role: Role, at: datetime) -> None:
    joined = {"person_id": person_id, "role": role.value, "joined_at": at, "left_at": None}
    await session.insert(StaffRoleRow, joined)


async def hold_role(session: Session, person_id: UUID, role: Role, at: datetime) -> None:
    """Note that somebody holds a role, perhaps one they held before."""
    one = (STAFF_ROLE.c.person_id == person_id, STAFF_ROLE.c.role == role.value)
    await session.execute(delete(STAFF_ROLE).where(*one))
    await add_role(session, person_id, role, at)


async def end_role(session: Session, person_id: UUID, role: Role, at: datetime) -> None:
    """Note that somebody no longer holds one role."""
    one = (STAFF_ROLE.c.person_id == person_id, STAFF_ROLE.c.role == role.value)
    await session.execute(update(STAFF_ROLE).where(*one).values(left_at=at))


async def end_roles(session: Session, person_id: UUID, at: datetime) -> None:
    """Note that somebody has left every role they still held."""
    held = (STAFF_ROLE.c.person_id == person_id, STAFF_ROLE.c.left_at.is_(None))
    await session.execute(update(STAFF_ROLE).where(*held).values(left_at=at))


async def roles_of(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, frozenset[Role]]:
    """The roles each of these people holds now; whoever holds none is missing."""
    return _gathered(await session.execute(_ROLES_OF, {"wanted": list(set(person_ids))}))


async def colleagues(session: Session) -> list[Colleague]:
    """Everybody who ever worked here; those who have left hold no role."""
    rows = (await session.execute(select(STAFF_ROLE).order_by(STAFF_ROLE.c.person_id))).all()
    now = _gathered(row for row in rows if row.left_at is None)
    return [
        Colleague(person_id, now.get(person_id, frozenset()))
        for person_id in dict.fromkeys(row.person_id for row in rows)
    ]


async def coordinators(session: Session) -> int:
    """How many people coordinate now."""
    held = (STAFF_ROLE.c.role == Role.COORDINATOR.value, STAFF_ROLE.c.left_at.is_(None))
    wanted = select(func.count()).select_from(STAFF_ROLE).where(*held)
    number: int = (await session.execute(wanted)).scalar_one()
    return number


def _gathered(rows: Iterable[Row[Any]]) -> dict[UUID, frozenset[Role]]:
    roles: dict[UUID, frozenset[Role]] = {}
    for row in rows:
        roles[row.person_id] = roles.get(row.person_id, frozenset()) | {Role(row.role)}
    return roles
