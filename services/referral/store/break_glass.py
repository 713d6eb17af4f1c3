"""Cases that were opened in an emergency; the reason and the review are sealed with their case."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select, update
from sqlmodel import Field as Column

from services.referral.domain.break_glass import BreakGlass, Review
from services.referral.store.base import SCHEMA, Base
from services.referral.store.intake import REFERRAL
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, SealedBytes, UtcDateTime
from shared.plumbing.database import Session
from shared.plumbing.sealing import keys
from shared.plumbing.sealing.fields import LONG, Field
from shared.plumbing.sealing.keyring import Kind


class BreakGlassRow(Base, table=True):
    """One opening; its reason is sealed under the key of its case."""

    __tablename__ = "break_glass"

    id: UUID = Column(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    referral_id: UUID = Column(foreign_key="referral.id", index=True, sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Column(index=True, sa_column_kwargs=NOT_PERSONAL)
    reason: bytes = Column(sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    opened_at: datetime = Column(index=True, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    until: datetime = Column(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    ended_at: datetime | None = Column(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )
    ended_by: UUID | None = Column(default=None, sa_column_kwargs=NOT_PERSONAL)
    review_due_at: datetime = Column(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    reviewed_at: datetime | None = Column(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )
    reviewed_by: UUID | None = Column(default=None, sa_column_kwargs=NOT_PERSONAL)
    justified: bool | None = Column(default=None, sa_column_kwargs=NOT_PERSONAL)
    note: bytes | None = Column(default=None, sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    version: int = Column(sa_column_kwargs=NOT_PERSONAL)


GLASS = SCHEMA.metadata.tables["break_glass"]
_REASON = Field.of(SCHEMA.name, GLASS.c.reason, LONG)
_NOTE = Field.of(SCHEMA.name, GLASS.c.note, LONG)
_WITH_KEYS = keys.joined(
    select(GLASS, REFERRAL.c.reference).join(REFERRAL, REFERRAL.c.id == GLASS.c.referral_id),
    SCHEMA,
    GLASS.c.referral_id,
)


async def add(session: Session, glass: BreakGlass) -> None:
    """Store a new one. To be called with its referral locked: its key may be made here."""
    key = await keys.of_or_new(session, glass.referral_id, Kind.CASE)
    values = {name: getattr(glass, name) for name in _PLAIN}
    values["reason"] = _REASON.seal(key, glass.id, glass.reason or "")
    await session.insert(BreakGlassRow, values)


async def save(session: Session, glass: BreakGlass) -> bool:
    """Store what became of it; False when somebody was faster."""
    values: dict[str, Any] = {
        "ended_at": glass.ended_at,
        "ended_by": glass.ended_by,
        "version": glass.version,
    }
    if glass.review is not None:
        key = await keys.of(session, glass.referral_id)
        said = glass.review
        values |= {"reviewed_at": said.at, "reviewed_by": said.by, "justified": said.justified}
        values["note"] = _NOTE.seal(key, glass.id, said.note)
    one = (GLASS.c.id == glass.id, GLASS.c.version == glass.version - 1)
    done = update(GLASS).where(*one).values(**values).returning(GLASS.c.id)
    return (await session.execute(done)).first() is not None


async def find(session: Session, glass_id: UUID) -> BreakGlass | None:
    row = (await session.execute(_WITH_KEYS.where(GLASS.c.id == glass_id))).first()
    return None if row is None else _read(session, row)


async def matter_of(session: Session, glass_id: UUID) -> UUID | None:
    """The referral it opened; None when there is no such thing."""
    found: UUID | None = await session.scalar(
        select(GLASS.c.referral_id).where(GLASS.c.id == glass_id)
    )
    return found


async def open_to(
    session: Session, person_id: UUID, referral_id: UUID, now: datetime
) -> BreakGlass | None:
    """The one by which somebody may look at this case now."""
    theirs = (GLASS.c.person_id == person_id, GLASS.c.referral_id == referral_id)
    still = (GLASS.c.ended_at.is_(None), GLASS.c.until > now)
    row = (await session.execute(_WITH_KEYS.where(*theirs, *still).limit(1))).first()
    return None if row is None else _read(session, row)


async def of_referral(session: Session, referral_id: UUID) -> list[BreakGlass]:
    """Every time it was opened, the first one first."""
    wanted = _WITH_KEYS.where(GLASS.c.referral_id == referral_id)
    rows = await session.execute(wanted.order_by(GLASS.c.opened_at, GLASS.c.id))
    return [_read(session, row) for row in rows]


async def newest(
    session: Session, visible: ColumnElement[bool], at_most: int, skip: int = 0
) -> list[tuple[BreakGlass, str]]:
    """Those of visible cases with the case's reference: what waits for review first, the oldest
    of that first; then what was reviewed, the latest first."""
    waits = GLASS.c.reviewed_at.is_(None)
    order = (waits.desc(), GLASS.c.reviewed_at.desc(), GLASS.c.opened_at, GLASS.c.id)
    wanted = _WITH_KEYS.where(visible).order_by(*order).offset(skip).limit(at_most)
    return [(_read(session, row), row.reference) for row in await session.execute(wanted)]


async def opened_since(
    session: Session, visible: ColumnElement[bool], since: datetime, at_most: int
) -> list[tuple[UUID, str, datetime]]:
    """The referrals that were opened lately, of those that are visible: id, reference and when."""
    wanted = (
        select(REFERRAL.c.id, REFERRAL.c.reference, GLASS.c.opened_at)
        .join(GLASS, GLASS.c.referral_id == REFERRAL.c.id)
        .where(visible, GLASS.c.opened_at > since)
        .order_by(GLASS.c.opened_at.desc())
        .limit(at_most)
    )
    return [(row.id, row.reference, row.opened_at) for row in await session.execute(wanted)]


async def count_since(session: Session, since: datetime) -> int:
    """How many were opened since this moment."""
    return await _count(session, select(func.count()).where(GLASS.c.opened_at >= since))


async def count_late(session: Session, now: datetime) -> int:
    """How many should have been reviewed by now."""
    late = (GLASS.c.reviewed_at.is_(None), GLASS.c.review_due_at <= now)
    return await _count(session, select(func.count()).where(*late))


async def _count(session: Session, statement: Select[Any]) -> int:
    number: int | None = await session.scalar(statement)
    return number or 0


_PLAIN = (
    *("id", "referral_id", "person_id", "opened_at", "until", "ended_at", "ended_by"),
    *("review_due_at", "version"),
)


def _read(session: Session, row: Row[Any]) -> BreakGlass:
    """Raises Sealed."""
    key = keys.in_row(session, row.referral_id, row)
    review = None
    if row.reviewed_at is not None:
        note = _NOTE.text(key, row.id, row.note) or ""
        review = Review(row.reviewed_at, row.reviewed_by, row.justified, note)
    plain = {name: getattr(row, name) for name in _PLAIN}
    return BreakGlass(**plain, reason=_REASON.text(key, row.id, row.reason), review=review)
