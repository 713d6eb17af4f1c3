"""What has happened in each case, and how the messages about it ended."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, or_, select
from sqlmodel import Field

from services.referral.domain.agreement import HowTold
from services.referral.domain.timeline import Ending, Entry, Happening, MessageNote
from services.referral.store.base import SCHEMA, Base
from shared.contracts.words import Channel, Purpose
from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Session, insert_latest


class EntryRow(Base, table=True):
    """One entry on the timeline of a referral."""

    __tablename__ = "timeline_entry"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    referral_id: UUID = Field(foreign_key="referral.id", index=True, sa_column_kwargs=NOT_PERSONAL)
    at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    happening: str = Field(sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    recorded_by: UUID | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    how: str | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)


class MessageNoteRow(Base, table=True):
    """How one message ended, as notifications told it."""

    __tablename__ = "message_note"

    message_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    purpose: str = Field(sa_column_kwargs=NOT_PERSONAL)
    ending: str = Field(sa_column_kwargs=NOT_PERSONAL)
    at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    sequence: int = Field(sa_column_kwargs=NOT_PERSONAL)
    referral_id: UUID | None = Field(default=None, index=True, sa_column_kwargs=NOT_PERSONAL)
    case_id: UUID | None = Field(default=None, index=True, sa_column_kwargs=NOT_PERSONAL)
    channel: str | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    reason: str | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)


ENTRY = SCHEMA.metadata.tables["timeline_entry"]
NOTE = SCHEMA.metadata.tables["message_note"]

_FIND_NOTE = select(NOTE).where(NOTE.c.message_id == bindparam("wanted"))


async def add(session: Session, entry: Entry) -> None:
    await session.insert(EntryRow, vars(entry))


async def of_referral(session: Session, referral_id: UUID) -> list[Entry]:
    """What happened, oldest first."""
    wanted = select(ENTRY).where(ENTRY.c.referral_id == referral_id)
    return [_entry(row) for row in await session.execute(wanted.order_by(ENTRY.c.at, ENTRY.c.id))]


async def find_note(session: Session, message_id: UUID) -> MessageNote | None:
    row = (await session.execute(_FIND_NOTE, {"wanted": message_id})).first()
    return _note(row) if row else None


async def save_note(session: Session, note: MessageNote) -> None:
    """Store how a message ended, in place of what was known of it."""
    await session.change(insert_latest(NOTE, session.database.dialect), vars(note))


async def notes_about(
    session: Session, referral_id: UUID, case_id: UUID | None
) -> list[MessageNote]:
    """How the messages about this referral and its case ended, oldest first."""
    about = [NOTE.c.referral_id == referral_id]
    if case_id is not None:
        about.append(NOTE.c.case_id == case_id)
    wanted = select(NOTE).where(or_(*about)).order_by(NOTE.c.at, NOTE.c.message_id)
    return [_note(row) for row in await session.execute(wanted)]


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        referral_id=row.referral_id,
        at=row.at,
        happening=Happening(row.happening),
        person_id=row.person_id,
        recorded_by=row.recorded_by,
        how=HowTold(row.how) if row.how else None,
    )


def _note(row: Row[Any]) -> MessageNote:
    return MessageNote(
        message_id=row.message_id,
        person_id=row.person_id,
        purpose=Purpose(row.purpose),
        ending=Ending(row.ending),
        at=row.at,
        sequence=row.sequence,
        referral_id=row.referral_id,
        case_id=row.case_id,
        channel=Channel(row.channel) if row.channel else None,
        reason=row.reason,
    )
