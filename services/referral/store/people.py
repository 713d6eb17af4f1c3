"""People and their safe-contact details: the one place where they are."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field, col, select

from services.referral.domain.people import Person, Route, SafeContact, WhoElse
from services.referral.domain.safe_hours import SafeHours, Weekday
from services.referral.store.base import Base
from shared.contracts.words import Channel
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, UtcDateTime
from shared.plumbing.database import Session


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


async def add(session: Session, person: Person, safe_contact: SafeContact) -> None:
    """Store a new person and how they may be reached."""
    await session.insert(PersonRow, vars(person))
    details = {"changed_at": session.now(), "details": _details(safe_contact)}
    await session.insert(SafeContactRow, {"person_id": person.id, **details})


async def save(session: Session, person: Person) -> None:
    """Store a changed person."""
    await session.merge(PersonRow(**vars(person)))


async def find(session: Session, person_id: UUID) -> Person | None:
    row = await session.get(PersonRow, person_id)
    return _person(row) if row else None


async def known(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Those of these people who exist."""
    wanted = select(PersonRow).where(col(PersonRow.id).in_(set(person_ids)))
    return {row.id: _person(row) for row in await session.exec(wanted)}


async def change_contact(session: Session, person_id: UUID, safe_contact: SafeContact) -> None:
    """Replace what is known of how to reach a person."""
    await session.merge(
        SafeContactRow(
            person_id=person_id, changed_at=session.now(), details=_details(safe_contact)
        )
    )


async def contact_of(session: Session, person_id: UUID) -> SafeContact | None:
    row = await session.get(SafeContactRow, person_id)
    return _safe_contact(row.details) if row else None


async def contacts_of(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, SafeContact]:
    """How those of these people who have said so may be reached."""
    wanted = select(SafeContactRow).where(col(SafeContactRow.person_id).in_(set(person_ids)))
    return {row.person_id: _safe_contact(row.details) for row in await session.exec(wanted)}


def _person(row: PersonRow) -> Person:
    return Person(**row.model_dump())


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
