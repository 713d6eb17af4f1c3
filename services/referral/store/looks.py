"""Who has looked at whose name or address from another service's page."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from services.referral.store.base import Base
from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Session


class Seen(StrEnum):
    """What was shown."""

    NAME = "name"
    ADDRESS = "address"


class LookRow(Base, table=True):
    """One look of one member of staff at one person."""

    __tablename__ = "look"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    staff_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Field(index=True, sa_column_kwargs=NOT_PERSONAL)
    seen: str = Field(sa_column_kwargs=NOT_PERSONAL)


async def note(session: Session, staff_id: UUID, person_id: UUID, seen: Seen) -> None:
    """Record that something was shown, in the transaction that shows it."""
    session.add(
        LookRow(
            id=session.new_id(),
            at=session.now(),
            staff_id=staff_id,
            person_id=person_id,
            seen=seen.value,
        )
    )
