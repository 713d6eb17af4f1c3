"""Finding people by exact values, without any of these being readable in the store."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Select, bindparam, or_, select, union

from services.referral.store.cases import CaseRow, PartyRow
from services.referral.store.intake import REFERRAL
from services.referral.store.people import PERSON, SAFE_CONTACT
from shared.plumbing.database import Session
from shared.plumbing.sealing import blind

MOST_FOUND = 50

PARTY = PartyRow.__table__  # type: ignore[attr-defined] # SQLModel sets it on every table
CASE = CaseRow.__table__  # type: ignore[attr-defined] # as above


@dataclass(frozen=True)
class Found:
    """One referral a person who was found belongs to."""

    person_id: UUID
    referral_id: UUID
    reference: str


async def by_phone(session: Session, number: str) -> list[UUID]:
    """Whoever may be called or texted on this number, given as E.164."""
    digest = blind.phone(session.database.keyring, number)
    return await _people(
        session,
        select(SAFE_CONTACT.c.person_id).where(
            or_(SAFE_CONTACT.c.phone_index == digest, SAFE_CONTACT.c.text_index == digest)
        ),
    )


async def by_email(session: Session, address: str) -> list[UUID]:
    digest = blind.email(session.database.keyring, address)
    wanted = select(SAFE_CONTACT.c.person_id).where(SAFE_CONTACT.c.email_index == digest)
    return await _people(session, wanted)


async def by_birth(session: Session, name: str, born: date) -> list[UUID]:
    """Whoever has this name and this date of birth."""
    digest = blind.born(session.database.keyring, name, born)
    return await _people(session, select(PERSON.c.id).where(PERSON.c.born_index == digest))


async def referrals_of(session: Session, person_ids: Iterable[UUID]) -> list[Found]:
    """Every referral these people belong to, in the order of the references."""
    rows = await session.execute(_REFERRALS, {"wanted": list(set(person_ids))})
    found = {Found(row.person_id, row.id, row.reference) for row in rows}
    return sorted(found, key=lambda one: one.reference)


async def _people(session: Session, wanted: Select[Any]) -> list[UUID]:
    """The first of them: so many with one telephone would be no answer."""
    return list((await session.execute(wanted.limit(MOST_FOUND))).scalars())


_WANTED: BindParameter[Any] = bindparam("wanted", expanding=True)
_REFERRALS = union(
    select(REFERRAL.c.person_id, REFERRAL.c.id, REFERRAL.c.reference).where(
        REFERRAL.c.person_id.in_(_WANTED)
    ),
    select(PARTY.c.person_id, REFERRAL.c.id, REFERRAL.c.reference)
    .select_from(PARTY)
    .join(CASE, CASE.c.id == PARTY.c.case_id)
    .join(REFERRAL, REFERRAL.c.id == CASE.c.referral_id)
    .where(PARTY.c.person_id.in_(_WANTED)),
)
