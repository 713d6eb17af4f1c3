"""What is held for whom and when, and the meetings as a diary shows them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select
from sqlalchemy.exc import IntegrityError

from services.scheduling.domain.booking import LONGEST
from services.scheduling.domain.meetings import Meeting, State
from services.scheduling.domain.refusals import TimeTaken
from services.scheduling.store import meetings
from services.scheduling.store.tables import CASE, HELD_TIME, MEETING, HeldTimeRow
from shared.contracts.words import MeetingKind
from shared.plumbing.database import Session

_RELEASE = delete(HELD_TIME).where(HELD_TIME.c.meeting_id == bindparam("wanted"))
_LET_GO = delete(HELD_TIME).where(HELD_TIME.c.held_id == bindparam("wanted"))


async def take_the_pen(session: Session, *besides: str) -> None:
    """Be the only one who changes the diary, until this transaction ends.

    Take it before anything is read that a decision rests on, and what else is to be locked with it.
    """
    await session.lock("diary", *besides)


async def taken(
    session: Session,
    held_ids: Collection[UUID],
    starts_at: datetime,
    ends_at: datetime,
    besides: UUID | None = None,
) -> frozenset[UUID]:
    """Those of the ids that are held at an overlapping time; back to back is not overlapping.

    What the meeting `besides` holds does not count: it is about to be given up.
    """
    statement = select(HELD_TIME.c.held_id).where(
        HELD_TIME.c.held_id.in_(held_ids),
        HELD_TIME.c.starts_at < ends_at,
        # No meeting is longer, so nothing that began earlier can reach here: the index does it.
        HELD_TIME.c.starts_at > starts_at - LONGEST,
        HELD_TIME.c.ends_at > starts_at,
    )
    if besides is not None:
        statement = statement.where(HELD_TIME.c.meeting_id != besides)
    return frozenset(await session.scalars(statement))


async def hold(session: Session, meeting: Meeting, held_ids: Collection[UUID]) -> None:
    """Keep these people and this room for the meeting.

    Raises TimeTaken where the database itself says no: a booking went past the pen.
    """
    session.add_all(
        HeldTimeRow(
            meeting_id=meeting.id,
            held_id=held_id,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
        )
        for held_id in sorted(held_ids)
    )
    try:
        await session.flush()
    except IntegrityError as error:
        raise TimeTaken(
            ["Somebody or somewhere you chose was booked for that time a moment ago."]
        ) from error


async def release(session: Session, meeting_id: UUID) -> None:
    """Give back what was held for the meeting."""
    await session.change(_RELEASE, {"wanted": meeting_id})


async def let_go(session: Session, held_id: UUID) -> None:
    """Give back every time this person was held for."""
    await session.change(_LET_GO, {"wanted": held_id})


async def joint_meeting_open(session: Session, case_id: UUID, besides: UUID | None = None) -> bool:
    """Whether the case has a joint meeting ahead of it, or one whose outcome is not known."""
    statement = select(MEETING.c.id).where(
        MEETING.c.case_id == case_id,
        MEETING.c.kind == MeetingKind.JOINT,
        MEETING.c.state == State.SCHEDULED,
    )
    return any(meeting_id != besides for meeting_id in await session.scalars(statement))


async def coming(
    session: Session, visible: ColumnElement[bool], start: datetime, end: datetime
) -> list[Meeting]:
    """The booked meetings that are on at some time between two moments, the earliest first.

    Here and below: of those cases that are `visible`, which is said of `planning_case`.
    """
    statement = (
        _of_cases(select(MEETING), visible)
        .where(
            MEETING.c.state == State.SCHEDULED,
            MEETING.c.starts_at > start - LONGEST,
            MEETING.c.starts_at < end,
            MEETING.c.ends_at > start,
        )
        .order_by(MEETING.c.starts_at, MEETING.c.id)
    )
    return await meetings.read(session, (await session.execute(statement)).all())


async def overdue(
    session: Session, visible: ColumnElement[bool], now: datetime, *, skip: int, most: int
) -> list[Meeting]:
    """Meetings that should be over and whose outcome nobody has recorded, the oldest first."""
    statement = (
        _of_cases(select(MEETING), visible)
        .where(*_is_overdue(now))
        .order_by(MEETING.c.starts_at, MEETING.c.id)
        .offset(skip)
        .limit(most)
    )
    return await meetings.read(session, (await session.execute(statement)).all())


async def count_overdue(session: Session, visible: ColumnElement[bool], now: datetime) -> int:
    """How many meetings wait for somebody to say what happened."""
    statement = _of_cases(select(func.count()).select_from(MEETING), visible)
    number: int = (await session.scalars(statement.where(*_is_overdue(now)))).one()
    return number


async def booked_at(
    session: Session, visible: ColumnElement[bool], venue_id: UUID, now: datetime
) -> int:
    """How many meetings are still to come at this venue."""
    statement = _of_cases(select(func.count()).select_from(MEETING), visible).where(
        MEETING.c.state == State.SCHEDULED,
        MEETING.c.starts_at > now,
        MEETING.c.venue_id == venue_id,
    )
    number: int = (await session.scalars(statement)).one()
    return number


def _of_cases(statement: Select[Any], visible: ColumnElement[bool]) -> Select[Any]:
    return statement.join(CASE, CASE.c.id == MEETING.c.case_id).where(visible)


def _is_overdue(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        MEETING.c.state == State.SCHEDULED,
        MEETING.c.starts_at < now,
        MEETING.c.ends_at <= now,
    )
