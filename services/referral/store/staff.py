"""Who works here, as what, and since when."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import Field, col, select

from services.referral.domain.staff import Colleague
from services.referral.store.base import Base
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


async def add_role(session: Session, person_id: UUID, role: Role, at: datetime) -> None:
    session.add(StaffRoleRow(person_id=person_id, role=role.value, joined_at=at))
    await session.flush()


async def end_roles(session: Session, person_id: UUID, at: datetime) -> None:
    """Note that somebody has left every role they still held."""
    await session.exec(
        update(StaffRoleRow)
        .where(col(StaffRoleRow.person_id) == person_id, col(StaffRoleRow.left_at).is_(None))
        .values(left_at=at)
    )


async def roles_of(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, frozenset[Role]]:
    """The roles each of these people holds now; whoever holds none is missing."""
    wanted = select(StaffRoleRow).where(
        col(StaffRoleRow.person_id).in_(set(person_ids)), col(StaffRoleRow.left_at).is_(None)
    )
    return _gathered(await session.exec(wanted))


async def colleagues(session: Session) -> list[Colleague]:
    """Everybody who ever worked here; those who have left hold no role."""
    rows = list(await session.exec(select(StaffRoleRow).order_by(col(StaffRoleRow.person_id))))
    now = _gathered(row for row in rows if row.left_at is None)
    return [
        Colleague(person_id, now.get(person_id, frozenset()))
        for person_id in dict.fromkeys(row.person_id for row in rows)
    ]


async def coordinators(session: Session) -> int:
    """How many people coordinate now."""
    wanted = (
        select(func.count())
        .select_from(StaffRoleRow)
        .where(
            StaffRoleRow.role == Role.COORDINATOR.value,
            col(StaffRoleRow.left_at).is_(None),
        )
    )
    return (await session.exec(wanted)).one()


def _gathered(rows: Iterable[StaffRoleRow]) -> dict[UUID, frozenset[Role]]:
    roles: dict[UUID, frozenset[Role]] = {}
    for row in rows:
        roles[row.person_id] = roles.get(row.person_id, frozenset()) | {Role(row.role)}
    return roles
