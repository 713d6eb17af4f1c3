"""What people said of themselves, sealed; and how many declined who said so, naming nobody."""

import json
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Field

from services.referral.domain.monitoring import AgeBand, Answers, Ethnicity, Gender, Reduced
from services.referral.store.base import SCHEMA, Base
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, SealedBytes, UtcDateTime
from shared.plumbing.database import Session, conflict_insert, insert_latest
from shared.plumbing.sealing import fields, keys


class MonitoringRow(Base, table=True):
    """What one person said of themselves, under their own key."""

    __tablename__ = "monitoring"

    person_id: UUID = Field(
        primary_key=True, foreign_key="person.id", sa_column_kwargs=NOT_PERSONAL
    )
    answers: bytes = Field(sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    changed_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)


class DeclinedRow(Base, table=True):
    """How many declined in an area and a quarter who gave these answers.

    A number, and not a row for each: the order of rows would say who is who.
    """

    __tablename__ = "declined_number"

    area_id: UUID = Field(primary_key=True, foreign_key="area.id", sa_column_kwargs=NOT_PERSONAL)
    quarter: date = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    age_band: str = Field(primary_key=True, max_length=20, sa_column_kwargs=NOT_PERSONAL)
    gender: str = Field(primary_key=True, max_length=20, sa_column_kwargs=NOT_PERSONAL)
    ethnicity: str = Field(primary_key=True, max_length=20, sa_column_kwargs=NOT_PERSONAL)
    number: int = Field(sa_column_kwargs=NOT_PERSONAL)


MONITORING = SCHEMA.metadata.tables["monitoring"]
DECLINED = SCHEMA.metadata.tables["declined_number"]

_ANSWERS = fields.Field.of(SCHEMA.name, MONITORING.c.answers, fields.LONG)
_KEYED = keys.joined(select(MONITORING), SCHEMA, MONITORING.c.person_id)


async def save(session: Session, person_id: UUID, answers: Answers) -> None:
    """Raises WasErased."""
    key = await keys.of(session, person_id)
    plain = json.dumps([answers.age_band, answers.gender, answers.ethnicity])
    row = {
        "person_id": person_id,
        "answers": _ANSWERS.seal(key, person_id, plain),
        "changed_at": session.now(),
    }
    await session.execute(insert_latest(MONITORING, session.database.dialect), row)


async def find(session: Session, person_id: UUID) -> Answers:
    """What they said; not asked, where nothing is recorded. Raises Sealed."""
    row = (await session.execute(_KEYED.where(MONITORING.c.person_id == person_id))).first()
    if row is None:
        return Answers()
    plain = _ANSWERS.text(keys.in_row(session, person_id, row), person_id, row.answers)
    if plain is None:
        return Answers()
    age_band, gender, ethnicity = json.loads(plain)
    return Answers(AgeBand(age_band), Gender(gender), Ethnicity(ethnicity))


async def forget(session: Session, person_id: UUID) -> None:
    await session.execute(delete(MONITORING).where(MONITORING.c.person_id == person_id))


async def count(session: Session, reduced: Reduced) -> None:
    """Count one more of these."""
    row = {"area_id": reduced.area_id, "quarter": reduced.quarter, "number": 1}
    row |= {name: str(value) for name, value in vars(reduced.answers).items()}
    new = conflict_insert(DECLINED, session.database.dialect).values(**row)
    keyed = [column.name for column in DECLINED.primary_key]
    more = {"number": DECLINED.c.number + 1}
    await session.execute(new.on_conflict_do_update(index_elements=keyed, set_=more))


async def counted(session: Session) -> list[tuple[Reduced, int]]:
    """All of it, the latest quarter first."""
    rows = await session.execute(
        select(DECLINED).order_by(DECLINED.c.quarter.desc(), *DECLINED.primary_key)
    )
    return [
        (
            Reduced(
                row.area_id,
                row.quarter,
                Answers(AgeBand(row.age_band), Gender(row.gender), Ethnicity(row.ethnicity)),
            ),
            row.number,
        )
        for row in rows
    ]
