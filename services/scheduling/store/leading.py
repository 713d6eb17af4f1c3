"""Who was to lead a meeting and does so no more: released from the case, kept from it, or left.

A meeting stays booked until somebody moves it. What says that it needs somebody else is worked
out anew each time it is looked at, so that nothing has to be put right when they come back.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select

from services.scheduling.domain.meetings import Meeting, State
from services.scheduling.store import meetings
from services.scheduling.store.tables import (
    CASE,
    FACILITATOR,
    MEETING,
    MEETING_PERSON,
    STANDING,
)
from shared.contracts.access import WALLS, Relation
from shared.plumbing.database import Session
from shared.plumbing.standing import ON_IT

LEADS = MEETING_PERSON.c


async def off_the_case(session: Session, booked: Iterable[Meeting]) -> dict[UUID, frozenset[UUID]]:
    """Of each of these meetings, the facilitators who no longer work on its case."""
    wanted = [one.id for one in booked]
    found: dict[UUID, frozenset[UUID]] = dict.fromkeys(wanted, frozenset())
    statement = (
        select(LEADS.meeting_id, LEADS.person_id)
        .join(MEETING, MEETING.c.id == LEADS.meeting_id)
        .join(CASE, CASE.c.id == MEETING.c.case_id)
        .where(LEADS.meeting_id.in_(wanted), LEADS.facilitates, _is_off())
    )
    for row in await session.execute(statement):
        found[row.meeting_id] |= {row.person_id}
    return found


async def without_somebody(
    session: Session, visible: ColumnElement[bool], now: datetime, most: int
) -> list[Meeting]:
    """Booked meetings still to come that nobody leads who may, of visible cases; earliest first."""
    leads = and_(LEADS.meeting_id == MEETING.c.id, LEADS.facilitates)
    works_here = (
        exists()
        .where(FACILITATOR.c.person_id == LEADS.person_id, FACILITATOR.c.works_here)
        .correlate_except(FACILITATOR)
    )
    nobody = ~exists(select(LEADS.person_id).where(leads).correlate(MEETING))
    one_is_off = exists(
        select(LEADS.person_id).where(leads, or_(~works_here, _is_off())).correlate(MEETING, CASE)
    )
    statement = (
        select(MEETING)
        .join(CASE, CASE.c.id == MEETING.c.case_id)
        .where(
            visible,
            MEETING.c.state == State.SCHEDULED,
            MEETING.c.starts_at > now,
            or_(nobody, one_is_off),
        )
        .order_by(MEETING.c.starts_at, MEETING.c.id)
        .limit(most)
    )
    return await meetings.read(session, (await session.execute(statement)).all())


def _is_off() -> ColumnElement[bool]:
    """Whether a facilitator worked on the case and does so no more, or is kept from it."""
    released = and_(_stands(ON_IT), ~_stands(ON_IT, still=True))
    return or_(released, _stands(WALLS, still=True))


def _stands(relations: Iterable[Relation], *, still: bool = False) -> ColumnElement[bool]:
    """Whether they stand to the case in one of these ways, now if `still`, or ever."""
    told = STANDING.alias()
    so = exists().where(
        told.c.person_id == LEADS.person_id,
        told.c.relation.in_(sorted(one.value for one in relations)),
        told.c.matter_id.in_([CASE.c.referral_id, CASE.c.id]),
        *([told.c.holds] if still else []),
    )
    return so.correlate_except(told)
