"""The operator's list of venues."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from services.scheduling.domain.venues import Venue, VenueKind
from services.scheduling.store.tables import VenueRow
from shared.plumbing.database import Session


async def find(session: Session, venue_id: UUID) -> Venue | None:
    row = await session.get(VenueRow, venue_id)
    return None if row is None else _venue(row)


async def everything(session: Session) -> list[Venue]:
    """Every venue there is or was, by name, those in use first."""
    statement = select(VenueRow).order_by(
        col(VenueRow.retired), col(VenueRow.label), col(VenueRow.id)
    )
    return [_venue(row) for row in await session.exec(statement)]


async def in_use(session: Session) -> list[Venue]:
    return [venue for venue in await everything(session) if not venue.retired]


async def add(session: Session, venue: Venue) -> None:
    session.add(
        VenueRow(
            id=venue.id,
            label=venue.label,
            kind=venue.kind,
            safety_note=venue.safety_note,
            step_free=venue.step_free,
            retired=venue.retired,
            version=venue.version,
        )
    )
    await session.flush()


async def save(session: Session, venue: Venue) -> None:
    """Store what may change of a venue: whether it is still used."""
    await session.execute(
        update(VenueRow)
        .where(col(VenueRow.id) == venue.id)
        .values(retired=venue.retired, version=venue.version)
    )


def _venue(row: VenueRow) -> Venue:
    return Venue(
        id=row.id,
        label=row.label,
        kind=VenueKind(row.kind),
        safety_note=row.safety_note,
        step_free=row.step_free,
        retired=row.retired,
        version=row.version,
    )
