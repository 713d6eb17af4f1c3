"""People and their safe-contact details: the one place where they are."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, bindparam, select, update
from sqlmodel import Field

from services.referral.domain.people import Person, Route, SafeContact, WhoElse
from services.referral.domain.safe_hours import SafeHours, Weekday
from services.referral.store.base import SCHEMA, Base
from shared.contracts.words import Channel
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, UtcDateTime
from shared.plumbing.database import Session, insert_latest


class PersonRow(Base, table=True):
    """Somebody we know."""

    __tablename__ = "person"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    name: str = Field(sa_column_kwargs=PERSONAL)
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
    details: dict[str, Any] = Field(sa_type=JSON, sa_column_kwargs=PERSONAL)


PERSON = SCHEMA.metadata.tables["person"]
SAFE_CONTACT = SCHEMA.metadata.tables["safe_contact"]

# Made once: these are asked for at each attempt to reach somebody.
_FIND = select(PERSON).where(PERSON.c.id == bindparam("wanted"))
_SAVE = update(PERSON).where(PERSON.c.id == bindparam("saved"))
_KNOWN = select(PERSON).where(PERSON.c.id.in_(bindparam("wanted", expanding=True)))
_CONTACT_OF = select(SAFE_CONTACT.c.details).where(SAFE_CONTACT.c.person_id == bindparam("wanted"))
_CONTACTS_OF = select(SAFE_CONTACT.c.person_id, SAFE_CONTACT.c.details).where(
    SAFE_CONTACT.c.person_id.in_(bindparam("wanted", expanding=True))
)


async def add(session: Session, person: Person, safe_contact: SafeContact) -> None:
    """Store a new person and how they may be reached."""
    await session.insert(PersonRow, vars(person))
    await session.insert(SafeContactRow, _contact_row(session, person.id, safe_contact))


async def save(session: Session, person: Person) -> None:
    """Store a changed person."""
    await session.execute(_SAVE, vars(person) | {"saved": person.id})


async def find(session: Session, person_id: UUID) -> Person | None:
    row = (await session.execute(_FIND, {"wanted": person_id})).first()
    return Person(**row._mapping) if row else None


async def known(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Those of these people who exist."""
    rows = await session.execute(_KNOWN, {"wanted": list(set(person_ids))})
    return {row.id: Person(**row._mapping) for row in rows}


async def change_contact(session: Session, person_id: UUID, safe_contact: SafeContact) -> None:
    """Replace what is known of how to reach a person."""
    row = _contact_row(session, person_id, safe_contact)
    await session.execute(insert_latest(SAFE_CONTACT, session.database.dialect), row)


async def contact_of(session: Session, person_id: UUID) -> SafeContact | None:
    row = (await session.execute(_CONTACT_OF, {"wanted": person_id})).first()
    return _safe_contact(row.details) if row else None


async def contacts_of(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, SafeContact]:
    """How those of these people who have said so may be reached."""
    rows = await session.execute(_CONTACTS_OF, {"wanted": list(set(person_ids))})
    return {row.person_id: _safe_contact(row.details) for row in rows}


def _contact_row(session: Session, person_id: UUID, safe_contact: SafeContact) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "changed_at": session.now(),
        "details": _details(safe_contact),
    }


def _details(safe_contact: SafeContact) -> dict[str, Any]:
    hours = safe_contact.hours
    return {
        "routes": [[route.channel.value, route.address] for route in safe_contact.routes],
        "days": sorted(day.value for day in hours.days),
        "opens_minute": hours.opens_minute,
        "closes_minute": hours.closes_minute,
        "who_else": safe_contact.who_else.value,
        "voicemail": safe_contact.voicemail,
        "avoid": list(safe_contact.avoid),
    }


def _safe_contact(details: dict[str, Any]) -> SafeContact:
    return SafeContact(
        routes=tuple(Route(Channel(channel), address) for channel, address in details["routes"]),
        hours=SafeHours(
            days=frozenset(Weekday(day) for day in details["days"]),
            opens_minute=details["opens_minute"],
            closes_minute=details["closes_minute"],
        ),
        who_else=WhoElse(details["who_else"]),
        voicemail=details["voicemail"],
        avoid=tuple(details["avoid"]),
    )
