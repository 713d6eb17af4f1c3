"""Who works here in which role."""

from collections.abc import Collection
from functools import cache
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlmodel import col

from services.notifications.store.tables import (
    STAFF,
    STAFF_AREA,
    STANDING,
    StaffAreaRow,
    StaffRow,
)
from shared.contracts.access import WALLS
from shared.contracts.words import Role
from shared.plumbing.database import ConflictInsert, Session, conflict_insert

_TOO_NEAR = select(STANDING.c.person_id).where(
    STANDING.c.matter_id == bindparam("matter"),
    STANDING.c.relation.in_(sorted(one.value for one in WALLS)),
    STANDING.c.holds,
)
_WORKING_AS = (
    select(STAFF.c.person_id, STAFF_AREA.c.area_ids)
    .outerjoin(STAFF_AREA, STAFF_AREA.c.person_id == STAFF.c.person_id)
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


async def note_areas(
    session: Session, person_id: UUID, area_ids: Collection[UUID], version: int
) -> None:
    """Keep what was told last of where somebody works, in whatever order it is heard."""
    row = {"person_id": person_id, "area_ids": sorted(map(str, area_ids)), "version": version}
    await session.execute(_keep_areas(session.database.dialect), row)


async def working_as(session: Session, role: Role, matter_id: UUID, area_id: UUID) -> list[UUID]:
    """Everybody who works here in this role and area now and may know of the matter."""
    wanted = {"wanted": role, "matter": matter_id}
    rows = await session.execute(_WORKING_AS, wanted)
    return [row.person_id for row in rows if not row.area_ids or str(area_id) in row.area_ids]


async def forget(session: Session, person_id: UUID) -> None:
    for row in (StaffRow, StaffAreaRow):
        await session.execute(delete(row).where(col(row.person_id) == person_id))


@cache
def _keep_areas(dialect: str) -> ConflictInsert:
    statement = conflict_insert(STAFF_AREA, dialect)
    changed = {name: statement.excluded[name] for name in ("area_ids", "version")}
    return statement.on_conflict_do_update(
        index_elements=["person_id"],
        set_=changed,
        where=statement.excluded.version > STAFF_AREA.c.version,
    )
