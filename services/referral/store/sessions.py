"""Who is signed in, and how often somebody tried to. Of a token only its digest is here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, case, delete, select, update
from sqlmodel import Field

from services.referral.domain.accounts import IDLE, Means, SignIn
from services.referral.store.accounts import ACCOUNT
from services.referral.store.base import SCHEMA, Base
from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Session, conflict_insert

DIGEST = LargeBinary(32)


class StaffSessionRow(Base, table=True):
    """One session of one person, from sign-in to its end."""

    __tablename__ = "staff_session"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    token_digest: bytes = Field(sa_type=DIGEST, unique=True, sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Field(foreign_key="person.id", index=True, sa_column_kwargs=NOT_PERSONAL)
    means: str = Field(sa_column_kwargs=NOT_PERSONAL)
    created_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    last_seen_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    stepped_up_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )
    revoked_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )
    outside_sid: bytes | None = Field(
        default=None, sa_type=DIGEST, index=True, sa_column_kwargs=NOT_PERSONAL
    )
    """Digest of what the organisation's sign-in calls this session, where it began there."""


class SignInTryRow(Base, table=True):
    """How often somebody tried in a minute; the key is a digest of who, or of where from."""

    __tablename__ = "sign_in_try"

    key: bytes = Field(primary_key=True, sa_type=DIGEST, sa_column_kwargs=NOT_PERSONAL)
    minute: datetime = Field(sa_type=UtcDateTime, index=True, sa_column_kwargs=NOT_PERSONAL)
    tries: int = Field(sa_column_kwargs=NOT_PERSONAL)


SESSION = SCHEMA.metadata.tables["staff_session"]
TRY = SCHEMA.metadata.tables["sign_in_try"]

_PARTS = (
    SESSION.c.id,
    SESSION.c.person_id,
    SESSION.c.created_at,
    SESSION.c.last_seen_at,
    SESSION.c.means,
    SESSION.c.stepped_up_until,
)
_OPEN = (
    select(*_PARTS)
    .join(ACCOUNT, ACCOUNT.c.person_id == SESSION.c.person_id)
    .where(SESSION.c.revoked_at.is_(None), ACCOUNT.c.disabled_at.is_(None))
)


async def begin(
    session: Session, sign_in: SignIn, token_digest: bytes, outside_sid: bytes | None = None
) -> None:
    row = vars(sign_in) | {"means": sign_in.means.value, "token_digest": token_digest}
    await session.insert(StaffSessionRow, row | {"outside_sid": outside_sid})


async def with_token(session: Session, token_digest: bytes) -> SignIn | None:
    """The session with this token, unless it was revoked or the account disabled."""
    row = (await session.execute(_OPEN.where(SESSION.c.token_digest == token_digest))).first()
    return SignIn(**{**row._mapping, "means": Means(row.means)}) if row else None


async def of_person(session: Session, person_id: UUID, now: datetime) -> list[SignIn]:
    """Somebody's sessions that have not ended, the latest first."""
    theirs = _OPEN.where(SESSION.c.person_id == person_id, SESSION.c.last_seen_at > now - IDLE)
    rows = await session.execute(theirs.order_by(SESSION.c.created_at.desc(), SESSION.c.id.desc()))
    found = [SignIn(**{**row._mapping, "means": Means(row.means)}) for row in rows]
    return [one for one in found if one.is_alive(now)]


async def seen(session: Session, session_id: UUID, at: datetime) -> None:
    """Note that a session is in use."""
    used = update(SESSION).where(SESSION.c.id == session_id)
    await session.execute(used.values(last_seen_at=at))


async def step_up(session: Session, session_id: UUID, token_digest: bytes, until: datetime) -> None:
    """Note that a code was shown once more; the token is another one from now on."""
    changed = {"token_digest": token_digest, "stepped_up_until": until}
    await session.execute(update(SESSION).where(SESSION.c.id == session_id).values(**changed))


async def revoke(session: Session, person_id: UUID, session_id: UUID, at: datetime) -> bool:
    """End one of somebody's own sessions; False when there is none."""
    one = (SESSION.c.id == session_id, SESSION.c.person_id == person_id)
    ended = update(SESSION).where(*one, SESSION.c.revoked_at.is_(None)).values(revoked_at=at)
    return (await session.execute(ended.returning(SESSION.c.id))).first() is not None


async def revoke_all(session: Session, person_id: UUID, at: datetime) -> None:
    theirs = (SESSION.c.person_id == person_id, SESSION.c.revoked_at.is_(None))
    await session.execute(update(SESSION).where(*theirs).values(revoked_at=at))


async def forget_before(session: Session, moment: datetime) -> None:
    """Drop what ended long ago: sessions begun, and tries made, before this moment."""
    await session.execute(delete(SESSION).where(SESSION.c.created_at < moment))
    await session.execute(delete(TRY).where(TRY.c.minute < moment))


async def count_try(session: Session, key: bytes, now: datetime) -> int:
    """Note one more try in this minute, and say how many that makes."""
    minute = now.replace(second=0, microsecond=0)
    new = conflict_insert(TRY, session.database.dialect).values(key=key, minute=minute, tries=1)
    again = case((TRY.c.minute == minute, TRY.c.tries + 1), else_=1)
    counted = new.on_conflict_do_update(
        index_elements=["key"], set_={"minute": minute, "tries": again}
    ).returning(TRY.c.tries)
    tries: int = (await session.execute(counted)).scalar_one()
    return tries
