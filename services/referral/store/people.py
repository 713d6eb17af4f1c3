"""People and their safe-contact details: the one place where they are, sealed for each person."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, update
from sqlmodel import Field

from services.referral.domain.people import Person, SafeContact
from services.referral.store.base import SCHEMA, Base
from services.referral.store.sealed import ContactSeal, PersonSeal
from shared.plumbing.columns import (
    NOT_PERSONAL,
    PERSONAL,
    BlindIndex,
    SealedBytes,
    UtcDateTime,
)
from shared.plumbing.database import Session, insert_latest
from shared.plumbing.sealing import keys
from shared.plumbing.sealing.keyring import Kind


class PersonRow(Base, table=True):
    """Somebody we know."""

    __tablename__ = "person"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    name: bytes = Field(sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    born: bytes | None = Field(default=None, sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    born_index: bytes | None = Field(
        default=None, index=True, sa_type=BlindIndex, sa_column_kwargs=NOT_PERSONAL
    )
    """Of the name and the date of birth together."""
    asked_no_contact_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


class SafeContactRow(Base, table=True):
    """How one person may be reached. The details are read and written as one piece only."""

    __tablename__ = "safe_contact"

    person_id: UUID = Field(
        primary_key=True, foreign_key="person.id", sa_column_kwargs=NOT_PERSONAL
    )
    changed_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    details: bytes = Field(sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    phone_index: bytes | None = Field(
        default=None, index=True, sa_type=BlindIndex, sa_column_kwargs=NOT_PERSONAL
    )
    text_index: bytes | None = Field(
        default=None, index=True, sa_type=BlindIndex, sa_column_kwargs=NOT_PERSONAL
    )
    email_index: bytes | None = Field(
        default=None, index=True, sa_type=BlindIndex, sa_column_kwargs=NOT_PERSONAL
    )


PERSON = SCHEMA.metadata.tables["person"]
SAFE_CONTACT = SCHEMA.metadata.tables["safe_contact"]
SEAL = PersonSeal(PERSON)
_CONTACT_SEAL = ContactSeal(SAFE_CONTACT)

# Made once: these are asked for at each attempt to reach somebody.
_PEOPLE = keys.joined(select(PERSON), SCHEMA, PERSON.c.id)
_CONTACTS = keys.joined(
    select(SAFE_CONTACT.c.person_id, SAFE_CONTACT.c.details), SCHEMA, SAFE_CONTACT.c.person_id
)
_FIND = _PEOPLE.where(PERSON.c.id == bindparam("wanted"))
_SAVE = update(PERSON).where(PERSON.c.id == bindparam("saved"))
_KNOWN = _PEOPLE.where(PERSON.c.id.in_(bindparam("wanted", expanding=True)))
_CONTACT_OF = _CONTACTS.where(SAFE_CONTACT.c.person_id == bindparam("wanted"))
_CONTACTS_OF = _CONTACTS.where(SAFE_CONTACT.c.person_id.in_(bindparam("wanted", expanding=True)))
_EXISTS = select(PERSON.c.id).where(PERSON.c.id == bindparam("wanted"))


async def add(session: Session, person: Person, safe_contact: SafeContact) -> None:
    """Store a new person and how they may be reached, under a key of their own."""
    key = await keys.new(session, person.id, Kind.PERSON)
    await session.insert(PersonRow, SEAL.row(session.database.keyring, key, person))
    contact = _CONTACT_SEAL.row(session, key, person.id, safe_contact)
    await session.insert(SafeContactRow, contact)


async def save(session: Session, person: Person) -> None:
    """Store a changed person. Raises WasErased."""
    key = await keys.of(session, person.id)
    row = SEAL.row(session.database.keyring, key, person)
    await session.change(_SAVE, row | {"saved": person.id})


async def exists(session: Session, person_id: UUID) -> bool:
    """Whether we know this person; needs no key."""
    return (await session.execute(_EXISTS, {"wanted": person_id})).first() is not None


async def find(session: Session, person_id: UUID) -> Person | None:
    row = (await session.execute(_FIND, {"wanted": person_id})).first()
    return _person(session, row) if row else None


async def known(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Those of these people who exist."""
    rows = await session.execute(_KNOWN, {"wanted": list(set(person_ids))})
    return {row.id: _person(session, row) for row in rows}


async def change_contact(session: Session, person_id: UUID, safe_contact: SafeContact) -> None:
    """Replace what is known of how to reach a person. Raises WasErased."""
    key = await keys.of(session, person_id)
    row = _CONTACT_SEAL.row(session, key, person_id, safe_contact)
    await session.change(insert_latest(SAFE_CONTACT, session.database.dialect), row)


async def contact_of(session: Session, person_id: UUID) -> SafeContact | None:
    """How this person may be reached; None when they never said so, or were erased."""
    row = (await session.execute(_CONTACT_OF, {"wanted": person_id})).first()
    return _safe_contact(session, row) if row else None


async def contacts_of(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, SafeContact]:
    """How those of these people who have said so, and were not erased, may be reached."""
    rows = await session.execute(_CONTACTS_OF, {"wanted": list(set(person_ids))})
    found = {row.person_id: _safe_contact(session, row) for row in rows}
    return {person_id: safe for person_id, safe in found.items() if safe is not None}


def _person(session: Session, row: Row[Any]) -> Person:
    """Raises Sealed."""
    key = keys.in_row(session, row.id, row)
    return Person(
        id=row.id,
        name=SEAL.name(key, row.id, row.name),
        born=SEAL.born(key, row.id, row.born),
        asked_no_contact_at=row.asked_no_contact_at,
        version=row.version,
        erased=key is None,
    )


def _safe_contact(session: Session, row: Row[Any]) -> SafeContact | None:
    key = keys.in_row(session, row.person_id, row)
    return _CONTACT_SEAL.safe_contact(key, row.person_id, row.details)
