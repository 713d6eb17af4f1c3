"""Cases on which work has ended, and taking one out of every table when its period is over."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update

from services.scheduling.store import told
from services.scheduling.store.standings import STANDINGS
from services.scheduling.store.tables import (
    CASE,
    CLOSED,
    HELD_TIME,
    MEETING,
    MEETING_PERSON,
    PARTY,
    REVOKED_GRANT,
)
from shared.plumbing.database import Session

_FIND = select(CLOSED.c.destroyed_at).where(CLOSED.c.case_id == bindparam("wanted"))


async def note(session: Session, case_id: UUID, at: datetime) -> None:
    """Remember that work on it has ended, whether or not the case was heard of."""
    closed = {"case_id": case_id, "closed_at": at, "destroyed_at": None}
    await told.keep_first(session, CLOSED, closed)


async def is_closed(session: Session, case_id: UUID) -> bool:
    return (await session.execute(_FIND, {"wanted": case_id})).first() is not None


async def is_destroyed(session: Session, case_id: UUID) -> bool:
    row = (await session.execute(_FIND, {"wanted": case_id})).first()
    return row is not None and row.destroyed_at is not None


async def drop(session: Session, referral_id: UUID, case_id: UUID | None, at: datetime) -> None:
    """Take a matter out of every table. That its case was destroyed stays: an id of nobody."""
    await STANDINGS.forget_matter(session, referral_id)
    if case_id is None:
        return
    await STANDINGS.forget_matter(session, case_id)
    meetings = select(MEETING.c.id).where(MEETING.c.case_id == case_id)
    for statement in (
        delete(HELD_TIME).where(HELD_TIME.c.meeting_id.in_(meetings)),
        delete(MEETING_PERSON).where(MEETING_PERSON.c.meeting_id.in_(meetings)),
        delete(REVOKED_GRANT).where(REVOKED_GRANT.c.meeting_id.in_(meetings)),
        delete(MEETING).where(MEETING.c.case_id == case_id),
        delete(PARTY).where(PARTY.c.case_id == case_id),
        delete(CASE).where(CASE.c.id == case_id),
    ):
        await session.execute(statement)
    await note(session, case_id, at)
    gone = update(CLOSED).where(CLOSED.c.case_id == case_id, CLOSED.c.destroyed_at.is_(None))
    await session.execute(gone.values(destroyed_at=at))
