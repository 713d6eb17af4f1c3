"""What of the people and referrals somebody may know of: everything else is not there for them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select

from services.referral.store.cases import CASE, PARTY
from services.referral.store.intake import REFERRAL
from services.referral.store.staff import STAFF_ROLE
from services.referral.store.standings import STANDINGS
from shared.contracts.access import Action, Actor
from shared.plumbing.database import Session


def referrals(actor: Actor, now: datetime, action: Action = Action.SEE_CASE) -> ColumnElement[bool]:
    """The condition that leaves of all referrals those somebody may know of at this moment.

    With another action: those towards which they may do it.
    """
    return STANDINGS.visible(actor, action, REFERRAL.c.id, now=now)


async def people(session: Session, actor: Actor, person_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these people who work here, or are in a matter that somebody may know of."""
    wanted = sorted(set(person_ids))
    may_know = referrals(actor, session.now())
    staff = select(STAFF_ROLE.c.person_id).where(STAFF_ROLE.c.person_id.in_(wanted))
    own = select(REFERRAL.c.person_id).where(REFERRAL.c.person_id.in_(wanted), may_know)
    joined = (
        select(PARTY.c.person_id)
        .join(CASE, CASE.c.id == PARTY.c.case_id)
        .join(REFERRAL, REFERRAL.c.id == CASE.c.referral_id)
        .where(PARTY.c.person_id.in_(wanted), may_know)
    )
    return set(await session.scalars(staff.union(own, joined)))


async def kept_from(session: Session, actor: Actor, person_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these people who are in a matter that is not there for somebody."""
    wanted, hidden = sorted(set(person_ids)), STANDINGS.hidden(actor, REFERRAL.c.id)
    own = select(REFERRAL.c.person_id).where(REFERRAL.c.person_id.in_(wanted), hidden)
    joined = (
        select(PARTY.c.person_id)
        .join(CASE, CASE.c.id == PARTY.c.case_id)
        .join(REFERRAL, REFERRAL.c.id == CASE.c.referral_id)
        .where(PARTY.c.person_id.in_(wanted), hidden)
    )
    return set(await session.scalars(own.union(joined)))


async def references(
    session: Session, actor: Actor, referral_ids: Iterable[UUID]
) -> dict[UUID, str]:
    """What those of these referrals are called that somebody may know of."""
    wanted = select(REFERRAL.c.id, REFERRAL.c.reference).where(
        REFERRAL.c.id.in_(sorted(set(referral_ids))), referrals(actor, session.now())
    )
    return {row.id: row.reference for row in await session.execute(wanted)}
