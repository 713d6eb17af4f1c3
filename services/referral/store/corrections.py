"""What was put right about somebody, and what it was before, sealed under their own key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlmodel import Field

from services.referral.domain.corrections import Before, Corrected, Correction
from services.referral.domain.people import SafeContact
from services.referral.store import sealed
from services.referral.store.base import SCHEMA, Base
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, SealedBytes, UtcDateTime
from shared.plumbing.database import Session
from shared.plumbing.sealing import fields, keys


class CorrectionRow(Base, table=True):
    """One value that was put right."""

    __tablename__ = "correction"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Field(foreign_key="person.id", index=True, sa_column_kwargs=NOT_PERSONAL)
    at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    corrected_by: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    what: str = Field(sa_column_kwargs=NOT_PERSONAL)
    was: bytes | None = Field(default=None, sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    because: bytes = Field(sa_type=SealedBytes, sa_column_kwargs=PERSONAL)


@dataclass(frozen=True)
class Kept:
    """A correction with what was known before it."""

    correction: Correction
    was: str | SafeContact | None


CORRECTION = SCHEMA.metadata.tables["correction"]

_WAS = fields.Field.of(SCHEMA.name, CORRECTION.c.was, fields.LONG)
_BECAUSE = fields.Field.of(SCHEMA.name, CORRECTION.c.because, fields.LONG)
_OF = (
    keys.joined(select(CORRECTION), SCHEMA, CORRECTION.c.person_id)
    .where(CORRECTION.c.person_id.in_(bindparam("wanted", expanding=True)))
    .order_by(CORRECTION.c.at, CORRECTION.c.id)
)


async def add(session: Session, correction: Correction, before: Before) -> None:
    """Keep one. Raises WasErased."""
    key = await keys.of(session, correction.person_id)
    was = sealed.written(before.was) if isinstance(before.was, SafeContact) else before.was
    await session.insert(
        CorrectionRow,
        {
            "id": correction.id,
            "person_id": correction.person_id,
            "at": correction.at,
            "corrected_by": correction.by,
            "what": correction.what.value,
            "was": None if was is None else _WAS.seal(key, correction.id, was),
            "because": _BECAUSE.seal(key, correction.id, correction.because),
        },
    )


async def of_people(session: Session, *person_ids: UUID) -> list[Kept]:
    """Everything that was put right about these people and can still be read, oldest first."""
    rows = await session.execute(_OF, {"wanted": list(person_ids)})
    found = (_kept(session, row) for row in rows)
    return [one for one in found if one is not None]


def _kept(session: Session, row: Row[Any]) -> Kept | None:
    key = keys.in_row(session, row.person_id, row)
    because = _BECAUSE.text(key, row.id, row.because)
    if because is None:
        return None  # they were erased
    what = Corrected(row.what)
    plain = _WAS.open(key, row.id, row.was) if row.was is not None else None
    was: str | SafeContact | None = None
    if plain is not None:
        was = sealed.read(plain) if what is Corrected.CONTACT else plain.decode()
    return Kept(Correction(row.id, row.person_id, row.at, row.corrected_by, what, because), was)
