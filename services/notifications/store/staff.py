"""Who works here in which role."""

from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlmodel import col

from services.notifications.store.tables import STAFF, STANDING, StaffRow
from shared.contracts.access import WALLS
from shared.contracts.words import Role
from shared.plumbing.database import Session

_TOO_NEAR = select(STANDING.c.person_id).where(
    STANDING.c.matter_id == bindparam("matter"),
    STANDING.c.relation.in_(sorted(one.value for one in WALLS)),
    STANDING.c.holds,
)
_WORKING_AS = (
    select(STAFF.c.person_id)
    .where(
        STAFF.c.role == bindparam("wanted"), STAFF.c.works_here, STAFF.c.person_id.not_in(_TOO_NEAR)
    )
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


async def working_as(session: Session, role: Role, matter_id: UUID) -> list[UUID]:
    """Everybody who works here in this role now and may know of the matter."""
    wanted = {"wanted": role, "matter": matter_id}
    return [person_id for (person_id,) in await session.execute(_WORKING_AS, wanted)]


async def forget(session: Session, person_id: UUID) -> None:
    await session.execute(delete(StaffRow).where(col(StaffRow.person_id) == person_id))
