"""Every table of notifications. No address, no name, no number, no sentence: ids, codes, times."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Index, text
from sqlmodel import Field, SQLModel

from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Schema, new_registry
from shared.plumbing.standing import standing_table

CODE = 40
"""The longest coded word; a sentence does not fit."""

DUE = text("due_at IS NOT NULL")
OPEN_TASK = text("state = 'needs_a_call' AND outcome IS NULL")
TAKEN_BACK = text("state = 'recalled' AND told_at IS NULL")
"""Written out: with a parameter in it no database sees that a query fits the index."""


class Base(SQLModel, registry=new_registry()):
    """What every table of notifications is made from."""


class MessageRow(Base, table=True):
    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_due", "due_at", "id", sqlite_where=DUE, postgresql_where=DUE),
        # With the state in front, though it is always the same: SQLite would take the index on
        # states instead, and sort every task there ever was.
        Index(
            "ix_message_open_task",
            "state",
            "matters_until",
            "id",
            sqlite_where=OPEN_TASK,
            postgresql_where=OPEN_TASK,
        ),
        Index(
            "ix_message_taken_back",
            "state",
            "matters_until",
            "id",
            sqlite_where=TAKEN_BACK,
            postgresql_where=TAKEN_BACK,
        ),
        Index("ix_message_newest", "created_at", "id"),
        Index("ix_message_state_newest", "state", "created_at", "id"),
        Index("ix_message_session", "session_id"),
        Index("ix_message_referral", "referral_id"),
        Index("ix_message_person", "person_id"),
        Index("ix_message_about", "about_id"),
    )

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    event_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    purpose: str = Field(max_length=CODE, sa_column_kwargs=NOT_PERSONAL)
    referral_id: UUID | None = Field(sa_column_kwargs=NOT_PERSONAL)
    case_id: UUID | None = Field(sa_column_kwargs=NOT_PERSONAL)
    session_id: UUID | None = Field(sa_column_kwargs=NOT_PERSONAL)
    about_id: UUID | None = Field(sa_column_kwargs=NOT_PERSONAL)
    """Its referral, or its case where only that is known: by this its matter is found."""
    part_of_id: UUID | None = Field(sa_column_kwargs=NOT_PERSONAL)
    """Whose part in the matter it is about; nobody's when it is to somebody who works here."""
    created_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    matters_until: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    changed_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    due_at: datetime | None = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)
    facts: int = Field(sa_column_kwargs=NOT_PERSONAL)
    state: str = Field(max_length=CODE, sa_column_kwargs=NOT_PERSONAL)
    reason: str | None = Field(max_length=CODE, sa_column_kwargs=NOT_PERSONAL)
    attempts: int = Field(sa_column_kwargs=NOT_PERSONAL)
    round_began_at: datetime | None = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    silences: int = Field(sa_column_kwargs=NOT_PERSONAL)
    channel: str | None = Field(max_length=CODE, sa_column_kwargs=NOT_PERSONAL)
    told_at: datetime | None = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    repeats: int = Field(sa_column_kwargs=NOT_PERSONAL)
    outcome: str | None = Field(max_length=CODE, sa_column_kwargs=NOT_PERSONAL)


class HistoryRow(Base, table=True):
    """What became of a message, one row for each turn, never changed."""

    __tablename__ = "message_history"

    message_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    """The version of the message this turn led to."""
    happened: str = Field(max_length=CODE, sa_column_kwargs=NOT_PERSONAL)
    reason: str | None = Field(max_length=CODE, sa_column_kwargs=NOT_PERSONAL)
    at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    code: int | None = Field(sa_column_kwargs=NOT_PERSONAL)
    staff_id: UUID | None = Field(sa_column_kwargs=NOT_PERSONAL)


class MeetingRow(Base, table=True):
    """When a meeting is and what became of it; kept so that nobody is told of a dead one."""

    __tablename__ = "meeting"
    __table_args__ = (Index("ix_meeting_replaces", "replaces"),)

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    case_id: UUID | None = Field(sa_column_kwargs=NOT_PERSONAL)
    replaces: UUID | None = Field(sa_column_kwargs=NOT_PERSONAL)
    starts_at: datetime | None = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    ended: str | None = Field(max_length=CODE, sa_column_kwargs=NOT_PERSONAL)
    ended_by: UUID | None = Field(sa_column_kwargs=NOT_PERSONAL)
    ended_at: datetime | None = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)


class DeclinedRow(Base, table=True):
    """A referral that goes no further: nothing may promise that somebody will look at it."""

    __tablename__ = "declined_referral"

    referral_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)


class ErasedPersonRow(Base, table=True):
    """Somebody whose data was destroyed."""

    __tablename__ = "erased_person"

    person_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)


class MatterRow(Base, table=True):
    """A referral and the case it became: one row for each id under which it is told of.

    Kept so because a meeting is told of by its case alone, and perhaps before anybody has said
    which referral the case began with: its messages are then found the moment somebody does.
    """

    __tablename__ = "matter"
    __table_args__ = (
        Index("ix_matter_referral", "referral_id"),
        Index("ix_matter_person", "person_id"),
    )

    told_as: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    """The id of the referral itself, or that of the case."""
    referral_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    area_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    """Whoever it began with."""


class HeldRow(Base, table=True):
    """Whether a legal hold keeps a referral and its case, by the last that was told of it."""

    __tablename__ = "held_matter"

    referral_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    holds: bool = Field(sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


class StaffRow(Base, table=True):
    """Who works here in which role, by the last that was told of it."""

    __tablename__ = "staff_role"

    person_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    role: str = Field(primary_key=True, max_length=CODE, sa_column_kwargs=NOT_PERSONAL)
    works_here: bool = Field(sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


class StaffAreaRow(Base, table=True):
    """In which areas somebody works here, by the last that was told; none means everywhere."""

    __tablename__ = "staff_area"

    person_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    area_ids: list[str] = Field(sa_type=JSON, sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


SCHEMA = Schema("notifications", Base)

ERASED = SCHEMA.metadata.tables["erased_person"]
STANDING = standing_table(SCHEMA.metadata)
MESSAGE = SCHEMA.metadata.tables["message"]
MATTER = SCHEMA.metadata.tables["matter"]
HISTORY = SCHEMA.metadata.tables["message_history"]
STAFF = SCHEMA.metadata.tables["staff_role"]
STAFF_AREA = SCHEMA.metadata.tables["staff_area"]
DECLINED = SCHEMA.metadata.tables["declined_referral"]
HELD = SCHEMA.metadata.tables["held_matter"]
MEETING = SCHEMA.metadata.tables["meeting"]
"""Those that are written or asked for with every letter, without the detour over row objects."""
