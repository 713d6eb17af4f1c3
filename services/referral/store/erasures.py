"""Who was erased, and everything in this store that erasing them takes away."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, func, or_, select, update
from sqlmodel import Field

from services.referral.domain.erasure import Basis, Erasure
from services.referral.store.accounts import (
    ACCOUNT,
    ACCOUNT_AREA,
    ACCOUNT_ROLE,
    INVITATION,
    RECOVERY_CODE,
)
from services.referral.store.base import SCHEMA, Base
from services.referral.store.complaints import COMPLAINT, STEP
from services.referral.store.corrections import CORRECTION
from services.referral.store.intake import REFERRAL
from services.referral.store.monitoring import MONITORING
from services.referral.store.people import PERSON, SAFE_CONTACT
from services.referral.store.pieces import RULING
from services.referral.store.rights import RIGHT_REQUEST
from services.referral.store.sessions import SESSION
from services.referral.store.standings import STANDINGS
from shared.plumbing.columns import NOT_PERSONAL, Blob
from shared.plumbing.database import Session, insert_first
from shared.plumbing.sealing import keys


class ErasedPersonRow(Base, table=True):
    """Somebody who was erased; of no table's key, as they may be from a store that is lost."""

    __tablename__ = "erased_person"

    person_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    erased_on: date = Field(sa_column_kwargs=NOT_PERSONAL)
    basis: str = Field(max_length=20, sa_column_kwargs=NOT_PERSONAL)


ERASED = SCHEMA.metadata.tables["erased_person"]
KEY = SCHEMA.tables.sealed_key

NOTHING = Blob(b"")
"""In place of what was sealed: not even an older copy of the keys opens it."""

_GONE: tuple[Table, ...] = (
    SAFE_CONTACT,
    MONITORING,
    CORRECTION,
    RULING,
    SESSION,
    RECOVERY_CODE,
    INVITATION,
    ACCOUNT_ROLE,
    ACCOUNT_AREA,
    ACCOUNT,
)
"""Tables whose rows about a person go altogether."""

_GOING = [delete(table).where(table.c.person_id == bindparam("gone")) for table in _GONE]
_COMPLAINTS = select(COMPLAINT.c.id).where(COMPLAINT.c.person_id == bindparam("gone"))
_EMPTIED = (
    update(PERSON)
    .where(PERSON.c.id == bindparam("gone"))
    .values(name=NOTHING, born=None, born_index=None, asked_no_contact_at=None),
    update(REFERRAL)
    .where(
        or_(REFERRAL.c.person_id == bindparam("gone"), REFERRAL.c.referred_by == bindparam("gone"))
    )
    .values(referred_by=None),
    update(RIGHT_REQUEST).where(RIGHT_REQUEST.c.person_id == bindparam("gone")).values(note=None),
    update(STEP).where(STEP.c.complaint_id.in_(_COMPLAINTS)).values(words=None),
    update(COMPLAINT)
    .where(COMPLAINT.c.person_id == bindparam("gone"))
    .values(words=NOTHING, who=None),
)
_WANTED: Any = bindparam("wanted", expanding=True)
_READABLE = select(KEY.c.subject_id).where(
    KEY.c.subject_id.in_(_WANTED), KEY.c.wrapped != keys.DESTROYED
)
_WHOLE = select(PERSON.c.id).where(
    PERSON.c.id.in_(_WANTED), or_(PERSON.c.name != NOTHING, PERSON.c.born_index.is_not(None))
)
_REACHABLE = select(SAFE_CONTACT.c.person_id).where(SAFE_CONTACT.c.person_id.in_(_WANTED))
_NOTED = select(ERASED.c.person_id).where(ERASED.c.person_id.in_(_WANTED))
_ALL = select(ERASED).order_by(ERASED.c.erased_on, ERASED.c.person_id)

AT_ONCE = 500
"""How many ids are asked about in one statement."""


async def erase(session: Session, erasure: Erasure) -> None:
    """Take away everything this store has of a person but the ids others hang on.

    A repeat changes nothing. Needs no keys.
    """
    gone = {"gone": erasure.person_id}
    await keys.bury(session, erasure.person_id)
    for statement in (*_GOING, *_EMPTIED):
        await session.execute(statement, gone)
    await STANDINGS.forget(session, erasure.person_id)
    row = {"person_id": erasure.person_id, "erased_on": erasure.on, "basis": erasure.basis.value}
    await session.execute(insert_first(ERASED, session.database.dialect), row)


async def bury_case(session: Session, *subjects: UUID | None) -> None:
    """Destroy the keys of a case in which nobody is left."""
    for subject in subjects:
        if subject is not None:
            await keys.destroy(session, subject)


async def erased_of(session: Session, person_ids: Collection[UUID]) -> set[UUID]:
    """Those of these people who were erased."""
    return set(await session.scalars(_NOTED, {"wanted": sorted(person_ids)}))


async def everybody(session: Session) -> list[Erasure]:
    """Everybody who was erased, the earliest first."""
    rows = await session.execute(_ALL)
    return [Erasure(row.person_id, row.erased_on, Basis(row.basis)) for row in rows]


async def come_back(session: Session, person_ids: Collection[UUID]) -> set[UUID]:
    """Those of these people of whom something is here that erasing them takes away."""
    found: set[UUID] = set()
    for some in _portions(sorted(person_ids)):
        for statement in (_READABLE, _WHOLE, _REACHABLE):
            found |= set(await session.scalars(statement, {"wanted": some}))
        found |= set(some) - set(await session.scalars(_NOTED, {"wanted": some}))
    return found


async def next_version(session: Session, person_id: UUID) -> int:
    """The version under which a fact about somebody is told who may not be here any more.

    Never one that was told before, whatever the row says.
    """
    outbox = SCHEMA.tables.outbox
    told = select(func.max(outbox.c.version)).where(outbox.c.aggregate_id == person_id)
    kept = select(PERSON.c.version).where(PERSON.c.id == person_id)
    version = 1 + max(await session.scalar(told) or 0, await session.scalar(kept) or 0)
    await session.execute(update(PERSON).where(PERSON.c.id == person_id).values(version=version))
    return version


def _portions(ids: list[UUID]) -> Iterable[list[UUID]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
