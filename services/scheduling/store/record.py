"""What planning keeps about one person, for that person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select

from services.scheduling.store.tables import (
    CASE,
    FACILITATOR,
    MEETING,
    MEETING_PERSON,
    PARTY,
    VENUE,
)
from shared.plumbing.database import Session

_CASES = (
    select(PARTY.c.side, CASE.c.matter, CASE.c.opened_at, CASE.c.waiting_since)
    .outerjoin(CASE, CASE.c.id == PARTY.c.case_id)
    .where(PARTY.c.person_id == bindparam("person"))
    .order_by(PARTY.c.case_id)
)
_MEETINGS = (
    select(
        MEETING.c.kind,
        MEETING.c.state,
        MEETING.c.starts_at,
        MEETING.c.ends_at,
        MEETING.c.booked_at,
        VENUE.c.label,
        MEETING_PERSON.c.facilitates,
        MEETING_PERSON.c.attendance,
    )
    .join(MEETING_PERSON, MEETING_PERSON.c.meeting_id == MEETING.c.id)
    .join(VENUE, VENUE.c.id == MEETING.c.venue_id)
    .where(MEETING_PERSON.c.person_id == bindparam("person"))
    .order_by(MEETING.c.starts_at, MEETING.c.id)
)
_FACILITATES = select(FACILITATOR.c.works_here).where(
    FACILITATOR.c.person_id == bindparam("person")
)


@dataclass(frozen=True)
class OwnMeeting:
    """A meeting as one of those it was booked for may know it."""

    kind: str
    state: str
    starts_at: datetime
    ends_at: datetime
    booked_at: datetime
    where: str
    facilitates: bool
    attendance: str | None


async def cases_of(session: Session, person_id: UUID) -> list[Row[Any]]:
    """How they stand to each case, and when it was opened for planning."""
    return list(await session.execute(_CASES, {"person": person_id}))


async def meetings_of(session: Session, person_id: UUID) -> list[OwnMeeting]:
    """Every meeting they were asked to or led, the earliest first."""
    return [OwnMeeting(*row) for row in await session.execute(_MEETINGS, {"person": person_id})]


async def facilitates(session: Session, person_id: UUID) -> bool | None:
    """Whether they facilitate here; None for whoever never did."""
    row = (await session.execute(_FACILITATES, {"person": person_id})).first()
    return None if row is None else bool(row.works_here)
