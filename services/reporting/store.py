"""What reporting keeps: one row for each thing counted, and the only SQL over them.

Nobody is in it: ids, codes, months and times. It can be thrown away and rebuilt from the streams.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, insert, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel

from services.reporting import domain
from services.reporting.domain import Counted, Outcomes, Period
from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Schema, Session, new_registry

IN_ONE_INSERT = 500
"""Rows written in one statement by a rebuild."""


class Base(SQLModel, registry=new_registry()):
    """What every table of reporting is made from."""


class ReferralRow(Base, table=True):
    __tablename__ = "referral_counted"

    referral_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    received_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )
    month: date | None = Field(default=None, index=True, sa_column_kwargs=NOT_PERSONAL)
    source: str | None = Field(default=None, max_length=40, sa_column_kwargs=NOT_PERSONAL)
    matter: str | None = Field(default=None, max_length=40, sa_column_kwargs=NOT_PERSONAL)
    area_id: UUID | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    heard_about: str | None = Field(default=None, max_length=40, sa_column_kwargs=NOT_PERSONAL)
    outcome: str | None = Field(default=None, max_length=20, sa_column_kwargs=NOT_PERSONAL)
    decided_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )
    decline_reason: str | None = Field(default=None, max_length=40, sa_column_kwargs=NOT_PERSONAL)
    case_id: UUID | None = Field(default=None, index=True, sa_column_kwargs=NOT_PERSONAL)


class CaseRow(Base, table=True):
    __tablename__ = "case_counted"

    case_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    referral_id: UUID | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    first_met_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )


class MeetingRow(Base, table=True):
    __tablename__ = "meeting_counted"

    session_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    case_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    kind: str = Field(max_length=40, sa_column_kwargs=NOT_PERSONAL)
    outcome: str = Field(max_length=20, sa_column_kwargs=NOT_PERSONAL)
    month: date = Field(index=True, sa_column_kwargs=NOT_PERSONAL)
    took_part: int = Field(sa_column_kwargs=NOT_PERSONAL)


class AreaRow(Base, table=True):
    __tablename__ = "area_label"

    area_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    label: str = Field(max_length=80, sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


SCHEMA = Schema("reporting", Base)

ROWS: Mapping[type[Any], type[Base]] = {
    domain.ReferralCount: ReferralRow,
    domain.CaseCount: CaseRow,
    domain.MeetingCount: MeetingRow,
    domain.AreaLabel: AreaRow,
}


async def find(session: Session, kind: type[Counted], key: UUID) -> Counted | None:
    """What is counted under this id so far."""
    row = (await session.execute(_finding(_table(ROWS[kind])), {"wanted": key})).first()
    return None if row is None else kind(**row._mapping)


async def save(session: Session, counted: Counted) -> None:
    """Keep what is counted now in place of what was."""
    statement = _saving(_table(ROWS[type(counted)]), session.database.dialect)
    await session.execute(statement, dict(vars(counted)))


async def replace_everything(session: Session, counted: Iterable[Counted]) -> None:
    """Throw every count away and keep these instead."""
    by_table: dict[type[Base], list[dict[str, Any]]] = {row: [] for row in ROWS.values()}
    for count in counted:
        by_table[ROWS[type(count)]].append(dict(vars(count)))
    for row, values in by_table.items():
        table = _table(row)
        await session.execute(delete(table))
        for start in range(0, len(values), IN_ONE_INSERT):
            await session.execute(insert(table), values[start : start + IN_ONE_INSERT])


async def measures(session: Session, period: Period) -> domain.Measures:
    """Every figure of the report for `period`, from this moment's view of the store."""
    area = _table(AreaRow).c
    labels = await session.execute(select(area.area_id, area.label))
    waits, not_yet = await _waits(session, period)
    return domain.measure(
        period,
        by_month=await _referrals(session, period, "month"),
        by_source=await _referrals(session, period, "source"),
        by_area=await _referrals(session, period, "area_id"),
        labels={each.area_id: each.label for each in labels},
        meetings=await _meetings(session, period),
        waits=waits,
        not_yet=not_yet,
    )


async def _referrals(session: Session, period: Period, column: str) -> dict[Any, Outcomes]:
    table = _table(ReferralRow)
    group, outcome = table.c[column], table.c.outcome
    found = await session.execute(
        select(group, outcome, func.count()).where(_in(period, table)).group_by(group, outcome)
    )
    outcomes: dict[Any, Outcomes] = {}
    for key, became, count in found:
        more = Outcomes(**{became or "waiting": count})
        outcomes[key] = outcomes.get(key, Outcomes()) + more
    return outcomes


async def _meetings(session: Session, period: Period) -> dict[tuple[str, str], int]:
    table = _table(MeetingRow)
    found = await session.execute(
        select(table.c.kind, table.c.outcome, func.count())
        .where(_in(period, table))
        .group_by(table.c.kind, table.c.outcome)
    )
    return {(kind, outcome): count for kind, outcome, count in found}


async def _waits(session: Session, period: Period) -> tuple[list[int], int]:
    referral, of_case = _table(ReferralRow), _table(CaseRow)
    found = await session.execute(
        select(referral.c.received_at, of_case.c.first_met_at)
        .outerjoin(of_case, of_case.c.case_id == referral.c.case_id)
        .where(_in(period, referral), referral.c.outcome == "accepted")
    )
    days = [domain.days_between(received, met) if met else None for received, met in found]
    return [waited for waited in days if waited is not None], days.count(None)


# Each of these is made once: for one fact at a time, making a statement is most of the work.
@cache
def _finding(table: SqlTable) -> Select[Any]:
    [key] = table.primary_key
    return select(table).where(key == bindparam("wanted", type_=key.type))


@cache
def _saving(table: SqlTable, dialect: str) -> sqlite.Insert | postgresql.Insert:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(table)
    key = [column.name for column in table.primary_key]
    changed = {one.name: statement.excluded[one.name] for one in table.c if one.name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=changed)


def _in(period: Period, table: SqlTable) -> ColumnElement[bool]:
    return table.c.month.between(period.first, period.last)


def _table(row: type[Base]) -> SqlTable:
    table = row.__table__  # type: ignore[attr-defined] # SQLModel sets it on every table
    assert isinstance(table, SqlTable)  # noqa: S101
    return table
