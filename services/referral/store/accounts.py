"""What people sign in with. Secrets of others are only kept as digests."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    Row,
    bindparam,
    delete,
    literal,
    select,
    union_all,
    update,
)
from sqlmodel import Field

from services.referral.domain.accounts import Account, InvitedTo
from services.referral.store.base import SCHEMA, Base
from services.referral.store.staff import STAFF_ROLE
from shared.contracts.access import AccessRole
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, SealedBytes, UtcDateTime
from shared.plumbing.database import Session, insert_first
from shared.plumbing.sealing import fields, keys

DIGEST = LargeBinary(32)


class AccountRow(Base, table=True):
    """One person's way in; `disabled_at` closes it."""

    __tablename__ = "account"

    person_id: UUID = Field(
        primary_key=True, foreign_key="person.id", sa_column_kwargs=NOT_PERSONAL
    )
    name_digest: bytes | None = Field(
        default=None, sa_type=DIGEST, unique=True, sa_column_kwargs=NOT_PERSONAL
    )
    """Keyed digest of the address they sign in with."""
    outside_digest: bytes | None = Field(
        default=None, sa_type=DIGEST, unique=True, sa_column_kwargs=NOT_PERSONAL
    )
    """Digest of issuer and subject, for somebody who signs in with OpenID Connect."""
    password_hash: str | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    code_secret: bytes | None = Field(default=None, sa_type=SealedBytes, sa_column_kwargs=PERSONAL)
    """What codes are made from, sealed."""
    last_step: int | None = Field(default=None, sa_type=BigInteger, sa_column_kwargs=NOT_PERSONAL)
    disabled_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )


class AccountRoleRow(Base, table=True):
    """A role that is only for access; those that are told are in `staff_role`."""

    __tablename__ = "account_role"

    person_id: UUID = Field(
        primary_key=True, foreign_key="person.id", sa_column_kwargs=NOT_PERSONAL
    )
    role: str = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)


class AccountAreaRow(Base, table=True):
    """An area somebody works in."""

    __tablename__ = "account_area"

    person_id: UUID = Field(
        primary_key=True, foreign_key="person.id", sa_column_kwargs=NOT_PERSONAL
    )
    area_id: UUID = Field(primary_key=True, foreign_key="area.id", sa_column_kwargs=NOT_PERSONAL)


class RecoveryCodeRow(Base, table=True):
    """A code for somebody who lost their authenticator: deleted when it is used."""

    __tablename__ = "recovery_code"

    person_id: UUID = Field(
        primary_key=True, foreign_key="person.id", sa_column_kwargs=NOT_PERSONAL
    )
    digest: bytes = Field(primary_key=True, sa_type=DIGEST, sa_column_kwargs=NOT_PERSONAL)


class InvitationRow(Base, table=True):
    """A link that is good once: deleted when it is used, or another one takes its place."""

    __tablename__ = "invitation"

    digest: bytes = Field(primary_key=True, sa_type=DIGEST, sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Field(foreign_key="person.id", index=True, sa_column_kwargs=NOT_PERSONAL)
    invited_to: str = Field(sa_column_kwargs=NOT_PERSONAL)
    expires_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)


ACCOUNT = SCHEMA.metadata.tables["account"]
ACCOUNT_ROLE = SCHEMA.metadata.tables["account_role"]
ACCOUNT_AREA = SCHEMA.metadata.tables["account_area"]
RECOVERY_CODE = SCHEMA.metadata.tables["recovery_code"]
INVITATION = SCHEMA.metadata.tables["invitation"]

_SIGNS_IN_WITH = (
    ACCOUNT.c.person_id,
    ACCOUNT.c.password_hash,
    ACCOUNT.c.code_secret,
    ACCOUNT.c.last_step,
)
_ENABLED = keys.joined(select(*_SIGNS_IN_WITH), SCHEMA, ACCOUNT.c.person_id).where(
    ACCOUNT.c.disabled_at.is_(None)
)
_CODE_SECRET = fields.Field.of(SCHEMA.name, ACCOUNT.c.code_secret, fields.SHORT)
_ROLES = union_all(
    select(STAFF_ROLE.c.role).where(
        STAFF_ROLE.c.person_id == bindparam("person"), STAFF_ROLE.c.left_at.is_(None)
    ),
    select(ACCOUNT_ROLE.c.role).where(ACCOUNT_ROLE.c.person_id == bindparam("person")),
)
_AREAS = select(ACCOUNT_AREA.c.area_id).where(ACCOUNT_AREA.c.person_id == bindparam("person"))


async def open_account(session: Session, person_id: UUID, **digests: bytes) -> None:
    """Give a person a way in, or change what it is found by; it is enabled again."""
    await session.execute(insert_first(ACCOUNT, session.database.dialect), {"person_id": person_id})
    await _change(session, person_id, disabled_at=None, **digests)


async def find(session: Session, person_id: UUID) -> Account | None:
    """An account that is not disabled. Raises Sealed."""
    row = (await session.execute(_ENABLED.where(ACCOUNT.c.person_id == person_id))).first()
    return _account(session, row) if row else None


async def exists(session: Session, person_id: UUID) -> bool:
    """Whether somebody has an account, disabled or not."""
    wanted = select(ACCOUNT.c.person_id).where(ACCOUNT.c.person_id == person_id)
    return (await session.execute(wanted)).first() is not None


async def called(session: Session, name_digest: bytes) -> tuple[UUID, str | None] | None:
    """Who signs in with this name, and their password's hash; None when it is disabled.

    Nothing sealed is opened: without keys, too, known and unknown names are answered the same.
    """
    wanted = select(ACCOUNT.c.person_id, ACCOUNT.c.password_hash).where(
        ACCOUNT.c.name_digest == name_digest, ACCOUNT.c.disabled_at.is_(None)
    )
    row = (await session.execute(wanted)).first()
    return (row.person_id, row.password_hash) if row else None


async def of_outside(session: Session, outside_digest: bytes) -> tuple[UUID, bool] | None:
    """Whose account this is that signs in elsewhere, and whether it is disabled."""
    wanted = select(ACCOUNT.c.person_id, ACCOUNT.c.disabled_at)
    found = await session.execute(wanted.where(ACCOUNT.c.outside_digest == outside_digest))
    row = found.first()
    return (row.person_id, row.disabled_at is not None) if row else None


async def whom(session: Session, name_digest: bytes) -> UUID | None:
    """Who has this name, disabled or not."""
    wanted = select(ACCOUNT.c.person_id).where(ACCOUNT.c.name_digest == name_digest)
    return (await session.execute(wanted)).scalar_one_or_none()


async def everybody(session: Session) -> list[tuple[UUID, bool, bool]]:
    """Each account: whose, whether it is set up, whether it is disabled."""
    rows = await session.execute(select(ACCOUNT).order_by(ACCOUNT.c.person_id))
    return [
        (row.person_id, bool(row.password_hash or row.outside_digest), row.disabled_at is not None)
        for row in rows
    ]


async def set_up(session: Session, account: Account) -> None:
    """Keep what somebody signs in with from now on."""
    key = await keys.of(session, account.person_id)
    secret = account.code_secret
    await _change(
        session,
        account.person_id,
        password_hash=account.password_hash,
        code_secret=_CODE_SECRET.seal(key, account.person_id, secret) if secret else None,
        last_step=account.last_step,
    )


async def forget_secrets(session: Session, person_id: UUID) -> None:
    """Take away password, code and recovery codes: only an invitation leads in again."""
    await _change(session, person_id, password_hash=None, code_secret=None, last_step=None)
    await keep_recovery_codes(session, person_id, ())


async def disable(session: Session, person_id: UUID, at: datetime) -> None:
    await _change(session, person_id, disabled_at=at)


async def take_step(session: Session, person_id: UUID, step: int) -> bool:
    """Note the step of a code; False when it, or a later one, was taken by somebody meanwhile."""
    unused = ACCOUNT.c.last_step.is_(None) | (ACCOUNT.c.last_step < step)
    noted = update(ACCOUNT).where(ACCOUNT.c.person_id == person_id, unused)
    taken = noted.values(last_step=step).returning(ACCOUNT.c.person_id)
    return (await session.execute(taken)).first() is not None


async def roles_of(session: Session, person_id: UUID) -> frozenset[AccessRole]:
    """Everything this person may be."""
    return frozenset(
        AccessRole(row.role) for row in await session.execute(_ROLES, {"person": person_id})
    )


async def areas_of(session: Session, person_id: UUID) -> frozenset[UUID]:
    rows = await session.execute(_AREAS, {"person": person_id})
    return frozenset(row.area_id for row in rows)


async def keep_roles(session: Session, person_id: UUID, roles: Iterable[AccessRole]) -> None:
    """Let these be all roles somebody holds that are only for access."""
    await session.execute(delete(ACCOUNT_ROLE).where(ACCOUNT_ROLE.c.person_id == person_id))
    for role in roles:
        await session.insert(AccountRoleRow, {"person_id": person_id, "role": role.value})


async def keep_areas(session: Session, person_id: UUID, area_ids: Iterable[UUID]) -> None:
    """Let these be all areas somebody works in."""
    await session.execute(delete(ACCOUNT_AREA).where(ACCOUNT_AREA.c.person_id == person_id))
    for area_id in area_ids:
        await session.insert(AccountAreaRow, {"person_id": person_id, "area_id": area_id})


async def keep_recovery_codes(session: Session, person_id: UUID, digests: Iterable[bytes]) -> None:
    """Let these be all recovery codes somebody has."""
    await session.execute(delete(RECOVERY_CODE).where(RECOVERY_CODE.c.person_id == person_id))
    for digest in digests:
        await session.insert(RecoveryCodeRow, {"person_id": person_id, "digest": digest})


async def use_recovery_code(session: Session, person_id: UUID, digest: bytes) -> bool:
    """Whether this was one of their codes; it is none any more."""
    used = delete(RECOVERY_CODE).where(
        RECOVERY_CODE.c.person_id == person_id, RECOVERY_CODE.c.digest == digest
    )
    gone = used.returning(RECOVERY_CODE.c.person_id)
    return (await session.execute(gone)).first() is not None


async def invite(
    session: Session, person_id: UUID, digest: bytes, invited_to: InvitedTo, until: datetime
) -> None:
    """Keep a new link in place of every earlier one to the same."""
    earlier = (INVITATION.c.person_id == person_id, INVITATION.c.invited_to == invited_to.value)
    await session.execute(delete(INVITATION).where(*earlier))
    row = {"digest": digest, "person_id": person_id, "invited_to": invited_to.value}
    await session.insert(InvitationRow, row | {"expires_at": until})


async def uninvite(session: Session, person_id: UUID) -> None:
    await session.execute(delete(INVITATION).where(INVITATION.c.person_id == person_id))


async def invited(
    session: Session, digest: bytes, invited_to: InvitedTo, now: datetime
) -> UUID | None:
    """Whom a link invites, while it is good and their account not disabled."""
    wanted = (
        select(INVITATION.c.person_id)
        .join(ACCOUNT, ACCOUNT.c.person_id == INVITATION.c.person_id)
        .where(
            INVITATION.c.digest == digest,
            INVITATION.c.invited_to == literal(invited_to.value),
            INVITATION.c.expires_at > now,
            ACCOUNT.c.disabled_at.is_(None),
        )
    )
    return (await session.execute(wanted)).scalar_one_or_none()


async def use_invitation(session: Session, digest: bytes) -> bool:
    """Whether the link was still there; it is not any more."""
    used = delete(INVITATION).where(INVITATION.c.digest == digest)
    gone = used.returning(INVITATION.c.person_id)
    return (await session.execute(gone)).first() is not None


async def _change(session: Session, person_id: UUID, **changes: object) -> None:
    await session.execute(update(ACCOUNT).where(ACCOUNT.c.person_id == person_id).values(**changes))


def _account(session: Session, row: Row[Any]) -> Account:
    """Raises Sealed."""
    secret = None
    if row.code_secret is not None:
        key = keys.in_row(session, row.person_id, row)
        secret = _CODE_SECRET.text(key, row.person_id, row.code_secret)
    return Account(row.person_id, row.password_hash, secret, row.last_step)
