"""What this service keeps about one person, for that person: codes and times, nobody else's."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Row, bindparam, or_, select

from services.referral.domain.timeline import Happening
from services.referral.store.accounts import ACCOUNT, ACCOUNT_AREA, ACCOUNT_ROLE, INVITATION
from services.referral.store.agreements import AgreementRow
from services.referral.store.areas import AreaRow
from services.referral.store.base import SCHEMA
from services.referral.store.cases import CASE, PARTY
from services.referral.store.grants import GrantedRow, GrantRow
from services.referral.store.intake import REFERRAL
from services.referral.store.sessions import SESSION
from services.referral.store.staff import STAFF_ROLE
from services.referral.store.timeline import ENTRY, NOTE
from shared.plumbing.database import Session

Found = Row[Any]
"""A row of one part, by the names of its columns."""

_AGREEMENT, _AREA, _GRANT, _GRANTED = (
    SCHEMA.metadata.tables[str(row.__tablename__)]
    for row in (AgreementRow, AreaRow, GrantRow, GrantedRow)
)
_PERSON: BindParameter[Any] = bindparam("person")

_REFERRALS = (
    select(REFERRAL, CASE.c.id.label("case_id"), CASE.c.opened_at, CASE.c.state, _AREA.c.label)
    .outerjoin(CASE, CASE.c.referral_id == REFERRAL.c.id)
    .join(_AREA, _AREA.c.id == REFERRAL.c.area_id)
)
_OWN = _REFERRALS.where(REFERRAL.c.person_id == _PERSON).order_by(REFERRAL.c.received_at)
_JOINED = (
    select(
        REFERRAL.c.id,
        REFERRAL.c.reference,
        REFERRAL.c.matter,
        CASE.c.id.label("case_id"),
        CASE.c.state,
        PARTY.c.side,
        PARTY.c.added_at,
    )
    .join(CASE, CASE.c.referral_id == REFERRAL.c.id)
    .join(PARTY, PARTY.c.case_id == CASE.c.id)
    .where(PARTY.c.person_id == _PERSON, REFERRAL.c.person_id != _PERSON)
    .order_by(PARTY.c.added_at)
)
_AGREEMENTS = (
    select(_AGREEMENT)
    .where(_AGREEMENT.c.person_id == _PERSON)
    .order_by(_AGREEMENT.c.told_at, _AGREEMENT.c.version)
)
WALLS = frozenset({Happening.CONFLICT_DECLARED.value, Happening.CONFLICT_LIFTED.value})
"""That a matter is kept from a colleague is never told to them: it says that there is one."""

_NOTED = (
    select(ENTRY)
    .where(ENTRY.c.person_id == _PERSON, ENTRY.c.happening.not_in(sorted(WALLS)))
    .order_by(ENTRY.c.at, ENTRY.c.id)
)
_MESSAGES = select(NOTE).where(NOTE.c.person_id == _PERSON).order_by(NOTE.c.at, NOTE.c.message_id)
_GRANTS = (
    select(_GRANT.c.kind, _GRANT.c.moment, _GRANT.c.granted_at, _GRANT.c.ended_at)
    .join(_GRANTED, _GRANTED.c.grant_id == _GRANT.c.id)
    .where(_GRANTED.c.person_id == _PERSON)
    .order_by(_GRANT.c.granted_at, _GRANT.c.id)
)
_STAFF = select(STAFF_ROLE).where(STAFF_ROLE.c.person_id == _PERSON).order_by(STAFF_ROLE.c.role)
_ROLES = select(ACCOUNT_ROLE.c.role).where(ACCOUNT_ROLE.c.person_id == _PERSON)
_AREAS = (
    select(_AREA.c.label)
    .join(ACCOUNT_AREA, ACCOUNT_AREA.c.area_id == _AREA.c.id)
    .where(ACCOUNT_AREA.c.person_id == _PERSON)
)
_DISABLED = select(ACCOUNT.c.disabled_at).where(ACCOUNT.c.person_id == _PERSON)
_INVITED = select(INVITATION.c.expires_at).where(INVITATION.c.person_id == _PERSON)
_SESSIONS = (
    select(SESSION.c.means, SESSION.c.created_at, SESSION.c.last_seen_at, SESSION.c.revoked_at)
    .where(SESSION.c.person_id == _PERSON)
    .order_by(SESSION.c.created_at)
)
_OTHERS = (
    select(PARTY.c.case_id, PARTY.c.person_id)
    .where(PARTY.c.case_id.in_(bindparam("cases", expanding=True)), PARTY.c.person_id != _PERSON)
    .order_by(PARTY.c.person_id)
)
_REST = (
    select(ENTRY)
    .where(
        ENTRY.c.referral_id == bindparam("referral"),
        or_(ENTRY.c.person_id.is_(None), ENTRY.c.person_id != _PERSON),
    )
    .order_by(ENTRY.c.at, ENTRY.c.id)
)
_ONE = _REFERRALS.where(REFERRAL.c.id == bindparam("referral"))

PARTS = {
    "own": _OWN,
    "joined": _JOINED,
    "agreements": _AGREEMENTS,
    "noted": _NOTED,
    "messages": _MESSAGES,
    "grants": _GRANTS,
    "staff": _STAFF,
    "roles": _ROLES,
    "areas": _AREAS,
    "disabled": _DISABLED,
    "invited": _INVITED,
    "sessions": _SESSIONS,
}
"""What there may be of somebody."""


async def rows(session: Session, part: str, person_id: UUID) -> list[Row[Any]]:
    """The rows of one part, oldest first."""
    return list(await session.execute(PARTS[part], {"person": person_id}))


async def others_in(session: Session, case_ids: Iterable[UUID], person_id: UUID) -> set[UUID]:
    """Those of these cases that have other people in them."""
    found = await session.execute(_OTHERS, {"cases": list(case_ids), "person": person_id})
    return {row.case_id for row in found}


async def referral(session: Session, referral_id: UUID) -> Row[Any]:
    """What was answered when help was asked for."""
    return (await session.execute(_ONE, {"referral": referral_id})).one()


async def rest_of_timeline(session: Session, referral_id: UUID, person_id: UUID) -> list[Row[Any]]:
    """What has happened in a matter and is not noted of this person, oldest first."""
    found = await session.execute(_REST, {"referral": referral_id, "person": person_id})
    return list(found)
