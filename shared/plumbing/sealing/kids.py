"""Which keys the keys of a store are wrapped with."""

from collections.abc import Collection
from itertools import pairwise

from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from shared.plumbing.database import Database, Session
from shared.plumbing.sealing.trouble import KeysAway
from shared.plumbing.sealing.wrapping import wrong_keys


async def trouble(database: Database) -> KeysAway | None:
    """Why personal data cannot be shown or stored, or some of it, if so.

    Keys that do not fit the store seal nothing from then on.
    """
    away = database.keyring.trouble()
    if away is not None:
        return away
    known = database.keyring.wrapper.kids()
    async with database.reading() as session:
        foreign = await any_besides(session, known)
    if foreign:
        database.keyring.mistrust()
        return wrong_keys()
    database.keyring.trust()
    return None


async def any_besides(session: Session, kids: Collection[bytes]) -> bool:
    """Whether a key in the store was wrapped with another than these; costs one look each."""
    table = session.schema.tables.sealed_key
    statement = select(table.c.subject_id).where(besides(table, kids)).limit(1)
    return (await session.execute(statement)).first() is not None


async def number(session: Session, kid: bytes) -> int:
    """How many keys are wrapped with this one."""
    table = session.schema.tables.sealed_key
    statement = select(func.count()).select_from(table).where(table.c.kid == kid)
    return await session.scalar(statement) or 0


async def number_besides(session: Session, kids: Collection[bytes]) -> int:
    """How many keys are wrapped with another than these."""
    table = session.schema.tables.sealed_key
    statement = select(func.count()).select_from(table).where(besides(table, kids))
    return await session.scalar(statement) or 0


def besides(table: Table, kids: Collection[bytes]) -> ColumnElement[bool]:
    """The rows wrapped with another key; those of erased people are wrapped with none.

    In ranges between the known ones, as an index can find those and not what is unequal.
    """
    edges = [b"", *sorted(kids)]
    between = [and_(table.c.kid > low, table.c.kid < high) for low, high in pairwise(edges)]
    return or_(*between, table.c.kid > edges[-1])
