"""Legal holds: what keeps a matter, and the people in it, from being destroyed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, exists, or_, select, update
from sqlmodel import Field

from services.referral.domain.holds import Hold
from services.referral.store.base import SCHEMA, Base
from services.referral.store.cases import CASE, PARTY
from services.referral.store.intake import REFERRAL
from shared.plumbing.columns import (
    NOT_PERSONAL,
    PERSONAL,
    Blob,
    SealedBytes,
    UtcDateTime,
)
from shared.plumbing.database import Session
from shared.plumbing.sealing import fields, keys
from shared.plumbing.sealing.keyring import Kind


class HoldRow(Base, table=True):
    """One hold. Its reasons are sealed with a key of its own, which goes with the matter."""

    __tablename__ = "legal_hold"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    referral_id: UUID = Field(foreign_key="referral.id", index=True, sa_column_kwargs=NOT_PERSONAL)
    placed_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    placed_by: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    reason: bytes = Field(sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    lifted_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )
    lifted_by: UUID | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    lifted_reason: bytes | None = Field(
        default=None, sa_type=SealedBytes, sa_column_kwargs=PERSONAL
    )


HOLD = SCHEMA.metadata.tables["legal_hold"]

_REASON = fields.Field.of(SCHEMA.name, HOLD.c.reason, fields.LONG)
_LIFTED_REASON = fields.Field.of(SCHEMA.name, HOLD.c.lifted_reason, fields.LONG)
_HOLDS = keys.joined(select(HOLD), SCHEMA, HOLD.c.id).order_by(HOLD.c.placed_at, HOLD.c.id)


async def add(session: Session, hold: Hold) -> None:
    key = await keys.new(session, hold.id, Kind.CASE)
    row = vars(hold) | {"reason": _REASON.seal(key, hold.id, hold.reason)}
    await session.insert(HoldRow, row)


async def save_lifted(session: Session, hold: Hold) -> None:
    key = await keys.of(session, hold.id)
    lifted = {
        "lifted_at": hold.lifted_at,
        "lifted_by": hold.lifted_by,
        "lifted_reason": _LIFTED_REASON.seal(key, hold.id, hold.lifted_reason or ""),
    }
    await session.execute(update(HOLD).where(HOLD.c.id == hold.id).values(**lifted))


async def of_referral(session: Session, referral_id: UUID) -> list[Hold]:
    """Every hold there was and is on it, oldest first. Raises Sealed."""
    rows = await session.execute(_HOLDS.where(HOLD.c.referral_id == referral_id))
    return [_hold(session, row) for row in rows]


async def standing(session: Session, visible: ColumnElement[bool]) -> list[Hold]:
    """Those that keep something now, of what is visible, oldest first."""
    seen = _HOLDS.join(REFERRAL, REFERRAL.c.id == HOLD.c.referral_id)
    rows = await session.execute(seen.where(HOLD.c.lifted_at.is_(None), visible))
    return [_hold(session, row) for row in rows]


async def held(session: Session, referral_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of these that a hold keeps; needs no key."""
    wanted = select(HOLD.c.referral_id).where(
        HOLD.c.referral_id.in_(sorted(set(referral_ids))), HOLD.c.lifted_at.is_(None)
    )
    return frozenset(await session.scalars(wanted))


def keeps_referral(referral_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """The condition that a hold keeps the referral with this id."""
    hold = HOLD.alias().c
    return exists().where(hold.referral_id == referral_id, hold.lifted_at.is_(None))


def keeps_person(person_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """The condition that a hold keeps a matter this person is in."""
    hold, referral = HOLD.alias().c, REFERRAL.alias().c
    case, party = CASE.alias().c, PARTY.alias().c
    own = exists().where(referral.id == hold.referral_id, referral.person_id == person_id)
    joined = exists().where(
        case.referral_id == hold.referral_id,
        party.case_id == case.id,
        party.person_id == person_id,
    )
    standing = hold.lifted_at.is_(None)
    return or_(exists().where(standing, own), exists().where(standing, joined))


async def forget(session: Session, referral_id: UUID) -> None:
    """Drop the holds there were on a matter that goes, and what their reasons are sealed with."""
    ids = await session.scalars(select(HOLD.c.id).where(HOLD.c.referral_id == referral_id))
    for hold_id in list(ids):
        await keys.destroy(session, hold_id)
    await session.execute(delete(HOLD).where(HOLD.c.referral_id == referral_id))


def _hold(session: Session, row: Row[Any]) -> Hold:
    key = keys.in_row(session, row.id, row)

    def text(field: fields.Field, blob: Blob | None) -> str | None:
        return None if blob is None else field.text(key, row.id, blob)

    return Hold(
        row.id,
        row.referral_id,
        row.placed_at,
        row.placed_by,
        text(_REASON, row.reason) or "",
        row.lifted_at,
        row.lifted_by,
        text(_LIFTED_REASON, row.lifted_reason),
    )
