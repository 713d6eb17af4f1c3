"""What is over, whom nothing keeps any more, and taking a matter out of every table."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select, update

from services.referral.domain.intake import Status
from services.referral.domain.triage import CaseState
from services.referral.store import holds
from services.referral.store.accounts import ACCOUNT
from services.referral.store.base import SCHEMA
from services.referral.store.break_glass import GLASS
from services.referral.store.cases import CASE, PARTY
from services.referral.store.complaints import COMPLAINT
from services.referral.store.intake import REFERRAL
from services.referral.store.people import PERSON
from services.referral.store.redactions import TASK
from services.referral.store.staff import STAFF_ROLE
from services.referral.store.standings import STANDINGS
from services.referral.store.timeline import ENTRY, NOTE
from shared.plumbing.database import Session
from shared.plumbing.sealing import keys
from shared.plumbing.sealing.keys import DESTROYED

AGREEMENT = SCHEMA.metadata.tables["agreement"]
GRANT = SCHEMA.metadata.tables["meeting_grant"]
GRANTED = SCHEMA.metadata.tables["meeting_grant_participant"]
SEALED_KEY = SCHEMA.tables.sealed_key

MOST_SHOWN = 200


def declined_referrals(before: datetime) -> Select[Any]:
    """Those that never became a case."""
    is_over = (REFERRAL.c.status == Status.DECLINED.value, REFERRAL.c.decided_at <= before)
    return select(REFERRAL.c.id).where(*is_over)


def closed_cases(before: datetime) -> Select[Any]:
    """The referrals whose case was closed."""
    is_over = (CASE.c.state == CaseState.CLOSED.value, CASE.c.closed_at <= before)
    return select(CASE.c.referral_id.label("id")).where(*is_over)


def people_who_declined(before: datetime) -> Select[Any]:
    """Whoever declined in every matter they are in, does not work here, and is not erased."""
    person = PERSON.c.id
    party, other = PARTY.alias().c, PARTY.alias().c
    case, referral = CASE.alias().c, REFERRAL.alias().c
    declined = exists().where(party.person_id == person, party.declined_at <= before)
    takes_part = exists().where(
        other.person_id == person,
        or_(other.declined_at.is_(None), other.declined_at > before),
    )
    of_it = exists().where(case.referral_id == referral.id)
    came_alone = exists().where(referral.person_id == person, ~of_it)
    gone = exists().where(SEALED_KEY.c.subject_id == person, SEALED_KEY.c.wrapped == DESTROYED)
    return select(person).where(declined, ~takes_part, ~came_alone, ~_works_here(person), ~gone)


async def people_of(session: Session, referral_id: UUID) -> list[UUID]:
    """Everybody who is in a matter."""
    own = select(REFERRAL.c.person_id).where(REFERRAL.c.id == referral_id)
    joined = select(PARTY.c.person_id).join(CASE, CASE.c.id == PARTY.c.case_id)
    both = own.union(joined.where(CASE.c.referral_id == referral_id))
    return sorted(await session.scalars(both))


async def kept_by_nothing(session: Session, person_ids: Iterable[UUID]) -> list[UUID]:
    """Those in no matter any more, who do not work here and never did, and are not erased yet."""
    person, referral, party = PERSON.c.id, REFERRAL.alias().c, PARTY.alias().c
    in_something = or_(
        exists().where(referral.person_id == person), exists().where(party.person_id == person)
    )
    gone = exists().where(SEALED_KEY.c.subject_id == person, SEALED_KEY.c.wrapped == DESTROYED)
    wanted = select(person).where(
        person.in_(sorted(set(person_ids))), ~in_something, ~_works_here(person), ~gone
    )
    return sorted(await session.scalars(wanted))


async def declined_in(session: Session, person_id: UUID) -> list[tuple[UUID, UUID, datetime]]:
    """Each matter somebody declined to take part in: its referral, its area, and when."""
    found = (
        select(REFERRAL.c.id, REFERRAL.c.area_id, PARTY.c.declined_at)
        .select_from(PARTY)
        .join(CASE, CASE.c.id == PARTY.c.case_id)
        .join(REFERRAL, REFERRAL.c.id == CASE.c.referral_id)
        .where(PARTY.c.person_id == person_id, PARTY.c.declined_at.is_not(None))
        .order_by(PARTY.c.declined_at, REFERRAL.c.id)
    )
    return [(row.id, row.area_id, row.declined_at) for row in await session.execute(found)]


async def drop(session: Session, referral_id: UUID, case_id: UUID | None) -> None:
    """Take a matter out of every table; the people who were in it stay."""
    note_about: list[ColumnElement[bool]] = [NOTE.c.referral_id == referral_id]
    if case_id is not None:
        grants = select(GRANT.c.id).where(GRANT.c.case_id == case_id)
        for statement in (
            delete(GRANTED).where(GRANTED.c.grant_id.in_(grants)),
            delete(GRANT).where(GRANT.c.case_id == case_id),
            delete(AGREEMENT).where(AGREEMENT.c.case_id == case_id),
            delete(PARTY).where(PARTY.c.case_id == case_id),
            delete(CASE).where(CASE.c.id == case_id),
        ):
            await session.execute(statement)
        note_about.append(NOTE.c.case_id == case_id)
    await session.execute(delete(NOTE).where(or_(*note_about)))
    await session.execute(delete(ENTRY).where(ENTRY.c.referral_id == referral_id))
    await session.execute(delete(TASK).where(TASK.c.referral_id == referral_id))
    # A complaint is kept for a time of its own, and then is about nothing in particular.
    about_it = COMPLAINT.c.referral_id == referral_id
    await session.execute(update(COMPLAINT).where(about_it).values(referral_id=None))
    await session.execute(delete(GLASS).where(GLASS.c.referral_id == referral_id))
    await keys.destroy(session, referral_id)
    await holds.forget(session, referral_id)
    await STANDINGS.forget_matter(session, referral_id)
    await session.execute(delete(REFERRAL).where(REFERRAL.c.id == referral_id))


async def keep(session: Session, *subject_ids: UUID) -> None:
    """Somebody keeps these: what is marked of them is not any more."""
    mark = SCHEMA.tables.retention.mark
    await session.execute(delete(mark).where(mark.c.subject_id.in_(subject_ids)))


async def marked(session: Session, visible: ColumnElement[bool]) -> list[tuple[Any, ...]]:
    """What is marked of what is visible: class, when it goes, referral and reference."""
    mark = SCHEMA.tables.retention.mark.c
    case, party = CASE.alias().c, PARTY.alias().c
    of_person = exists().where(
        party.person_id == mark.subject_id,
        party.case_id == case.id,
        case.referral_id == REFERRAL.c.id,
    )
    wanted = (
        select(mark.record_class, mark.destroy_after, REFERRAL.c.id, REFERRAL.c.reference)
        .where(or_(REFERRAL.c.id == mark.subject_id, of_person), visible)
        .order_by(mark.destroy_after, REFERRAL.c.reference)
        .limit(MOST_SHOWN)
    )
    return [tuple(row) for row in await session.execute(wanted)]


def _works_here(person_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Works here or did: that has a period of its own."""
    return or_(
        exists().where(STAFF_ROLE.c.person_id == person_id),
        exists().where(ACCOUNT.c.person_id == person_id),
    )
