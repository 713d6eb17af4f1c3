"""Every table of planning. Ids and times name nobody outside the referral service."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, SealedBytes, UtcDateTime
from shared.plumbing.database import Schema, new_registry
from shared.plumbing.standing import standing_table

OPEN_JOINT = text("kind = 'joint' AND state = 'scheduled'")


class Base(SQLModel, registry=new_registry()):
    """What every table of planning is made from."""


class CaseRow(Base, table=True):
    """A case that was opened for planning."""

    __tablename__ = "planning_case"
    __table_args__ = (
        # The list of what waits is read in this order, and most cases wait no more.
        Index(
            "ix_planning_case_waiting",
            "waiting_since",
            "id",
            sqlite_where=text("waiting_since IS NOT NULL"),
            postgresql_where=text("waiting_since IS NOT NULL"),
        ),
        Index("ix_planning_case_referral", "referral_id"),
    )

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    referral_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    matter: str = Field(max_length=40, sa_column_kwargs=NOT_PERSONAL)
    area_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    opened_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    waiting_since: datetime | None = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)


class PartyRow(Base, table=True):
    """A person in a case; kept whether or not the case has been heard of yet, hence no key to it.

    `version` is the case's when the party was last told of, zero when it came with the referral.
    """

    __tablename__ = "party"
    __table_args__ = (Index("ix_party_person", "person_id"),)

    case_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    side: str = Field(max_length=20, sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


class ErasedRow(Base, table=True):
    """An id whose person was erased, so that nothing told late brings it back."""

    __tablename__ = "erased_person"

    person_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    erased_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)


class ClosedRow(Base, table=True):
    """A case on which work has ended, heard of before or after it was opened here.

    It stays when the case is destroyed, so that nothing told late brings it back.
    """

    __tablename__ = "closed_case"

    case_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    closed_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    destroyed_at: datetime | None = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)


class FacilitatorRow(Base, table=True):
    """Somebody who facilitates here, or did; `version` is that of the last fact about them."""

    __tablename__ = "facilitator"

    person_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    works_here: bool = Field(sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


class VenueRow(Base, table=True):
    """A place, or a way of meeting online."""

    __tablename__ = "venue"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    label: str = Field(max_length=80, sa_column_kwargs=NOT_PERSONAL)
    kind: str = Field(max_length=20, sa_column_kwargs=NOT_PERSONAL)
    safety_note: bytes = Field(sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    step_free: bool = Field(sa_column_kwargs=NOT_PERSONAL)
    retired: bool = Field(sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


class MeetingRow(Base, table=True):
    """One meeting; once it has ended it is never changed again."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="takes_time"),
        Index("ix_meeting_diary", "state", "starts_at"),
        Index("ix_meeting_case", "case_id"),
        Index(
            "uq_meeting_open_joint",
            "case_id",
            unique=True,
            sqlite_where=OPEN_JOINT,
            postgresql_where=OPEN_JOINT,
        ),
    )

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    case_id: UUID = Field(foreign_key="planning_case.id", sa_column_kwargs=NOT_PERSONAL)
    kind: str = Field(max_length=20, sa_column_kwargs=NOT_PERSONAL)
    state: str = Field(max_length=20, sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)
    starts_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    ends_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    venue_id: UUID = Field(foreign_key="venue.id", sa_column_kwargs=NOT_PERSONAL)
    grant_id: UUID | None = Field(sa_column_kwargs=NOT_PERSONAL)
    booked_by: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    booked_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    replaces: UUID | None = Field(foreign_key="meeting.id", sa_column_kwargs=NOT_PERSONAL)
    # Not a key: the old meeting is given up just before its successor is written.
    replaced_by: UUID | None = Field(sa_column_kwargs=NOT_PERSONAL)
    reason: str | None = Field(max_length=40, sa_column_kwargs=NOT_PERSONAL)
    ended_by: UUID | None = Field(sa_column_kwargs=NOT_PERSONAL)
    ended_at: datetime | None = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)


class MeetingPersonRow(Base, table=True):
    """Somebody a meeting is booked for, and, once it was held, how they took part."""

    __tablename__ = "meeting_person"
    __table_args__ = (Index("ix_meeting_person_person", "person_id"),)

    meeting_id: UUID = Field(
        foreign_key="meeting.id", primary_key=True, sa_column_kwargs=NOT_PERSONAL
    )
    person_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    facilitates: bool = Field(sa_column_kwargs=NOT_PERSONAL)
    attendance: str | None = Field(max_length=20, sa_column_kwargs=NOT_PERSONAL)


class HeldTimeRow(Base, table=True):
    """A time at which a person or a room is taken; gone when the meeting gives it back.

    On PostgreSQL the first migration adds the constraint that no two of them overlap.
    """

    __tablename__ = "held_time"
    __table_args__ = (Index("ix_held_time_when", "held_id", "starts_at"),)

    meeting_id: UUID = Field(
        foreign_key="meeting.id", primary_key=True, sa_column_kwargs=NOT_PERSONAL
    )
    held_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    """A facilitator, a participant, or a room."""
    starts_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    ends_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)


class RevokedGrantRow(Base, table=True):
    """A meeting that may not be held, heard of before or after it was booked."""

    __tablename__ = "revoked_grant"

    meeting_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    grant_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    revoked_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)


SCHEMA = Schema("scheduling", Base)

STANDING = standing_table(SCHEMA.metadata)
CASE = SCHEMA.metadata.tables["planning_case"]
PARTY = SCHEMA.metadata.tables["party"]
VENUE = SCHEMA.metadata.tables["venue"]
ERASED = SCHEMA.metadata.tables["erased_person"]
CLOSED = SCHEMA.metadata.tables["closed_case"]
FACILITATOR = SCHEMA.metadata.tables["facilitator"]
MEETING = SCHEMA.metadata.tables["meeting"]
MEETING_PERSON = SCHEMA.metadata.tables["meeting_person"]
HELD_TIME = SCHEMA.metadata.tables["held_time"]
REVOKED_GRANT = SCHEMA.metadata.tables["revoked_grant"]
"""Those that facts change, without the detour over row objects."""
