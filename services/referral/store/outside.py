"""Whom the organisation's sign-in knows, and what of it was used up. Only digests are here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, delete, select, update
from sqlmodel import Field

from services.referral.domain.accounts import Means, WayIn
from services.referral.store.accounts import ACCOUNT
from services.referral.store.base import SCHEMA, Base
from services.referral.store.sessions import SESSION
from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Session, insert_first


class SpentRow(Base, table=True):
    """Something that is good once, used up: kept until it would be too old anyway."""

    __tablename__ = "spent"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary(32), sa_column_kwargs=NOT_PERSONAL)
    until: datetime = Field(sa_type=UtcDateTime, index=True, sa_column_kwargs=NOT_PERSONAL)


SPENT = SCHEMA.metadata.tables["spent"]


async def spend(session: Session, digest: bytes, until: datetime) -> bool:
    """Use it up; False when it was used before."""
    await session.execute(delete(SPENT).where(SPENT.c.until < session.now()))
    once = insert_first(SPENT, session.database.dialect).returning(SPENT.c.digest)
    used = await session.execute(once, {"digest": digest, "until": until})
    return used.first() is not None


async def linked(session: Session, outside_digest: bytes) -> UUID | None:
    """Whose account this identity opens; None when there is none, or it is disabled."""
    wanted = select(ACCOUNT.c.person_id).where(
        ACCOUNT.c.outside_digest == outside_digest, ACCOUNT.c.disabled_at.is_(None)
    )
    return (await session.execute(wanted)).scalar_one_or_none()


async def is_linked(session: Session, person_id: UUID) -> bool:
    """Whether somebody signs in with the organisation's sign-in."""
    wanted = select(ACCOUNT.c.outside_digest).where(ACCOUNT.c.person_id == person_id)
    return (await session.execute(wanted)).scalar_one_or_none() is not None


async def way_in(session: Session, person_id: UUID) -> WayIn:
    """How somebody comes in."""
    wanted = select(ACCOUNT.c.outside_digest, ACCOUNT.c.password_hash).where(
        ACCOUNT.c.person_id == person_id, ACCOUNT.c.disabled_at.is_(None)
    )
    row = (await session.execute(wanted)).first()
    if row is not None and row.outside_digest is not None:
        return WayIn.OUTSIDE
    return WayIn.HERE if row is not None and row.password_hash else WayIn.NONE_YET


async def unlinked(session: Session, name_digest: bytes) -> UUID | None:
    """Who is called so, may come in and is linked to nobody yet."""
    wanted = select(ACCOUNT.c.person_id).where(
        ACCOUNT.c.name_digest == name_digest,
        ACCOUNT.c.disabled_at.is_(None),
        ACCOUNT.c.outside_digest.is_(None),
    )
    return (await session.execute(wanted)).scalar_one_or_none()


async def link(session: Session, person_id: UUID, outside_digest: bytes) -> None:
    """Let this identity open the account, and no other's from before they left and came back."""
    before = update(ACCOUNT).where(
        ACCOUNT.c.outside_digest == outside_digest, ACCOUNT.c.disabled_at.is_not(None)
    )
    await session.execute(before.values(outside_digest=None))
    theirs = update(ACCOUNT).where(ACCOUNT.c.person_id == person_id)
    await session.execute(theirs.values(outside_digest=outside_digest))


async def unlink(session: Session, person_id: UUID) -> None:
    """Let the next sign-in from outside link the account anew."""
    theirs = update(ACCOUNT).where(ACCOUNT.c.person_id == person_id)
    await session.execute(theirs.values(outside_digest=None))


async def release_name(session: Session, name_digest: bytes) -> None:
    """Let somebody new have the address of one who has left."""
    left = update(ACCOUNT).where(
        ACCOUNT.c.name_digest == name_digest, ACCOUNT.c.disabled_at.is_not(None)
    )
    await session.execute(left.values(name_digest=None))


async def end_sessions(
    session: Session, at: datetime, person_id: UUID | None, outside_sid: bytes | None
) -> None:
    """End what began outside: a person's sessions, or one by its name there, or one of theirs."""
    ended = update(SESSION).where(
        SESSION.c.means == Means.OUTSIDE.value, SESSION.c.revoked_at.is_(None)
    )
    if person_id is not None:
        ended = ended.where(SESSION.c.person_id == person_id)
    if outside_sid is not None:
        ended = ended.where(SESSION.c.outside_sid == outside_sid)
    await session.execute(ended.values(revoked_at=at))
