"""Complaints, and what was done about each. Who complained and every word are sealed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, func, or_, select, update
from sqlmodel import Field

from services.referral.domain.complaints import Complaint, HowCame, Outcome, Step, overdue_since
from services.referral.store.base import SCHEMA, Base
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, Blob, SealedBytes, UtcDateTime
from shared.plumbing.database import Session
from shared.plumbing.sealing import fields, keys
from shared.plumbing.sealing.keyring import Kind, SubjectKey


class ComplaintRow(Base, table=True):
    """A complaint in coded words, and its own words sealed."""

    __tablename__ = "complaint"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    reference: str = Field(unique=True, sa_column_kwargs=NOT_PERSONAL)
    came_on: date = Field(index=True, sa_column_kwargs=NOT_PERSONAL)
    how: str = Field(sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID | None = Field(
        default=None, foreign_key="person.id", index=True, sa_column_kwargs=NOT_PERSONAL
    )
    about_id: UUID | None = Field(
        default=None, foreign_key="person.id", sa_column_kwargs=NOT_PERSONAL
    )
    referral_id: UUID | None = Field(
        default=None, foreign_key="referral.id", index=True, sa_column_kwargs=NOT_PERSONAL
    )
    acknowledged_on: date | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    answered_on: date | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    closed_on: date | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    outcome: str | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    who: bytes | None = Field(default=None, sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    """Somebody we do not know: what to call them, and where the answer goes."""
    words: bytes = Field(sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


class ComplaintStepRow(Base, table=True):
    """One thing that was done about a complaint."""

    __tablename__ = "complaint_step"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    complaint_id: UUID = Field(
        foreign_key="complaint.id", index=True, sa_column_kwargs=NOT_PERSONAL
    )
    at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    taken_by: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    step: str = Field(sa_column_kwargs=NOT_PERSONAL)
    words: bytes | None = Field(default=None, sa_type=SealedBytes, sa_column_kwargs=PERSONAL)


COMPLAINT = SCHEMA.metadata.tables["complaint"]
STEP = SCHEMA.metadata.tables["complaint_step"]

_WHO = fields.Field.of(SCHEMA.name, COMPLAINT.c.who, fields.LONG)
_WORDS = fields.Field.of(SCHEMA.name, COMPLAINT.c.words, fields.LONG)
_STEP_WORDS = fields.Field.of(SCHEMA.name, STEP.c.words, fields.LONG)

_COLUMNS = [one for one in COMPLAINT.c if one.name not in ("who", "words")]
ROWS = select(*_COLUMNS)
"""Complaints without their words, which need no key."""

_SEALED = keys.joined(
    select(COMPLAINT.c.id, COMPLAINT.c.who, COMPLAINT.c.words),
    SCHEMA,
    func.coalesce(COMPLAINT.c.person_id, COMPLAINT.c.id),
).where(COMPLAINT.c.id == bindparam("wanted"))
_STEPS = (
    select(STEP).where(STEP.c.complaint_id == bindparam("wanted")).order_by(STEP.c.at, STEP.c.id)
)
_SAVE = update(COMPLAINT).where(COMPLAINT.c.id == bindparam("saved"))


@dataclass(frozen=True)
class Taken:
    """One step with its words."""

    at: datetime
    by: UUID
    step: Step
    words: str | None
    """None where they were destroyed, or nothing was said."""


@dataclass(frozen=True)
class Words:
    """What is sealed of a complaint; None where it was destroyed with its person."""

    who: str | None
    said: str | None
    steps: tuple[Taken, ...]


async def add(session: Session, complaint: Complaint, who: str | None, said: str) -> None:
    """Store a new complaint. Raises WasErased."""
    subject = complaint.subject_id
    known = complaint.person_id is not None
    key = await (keys.of(session, subject) if known else keys.new(session, subject, Kind.COMPLAINT))
    sealed = {
        "who": None if who is None else _WHO.seal(key, complaint.id, who),
        "words": _WORDS.seal(key, complaint.id, said),
    }
    await session.insert(ComplaintRow, _values(complaint) | sealed)


async def save(session: Session, complaint: Complaint) -> None:
    """Store how far a complaint has come."""
    await session.execute(_SAVE, _values(complaint) | {"saved": complaint.id})


async def add_step(
    session: Session, complaint: Complaint, step: Step, words: str | None, by: UUID
) -> None:
    """Note what was done. Where the key is gone nothing that was said is kept."""
    key = (await keys.of_all(session, [complaint.subject_id]))[complaint.subject_id]
    step_id = session.new_id()
    await session.insert(
        ComplaintStepRow,
        {
            "id": step_id,
            "complaint_id": complaint.id,
            "at": session.now(),
            "taken_by": by,
            "step": step.value,
            "words": _STEP_WORDS.seal(key, step_id, words) if words and key else None,
        },
    )


async def find(session: Session, complaint_id: UUID) -> Complaint | None:
    row = (await session.execute(ROWS.where(COMPLAINT.c.id == complaint_id))).first()
    return complaint_in(row) if row else None


async def words_of(session: Session, complaint_id: UUID) -> Words:
    """Everything that was said. Raises Sealed."""
    row = (await session.execute(_SEALED, {"wanted": complaint_id})).one()
    complaint = await find(session, complaint_id)
    assert complaint is not None  # noqa: S101 - its row was there a moment ago
    key = keys.in_row(session, complaint.subject_id, row)
    steps = await session.execute(_STEPS, {"wanted": complaint_id})
    return Words(
        who=None if row.who is None else _WHO.text(key, row.id, row.who),
        said=_WORDS.text(key, row.id, row.words),
        steps=tuple(_taken(key, step) for step in steps),
    )


async def by_person(session: Session, person_id: UUID) -> list[Complaint]:
    """What somebody we know complained of, oldest first."""
    return await _all(session, COMPLAINT.c.person_id == person_id)


async def about_referrals(session: Session, referral_ids: Iterable[UUID]) -> list[Complaint]:
    """Complaints that were linked to one of these referrals."""
    return await _all(session, COMPLAINT.c.referral_id.in_(sorted(referral_ids)))


async def count_overdue(session: Session, today: date) -> int:
    """How many wait for longer than they may; nobody's walls count here, as nobody is shown."""
    acknowledged, answered = overdue_since(today)
    c = COMPLAINT.c
    late = or_(
        (c.acknowledged_on.is_(None)) & (c.came_on < acknowledged),
        (c.answered_on.is_(None)) & (c.came_on < answered),
    )
    wanted = select(func.count()).select_from(COMPLAINT).where(c.closed_on.is_(None), late)
    number: int = (await session.execute(wanted)).scalar_one()
    return number


async def forget(session: Session, complaint_id: UUID) -> None:
    """Destroy a complaint for good: what retention does with one whose time is over."""
    await session.execute(delete(STEP).where(STEP.c.complaint_id == complaint_id))
    await session.execute(delete(COMPLAINT).where(COMPLAINT.c.id == complaint_id))
    await keys.destroy(session, complaint_id)


def complaint_in(row: Row[Any]) -> Complaint:
    return Complaint(
        id=row.id,
        reference=row.reference,
        came_on=row.came_on,
        how=HowCame(row.how),
        person_id=row.person_id,
        about_id=row.about_id,
        referral_id=row.referral_id,
        acknowledged_on=row.acknowledged_on,
        answered_on=row.answered_on,
        closed_on=row.closed_on,
        outcome=Outcome(row.outcome) if row.outcome else None,
        version=row.version,
    )


async def _all(session: Session, condition: Any) -> list[Complaint]:  # noqa: ANN401 - a condition
    wanted = ROWS.where(condition).order_by(COMPLAINT.c.came_on, COMPLAINT.c.id)
    return [complaint_in(row) for row in await session.execute(wanted)]


def _taken(key: SubjectKey | None, row: Row[Any]) -> Taken:
    blob: Blob | None = row.words
    words = None if blob is None else _STEP_WORDS.text(key, row.id, blob)
    return Taken(row.at, row.taken_by, Step(row.step), words)


def _values(complaint: Complaint) -> dict[str, Any]:
    outcome = complaint.outcome.value if complaint.outcome else None
    return vars(complaint) | {"how": complaint.how.value, "outcome": outcome}
