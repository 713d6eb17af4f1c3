"""Cases whose free text somebody has to look through, because one of its people was erased."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlmodel import Field

from services.referral.store.base import SCHEMA, Base
from services.referral.store.intake import REFERRAL
from shared.plumbing.columns import NOT_PERSONAL
from shared.plumbing.database import Session, insert_first


class RedactionTaskRow(Base, table=True):
    """What was written about a case while somebody was in it who is erased now."""

    __tablename__ = "redaction_task"

    referral_id: UUID = Field(
        primary_key=True, foreign_key="referral.id", sa_column_kwargs=NOT_PERSONAL
    )
    person_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    queued_on: date = Field(sa_column_kwargs=NOT_PERSONAL)
    done_on: date | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    done_by: UUID | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)


@dataclass(frozen=True)
class ToLookThrough:
    """A case that waits to be looked through."""

    referral_id: UUID
    reference: str
    since: date


TASK = SCHEMA.metadata.tables["redaction_task"]

_WAITING = (
    select(TASK.c.referral_id, REFERRAL.c.reference, TASK.c.queued_on)
    .join(REFERRAL, REFERRAL.c.id == TASK.c.referral_id)
    .where(TASK.c.done_on.is_(None))
    .order_by(TASK.c.queued_on, REFERRAL.c.reference)
)
_OF_CASE = (
    select(TASK.c.person_id)
    .where(TASK.c.referral_id == bindparam("wanted"), TASK.c.done_on.is_(None))
    .order_by(TASK.c.person_id)
)
_DONE = update(TASK).where(
    TASK.c.referral_id == bindparam("looked_through"), TASK.c.done_on.is_(None)
)


async def queue(session: Session, referral_id: UUID, person_id: UUID, on: date) -> None:
    """Let somebody look through a case; a repeat changes nothing."""
    row = {"referral_id": referral_id, "person_id": person_id, "queued_on": on}
    await session.execute(insert_first(TASK, session.database.dialect), row)


async def waiting(session: Session, visible: ColumnElement[bool]) -> list[ToLookThrough]:
    """Those of the cases that are visible which wait, each once, the oldest first."""
    found: dict[UUID, ToLookThrough] = {}
    for row in await session.execute(_WAITING.where(visible)):
        found.setdefault(
            row.referral_id, ToLookThrough(row.referral_id, row.reference, row.queued_on)
        )
    return list(found.values())


async def of_case(session: Session, referral_id: UUID) -> list[UUID]:
    """Because of whom a case waits to be looked through; nobody, when it does not."""
    return list(await session.scalars(_OF_CASE, {"wanted": referral_id}))


async def finish(session: Session, referral_id: UUID, by: UUID, on: date) -> None:
    """Note that a case was looked through."""
    values = {"looked_through": referral_id, "done_on": on, "done_by": by}
    await session.execute(_DONE, values)
