"""The tables of reporting: a row for each thing counted, and one for each number of the report."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Table
from sqlmodel import Field, SQLModel

from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Schema, new_registry


class Base(SQLModel, registry=new_registry()):
    """What every table of reporting is made from."""


class ReferralRow(Base, table=True):
    __tablename__ = "referral_counted"

    referral_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    received_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )
    month: date | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
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
    month: date = Field(sa_column_kwargs=NOT_PERSONAL)
    took_part: int = Field(sa_column_kwargs=NOT_PERSONAL)


class AreaRow(Base, table=True):
    __tablename__ = "area_label"

    area_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    label: str = Field(max_length=80, sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


class TallyRow(Base, table=True):
    """How many of the things counted are in one `domain.Cell`."""

    __tablename__ = "tally"

    month: date = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    counted_by: str = Field(primary_key=True, max_length=10, sa_column_kwargs=NOT_PERSONAL)
    value: str = Field(primary_key=True, max_length=40, sa_column_kwargs=NOT_PERSONAL)
    outcome: str = Field(primary_key=True, max_length=20, sa_column_kwargs=NOT_PERSONAL)
    number: int = Field(sa_column_kwargs=NOT_PERSONAL)


SCHEMA = Schema("reporting", Base)


def table_of(row: type[Base]) -> Table:
    """The table behind a row, for statements."""
    table = row.__table__  # type: ignore[attr-defined] # SQLModel sets it on every table
    assert isinstance(table, Table)  # noqa: S101
    return table
