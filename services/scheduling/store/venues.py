"""The operator's list of venues. What is noted of their safety is sealed with the service's key."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, literal, select, update
from sqlmodel import col

from services.scheduling.domain.venues import Venue, VenueKind
from services.scheduling.store.tables import SCHEMA, VENUE, VenueRow
from shared.plumbing.database import Session
from shared.plumbing.sealing import keys
from shared.plumbing.sealing.fields import LONG
from shared.plumbing.sealing.fields import Field as SealedField
from shared.plumbing.sealing.keyring import SERVICE_ID
from shared.plumbing.sealing.trouble import Sealed

_NOTE = SealedField.of(SCHEMA.name, VENUE.c.safety_note, LONG)
_VENUES = keys.joined(select(VENUE), SCHEMA, literal(SERVICE_ID, Uuid))


async def find(session: Session, venue_id: UUID) -> Venue | None:
    row = (await session.execute(_VENUES.where(VENUE.c.id == venue_id))).first()
    return None if row is None else _venue(session, row)


async def everything(session: Session) -> list[Venue]:
    """Every venue there is or was, by name, those in use first."""
    statement = _VENUES.order_by(VENUE.c.retired, VENUE.c.label, VENUE.c.id)
    return [_venue(session, row) for row in await session.execute(statement)]


async def in_use(session: Session) -> list[Venue]:
    return [venue for venue in await everything(session) if not venue.retired]


async def add(session: Session, venue: Venue) -> None:
    """Store a new venue. Raises KeysAway."""
    key = await keys.of_service(session)
    values = vars(venue) | {"safety_note": _NOTE.seal(key, venue.id, venue.safety_note)}
    await session.insert(VenueRow, values | {"kind": venue.kind.value})


async def save(session: Session, venue: Venue) -> None:
    """Store what may change of a venue: whether it is still used."""
    await session.execute(
        update(VenueRow)
        .where(col(VenueRow.id) == venue.id)
        .values(retired=venue.retired, version=venue.version)
    )


def _venue(session: Session, row: Row[Any]) -> Venue:
    return Venue(
        id=row.id,
        label=row.label,
        kind=VenueKind(row.kind),
        safety_note=_note(session, row),
        step_free=row.step_free,
        retired=row.retired,
        version=row.version,
    )


def _note(session: Session, row: Row[Any]) -> str:
    """The note, or why it cannot be shown: meetings can be planned without it."""
    try:
        return _NOTE.text(keys.in_row(session, SERVICE_ID, row), row.id, row.safety_note) or ""
    except Sealed as why:
        return str(why)
