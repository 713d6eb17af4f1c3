"""Who works here in which role."""

from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlmodel import col

from services.notifications.store.tables import STAFF, StaffRow
from shared.contracts.words import Role
from shared.plumbing.database import Session

_WORKING_AS = (
    select(STAFF.c.person_id)
    .where(STAFF.c.role == bindparam("wanted"), STAFF.c.works_here)
    .order_by(STAFF.c.person_id)
)


async def note(
    session: Session, person_id: UUID, role: Role, *, works_here: bool, version: int
) -> None:
    """Keep what was told last of this person in this role, in whatever order it is heard."""
    row = await session.get(StaffRow, (person_id, role))
    if row is None:
        session.add(
            StaffRow(person_id=person_id, role=role, works_here=works_here, version=version)
        )
    elif version > row.version:
        row.works_here, row.version = works_here, version
    await session.flush()


async def working_as(session: Session, role: Role) -> list[UUID]:
    """Everybody who works here in this role now."""
    return [person_id for (person_id,) in await session.execute(_WORKING_AS, {"wanted": role})]


async def forget(session: Session, person_id: UUID) -> None:
    await session.execute(delete(StaffRow).where(col(StaffRow.person_id) == person_id))
