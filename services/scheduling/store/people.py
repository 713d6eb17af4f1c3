"""Who facilitates here."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, delete
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from services.scheduling.store import told
from services.scheduling.store.standings import STANDINGS
from services.scheduling.store.tables import ERASED, FACILITATOR, FacilitatorRow
from shared.plumbing.database import Session

_FORGOTTEN = select_columns(ERASED.c.person_id).where(
    ERASED.c.person_id.in_(bindparam("wanted", expanding=True))
)


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


async def may_facilitate(session: Session, matter_id: UUID | None) -> list[UUID]:
    """Those who work here, do not stand too near to the matter and were not taken off it."""
    working = await working_here(session)
    if matter_id is not None:
        working -= await STANDINGS.walled_off(session, matter_id)
        working -= await STANDINGS.released(session, matter_id)
    return sorted(working)


def lock_of(person_id: UUID) -> str:
    """What is locked by whoever keeps or drops something of a person.

    A fact that is acted on beside their erasure would otherwise be kept after it.
    """
    return f"person:{person_id}"


async def is_forgotten(session: Session, *person_ids: UUID | None) -> bool:
    """Whether one of these was erased; what is told of them is not kept. Locks them all."""
    ids = [person_id for person_id in person_ids if person_id is not None]
    await session.lock(*map(lock_of, ids))
    return (await session.execute(_FORGOTTEN, {"wanted": ids})).first() is not None


async def note(session: Session, person_id: UUID, *, works_here: bool, version: int) -> None:
    """Keep what was told last of this person, in whatever order it is heard."""
    row = {"person_id": person_id, "works_here": works_here, "version": version}
    await told.keep_latest(session, FACILITATOR, row)


async def forget_person(session: Session, person_id: UUID) -> None:
    await session.execute(delete(FacilitatorRow).where(col(FacilitatorRow.person_id) == person_id))
