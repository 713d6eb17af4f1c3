"""Reading the audit for a person: who did what with a case, or with somebody's data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select

from shared.contracts.access import Actor
from shared.plumbing.audit import cutting
from shared.plumbing.audit.entry import Outcome, Verb
from shared.plumbing.database import Session
from shared.plumbing.standing import Standings


@dataclass(frozen=True)
class Noted:
    """One entry as it was written."""

    at: datetime
    actor_id: UUID | None
    role: str
    verb: Verb
    referral_id: UUID | None
    case_id: UUID | None
    person_id: UUID | None
    fields: tuple[str, ...]
    purpose: str
    outcome: Outcome


@dataclass(frozen=True)
class Reader:
    """Who reads the audit of a service, and how they stand to what is in it."""

    actor: Actor
    standings: Standings | None
    """None for a service that keeps no matters."""


async def about_case(
    session: Session, reader: Reader, case_id: UUID, number: int, size: int
) -> list[Noted]:
    """A page of what was done with a case, newest first, and one more if there is more.

    The id may be the case's or its referral's: whoever knows one finds all.
    """
    entry = session.schema.tables.audit.entry
    other = entry.alias()
    cases = select(other.c.case_id).where(
        other.c.referral_id == case_id, other.c.case_id.is_not(None)
    )
    referrals = select(other.c.referral_id).where(
        other.c.case_id == case_id, other.c.referral_id.is_not(None)
    )
    about = or_(
        entry.c.referral_id == case_id,
        entry.c.case_id == case_id,
        entry.c.case_id.in_(cases),
        entry.c.referral_id.in_(referrals),
    )
    return await _page(session, about, number, size, reader)


async def about_person(
    session: Session, reader: Reader, person_id: UUID, number: int, size: int
) -> list[Noted]:
    """A page of what was done with somebody's data, newest first, and one more if there is more."""
    entry = session.schema.tables.audit.entry
    return await _page(session, entry.c.person_id == person_id, number, size, reader)


async def looks_at(session: Session, person_id: UUID, at_most: int) -> list[Noted]:
    """What was done with somebody's data, newest first, and no more than that many entries."""
    entry = session.schema.tables.audit.entry
    return await _page(session, entry.c.person_id == person_id, 1, at_most - 1)


async def _page(
    session: Session,
    about: ColumnElement[bool],
    number: int,
    size: int,
    reader: Reader | None = None,
) -> list[Noted]:
    """Cut to what the reader may know of, before it is divided into pages."""
    entry = session.schema.tables.audit.entry
    standings = reader.standings if reader else None
    if reader is None or standings is None:
        wanted = select(entry).where(about).order_by(entry.c.id.desc())
    else:
        matter = cutting.matter_in(standings, entry).label("matter_id")
        found = select(entry, matter).where(about).subquery()
        ids = (found.c.matter_id, found.c.person_id)
        seen = cutting.readable(standings, reader.actor, *ids, now=session.now())
        wanted = select(found).where(seen).order_by(found.c.id.desc())
    rows: Sequence[Row[Any]] = (
        await session.execute(wanted.offset((number - 1) * size).limit(size + 1))
    ).all()
    return [_noted(row) for row in rows]


def _noted(row: Row[Any]) -> Noted:
    return Noted(
        at=row.at,
        actor_id=row.actor_id,
        role=row.role,
        verb=Verb(row.verb),
        referral_id=row.referral_id,
        case_id=row.case_id,
        person_id=row.person_id,
        fields=tuple(field for field in row.fields.split(",") if field),
        purpose=row.purpose,
        outcome=Outcome(row.outcome),
    )
