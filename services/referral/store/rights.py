"""The register of what people asked about their own data."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select, update
from sqlmodel import Field

from services.referral.domain.agreement import HowTold
from services.referral.domain.rights import (
    ExtensionReason,
    RefusalReason,
    RequestState,
    RightKind,
    RightRequest,
)
from services.referral.store.base import SCHEMA, Base
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, SealedBytes
from shared.plumbing.database import Session
from shared.plumbing.sealing import fields, keys


class RightRequestRow(Base, table=True):
    """One request; what was written about deciding it is sealed with the key of the person."""

    __tablename__ = "right_request"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Field(foreign_key="person.id", index=True, sa_column_kwargs=NOT_PERSONAL)
    kind: str = Field(max_length=20, sa_column_kwargs=NOT_PERSONAL)
    state: str = Field(max_length=20, index=True, sa_column_kwargs=NOT_PERSONAL)
    received_on: date = Field(sa_column_kwargs=NOT_PERSONAL)
    received_by: str = Field(max_length=20, sa_column_kwargs=NOT_PERSONAL)
    recorded_by: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    due_on: date = Field(sa_column_kwargs=NOT_PERSONAL)
    extended: str | None = Field(default=None, max_length=20, sa_column_kwargs=NOT_PERSONAL)
    extended_on: date | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    decided_on: date | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    decided_by: UUID | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    reason: str | None = Field(default=None, max_length=40, sa_column_kwargs=NOT_PERSONAL)
    note: bytes | None = Field(default=None, sa_type=SealedBytes, sa_column_kwargs=PERSONAL)


RIGHT_REQUEST = SCHEMA.metadata.tables["right_request"]

_NOTE = fields.Field.of(SCHEMA.name, RIGHT_REQUEST.c.note, fields.LONG)
_FIND = select(RIGHT_REQUEST).where(RIGHT_REQUEST.c.id == bindparam("wanted"))
_SAVE = update(RIGHT_REQUEST).where(RIGHT_REQUEST.c.id == bindparam("saved"))


async def add(session: Session, request: RightRequest) -> None:
    await session.insert(RightRequestRow, vars(request) | {"note": None})


async def save(session: Session, request: RightRequest) -> None:
    """Store what has become of a request."""
    await session.execute(_SAVE, vars(request) | {"saved": request.id})


async def keep_note(session: Session, request: RightRequest, note: str) -> None:
    """Keep what was written about a decision. Raises KeysAway or WasErased."""
    key = await keys.of(session, request.person_id)
    sealed = _NOTE.seal(key, request.id, note)
    await session.execute(_SAVE, {"saved": request.id, "note": sealed})


async def find(session: Session, request_id: UUID) -> RightRequest | None:
    row = (await session.execute(_FIND, {"wanted": request_id})).first()
    return _request(row) if row else None


async def of_person(session: Session, person_id: UUID) -> list[RightRequest]:
    """Everything somebody ever asked for, the latest first."""
    wanted = select(RIGHT_REQUEST).where(RIGHT_REQUEST.c.person_id == person_id)
    order = (RIGHT_REQUEST.c.received_on.desc(), RIGHT_REQUEST.c.id.desc())
    return [_request(row) for row in await session.execute(wanted.order_by(*order))]


async def open_requests(session: Session, limit: int = 200) -> list[RightRequest]:
    """What nobody has decided, what is due first first."""
    wanted = select(RIGHT_REQUEST).where(RIGHT_REQUEST.c.state == RequestState.OPEN.value)
    order = (RIGHT_REQUEST.c.due_on, RIGHT_REQUEST.c.id)
    return [_request(row) for row in await session.execute(wanted.order_by(*order).limit(limit))]


async def count_overdue(session: Session, today: date) -> int:
    """How many should have been answered before today."""
    late = (RIGHT_REQUEST.c.state == RequestState.OPEN.value, RIGHT_REQUEST.c.due_on < today)
    statement = select(func.count()).select_from(RIGHT_REQUEST).where(*late)
    number: int = (await session.execute(statement)).scalar_one()
    return number


async def note_of(session: Session, request: RightRequest) -> str | None:
    """What was written about the decision; None when nothing was, or they were erased."""
    statement = select(RIGHT_REQUEST.c.note).where(RIGHT_REQUEST.c.id == request.id)
    found = await session.execute(keys.joined(statement, SCHEMA, RIGHT_REQUEST.c.person_id))
    row = found.first()
    if row is None or row.note is None:
        return None
    return _NOTE.text(keys.in_row(session, request.person_id, row), request.id, row.note)


def _request(row: Row[Any]) -> RightRequest:
    return RightRequest(
        id=row.id,
        person_id=row.person_id,
        kind=RightKind(row.kind),
        received_on=row.received_on,
        received_by=HowTold(row.received_by),
        recorded_by=row.recorded_by,
        due_on=row.due_on,
        state=RequestState(row.state),
        extended=ExtensionReason(row.extended) if row.extended else None,
        extended_on=row.extended_on,
        decided_on=row.decided_on,
        decided_by=row.decided_by,
        reason=RefusalReason(row.reason) if row.reason else None,
    )
