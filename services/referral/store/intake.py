"""Referrals: what was asked for, and where each stands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, Row, bindparam, select, update
from sqlmodel import Field

from services.referral.domain.intake import Referral, Request, Status
from services.referral.store.base import SCHEMA, Base
from services.referral.store.people import PERSON, SEAL
from shared.contracts.words import (
    DeclineReason,
    Happened,
    HeardAbout,
    Matter,
    ReportedToPolice,
    Side,
    Source,
)
from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Session
from shared.plumbing.sealing import keys
from shared.plumbing.sealing.trouble import Sealed


class ReferralRow(Base, table=True):
    """A referral, in coded words and ids."""

    __tablename__ = "referral"
    __table_args__ = (Index("ix_referral_list", "status", "received_at", "id"),)

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    reference: str = Field(unique=True, sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Field(foreign_key="person.id", index=True, sa_column_kwargs=NOT_PERSONAL)
    source: str = Field(sa_column_kwargs=NOT_PERSONAL)
    matter: str = Field(sa_column_kwargs=NOT_PERSONAL)
    happened: str = Field(sa_column_kwargs=NOT_PERSONAL)
    side: str = Field(sa_column_kwargs=NOT_PERSONAL)
    reported_to_police: str = Field(sa_column_kwargs=NOT_PERSONAL)
    area_id: UUID = Field(foreign_key="area.id", sa_column_kwargs=NOT_PERSONAL)
    heard_about: str = Field(sa_column_kwargs=NOT_PERSONAL)
    permission_attested: bool = Field(sa_column_kwargs=NOT_PERSONAL)
    received_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    status: str = Field(sa_column_kwargs=NOT_PERSONAL)
    decided_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )
    decline_reason: str | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    referred_by: UUID | None = Field(default=None, index=True, sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


class Tab(StrEnum):
    """One view of the coordinator's list."""

    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"
    """Declined: it never became a case."""
    ENDED = "ended"
    """It became a case, and work on that has ended."""


STATUS_SHOWN = {
    Tab.WAITING: Status.WAITING,
    Tab.OPEN: Status.ACCEPTED,
    Tab.CLOSED: Status.DECLINED,
    Tab.ENDED: Status.CLOSED,
}


@dataclass(frozen=True)
class Listed:
    """One line of the coordinator's list."""

    referral: Referral
    name: str


REFERRAL = SCHEMA.metadata.tables["referral"]

_FIND = select(REFERRAL).where(REFERRAL.c.id == bindparam("wanted"))
_LISTED = select(REFERRAL, PERSON.c.name).join(PERSON, PERSON.c.id == REFERRAL.c.person_id)
_SAVE = update(REFERRAL).where(REFERRAL.c.id == bindparam("saved"))


async def add(session: Session, referral: Referral) -> None:
    """Store a new referral."""
    await session.insert(ReferralRow, _values(referral))


async def save(session: Session, referral: Referral) -> None:
    """Store a changed referral."""
    await session.change(_SAVE, _values(referral) | {"saved": referral.id})


async def find(session: Session, referral_id: UUID) -> Referral | None:
    row = (await session.execute(_FIND, {"wanted": referral_id})).first()
    return _referral(row) if row else None


async def called(session: Session, reference: str) -> UUID | None:
    """The referral with this reference."""
    wanted = select(REFERRAL.c.id).where(REFERRAL.c.reference == reference)
    found: UUID | None = await session.scalar(wanted)
    return found


async def status_for(session: Session, referral_id: UUID, person_id: UUID) -> Status | None:
    """Where the referral stands, when it is this person's own."""
    row = (await session.execute(_FIND, {"wanted": referral_id})).first()
    return Status(row.status) if row and row.person_id == person_id else None


async def page(
    session: Session, tab: Tab, number: int, size: int, visible: ColumnElement[bool]
) -> tuple[list[Listed], bool]:
    """One page of what is visible, counted from 1, and whether another follows.

    Those who wait come in the order they came; what is decided, newest first.
    """
    order: list[Any] = [REFERRAL.c.received_at, REFERRAL.c.id]
    if tab is not Tab.WAITING:
        order = [column.desc() for column in order]
    wanted = (
        keys.joined(_LISTED, SCHEMA, PERSON.c.id)
        .where(REFERRAL.c.status == STATUS_SHOWN[tab].value, visible)
        .order_by(*order)
        .offset((number - 1) * size)
        .limit(size + 1)
    )
    rows = (await session.execute(wanted)).all()
    return [Listed(_referral(row), _name(session, row)) for row in rows[:size]], len(rows) > size


def _name(session: Session, row: Row[Any]) -> str:
    """The name, or why it cannot be shown: one that is damaged must not hide all others."""
    try:
        key = keys.in_row(session, row.person_id, row)
        return SEAL.name(key, row.person_id, row.name)
    except Sealed as why:
        return str(why)


def _values(referral: Referral) -> dict[str, Any]:
    values = {**vars(referral), **vars(referral.request)}
    del values["request"]
    return values


def _referral(row: Row[Any]) -> Referral:
    return Referral(
        id=row.id,
        reference=row.reference,
        person_id=row.person_id,
        request=Request(
            source=Source(row.source),
            matter=Matter(row.matter),
            happened=Happened(row.happened),
            side=Side(row.side),
            reported_to_police=ReportedToPolice(row.reported_to_police),
            area_id=row.area_id,
            heard_about=HeardAbout(row.heard_about),
            permission_attested=row.permission_attested,
        ),
        received_at=row.received_at,
        status=Status(row.status),
        decided_at=row.decided_at,
        decline_reason=DeclineReason(row.decline_reason) if row.decline_reason else None,
        referred_by=row.referred_by,
        version=row.version,
    )
