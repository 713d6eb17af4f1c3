"""Who facilitates here."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select

from services.scheduling.store.tables import ErasedRow, FacilitatorRow
from shared.plumbing.database import Session


@dataclass(frozen=True)
class Facilitator:
    """Somebody who leads meetings, known here by an id alone."""

    id: UUID
    works_here: bool


async def facilitators(session: Session) -> list[Facilitator]:
    """Everybody who facilitates or did, those who work here first."""
    statement = select(FacilitatorRow).order_by(
        col(FacilitatorRow.works_here).desc(), col(FacilitatorRow.person_id)
    )
    return [Facilitator(row.person_id, row.works_here) for row in await session.exec(statement)]


async def working_here(session: Session) -> frozenset[UUID]:
    statement = select(FacilitatorRow.person_id).where(col(FacilitatorRow.works_here))
    return frozenset(await session.exec(statement))


async def note(session: Session, person_id: UUID, *, works_here: bool, version: int) -> None:
    """Keep what was told last of this person, in whatever order it is heard."""
    if await session.get(ErasedRow, person_id) is not None:
        return
    row = await session.get(FacilitatorRow, person_id)
    if row is None:
        session.add(FacilitatorRow(person_id=person_id, works_here=works_here, version=version))
    elif version > row.version:
        row.works_here, row.version = works_here, version
    await session.flush()


async def forget_person(session: Session, person_id: UUID) -> None:
    await session.execute(delete(FacilitatorRow).where(col(FacilitatorRow.person_id) == person_id))
