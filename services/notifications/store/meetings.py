"""Meetings and referrals, as far as a message about them can stop being true."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from services.notifications.domain.meetings import Meeting
from services.notifications.store.tables import DECLINED, DeclinedRow, MeetingRow
from shared.contracts.words import RecallReason
from shared.plumbing.database import Session

_DECLINED = select(DECLINED.c.referral_id).where(DECLINED.c.referral_id == bindparam("wanted"))

LONGEST_CHAIN = 100
"""A meeting moved more often than this is looked at no further back."""


async def find(session: Session, meeting_id: UUID) -> Meeting | None:
    row = await session.get(MeetingRow, meeting_id, populate_existing=True)
    if row is None:
        return None
    return Meeting(
        id=row.id,
        case_id=row.case_id,
        replaces=row.replaces,
        starts_at=row.starts_at,
        ended=RecallReason(row.ended) if row.ended else None,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
    )


async def save(session: Session, meeting: Meeting) -> None:
    await session.merge(MeetingRow(**vars(meeting)))
    await session.flush()


async def chain(session: Session, meeting: Meeting) -> list[Meeting]:
    """This meeting, the one it was moved from, the one that was moved from, and so on."""
    found, seen = [meeting], {meeting.id}
    while (earlier := found[-1].replaces) is not None and earlier not in seen:
        before = await find(session, earlier)
        if before is None or len(found) == LONGEST_CHAIN:
            break
        found.append(before)
        seen.add(earlier)
    return found


async def last_successor(session: Session, meeting: Meeting) -> Meeting:
    """What a meeting was moved to, what that was moved to, and so on; itself if it was not."""
    seen = {meeting.id}
    while meeting.ended is RecallReason.MEETING_MOVED and len(seen) < LONGEST_CHAIN:
        statement = select(col(MeetingRow.id)).where(col(MeetingRow.replaces) == meeting.id)
        following = (await session.scalars(statement.order_by(col(MeetingRow.id)))).first()
        after = await find(session, following) if following else None
        if after is None or after.id in seen:
            break
        meeting = after
        seen.add(meeting.id)
    return meeting


async def note_declined(session: Session, referral_id: UUID) -> None:
    await session.merge(DeclinedRow(referral_id=referral_id))
    await session.flush()


async def is_declined(session: Session, referral_id: UUID) -> bool:
    found = await session.execute(_DECLINED, {"wanted": referral_id})
    return found.first() is not None
