"""Which complaints somebody may know of: never their own, never one about them, and none that has
to do with a matter that is kept from them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, not_, or_, select

from services.referral.domain.complaints import Complaint
from services.referral.store.cases import CASE, PARTY
from services.referral.store.complaints import COMPLAINT, ROWS, complaint_in
from services.referral.store.intake import REFERRAL
from services.referral.store.standings import STANDINGS
from shared.contracts.access import Action, Actor
from shared.plumbing.database import Session

MOST_LISTED = 500
"""More open complaints than this and the service has other troubles."""

HANDLE = Action.HANDLE_COMPLAINT


def visible(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """The condition that leaves of all complaints those somebody may know of at this moment."""
    c = COMPLAINT.c
    hidden = not_(STANDINGS.visible(actor, HANDLE, REFERRAL.c.id, now=now))
    own = exists().where(REFERRAL.c.person_id == c.person_id, hidden)
    joined = (
        exists()
        .where(PARTY.c.person_id == c.person_id)
        .where(CASE.c.id == PARTY.c.case_id, REFERRAL.c.id == CASE.c.referral_id, hidden)
    )
    linked = exists().where(REFERRAL.c.id == c.referral_id, hidden)
    return and_(
        or_(c.about_id.is_(None), c.about_id != actor.id),
        or_(c.person_id.is_(None), c.person_id != actor.id),
        not_(own),
        not_(joined),
        not_(linked),
    )


async def find(session: Session, actor: Actor, complaint_id: UUID) -> Complaint | None:
    """The complaint, when it is there for them."""
    wanted = ROWS.where(COMPLAINT.c.id == complaint_id, visible(actor, session.now()))
    row = (await session.execute(wanted)).first()
    return complaint_in(row) if row else None


async def listed(session: Session, actor: Actor, *, closed: bool) -> list[Complaint]:
    """Those that are open, the longest waiting first; or those that are closed, the last first."""
    c = COMPLAINT.c
    wanted: Select[tuple[object, ...]] = ROWS.where(visible(actor, session.now()))
    if closed:
        wanted = wanted.where(c.closed_on.is_not(None)).order_by(c.closed_on.desc(), c.id.desc())
    else:
        wanted = wanted.where(c.closed_on.is_(None)).order_by(c.came_on, c.id)
    rows: list[Row[tuple[object, ...]]] = list(await session.execute(wanted.limit(MOST_LISTED)))
    return [complaint_in(row) for row in rows]


async def hides_one(session: Session, actor: Actor, person_id: UUID) -> bool:
    """Whether somebody complained of what whoever asks may know nothing of."""
    c = COMPLAINT.c
    theirs = or_(c.person_id == bindparam("person"), c.referral_id.in_(_REFERRALS_WITH))
    wanted = select(COMPLAINT.c.id).where(theirs, not_(visible(actor, session.now()))).limit(1)
    return (await session.execute(wanted, {"person": person_id})).first() is not None


_REFERRALS_WITH = (
    select(REFERRAL.c.id)
    .where(REFERRAL.c.person_id == bindparam("person"))
    .union(
        select(CASE.c.referral_id)
        .join(PARTY, PARTY.c.case_id == CASE.c.id)
        .where(PARTY.c.person_id == bindparam("person"))
    )
)
