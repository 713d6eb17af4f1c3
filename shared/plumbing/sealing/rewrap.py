"""Wrapping every key of a store anew with the newest key, while the service goes on running.

What is sealed stays as it is: only the small rows of `sealed_key` are written. Each batch is one
transaction and leaves every row readable, so this can be killed at any statement and done again;
rows that are done are not looked at twice, and a row that somebody changed meanwhile is left to
them: nobody who is erased while this runs comes back.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, update

from shared.plumbing.crash import crash_point
from shared.plumbing.database import Database
from shared.plumbing.sealing import cipher, kids
from shared.plumbing.sealing.keyring import Kind
from shared.plumbing.sealing.trouble import Sealed

AT_ONCE = 500
"""Keys wrapped in one transaction: few enough that nobody waits long behind it on SQLite."""


@dataclass(frozen=True)
class Step:
    """What one batch did."""

    wrapped: int
    unreadable: int
    """Keys that no key we have can unwrap; they stay as they are."""


async def number_left(database: Database) -> int:
    """How many keys are not wrapped with the newest one. Raises KeysAway."""
    newest = database.keyring.wrapper.current_kid()
    async with database.reading() as session:
        return await kids.number_besides(session, [newest])


async def rewrap(database: Database, at_once: int = AT_ONCE) -> AsyncIterator[Step]:
    """Wrap all keys anew, a batch at a time. Raises KeysAway before the first."""
    newest = database.keyring.wrapper.current_kid()
    after: UUID | None = None
    while True:
        rows = await _next(database, newest, after, at_once)
        if not rows:
            return
        after = rows[-1].subject_id
        done = [one for one in (_wrapped(database, row) for row in rows) if one is not None]
        crash_point("rewrap.after_read")
        if done:
            await _write(database, done)
        yield Step(len(done), len(rows) - len(done))


async def _next(
    database: Database, newest: bytes, after: UUID | None, at_once: int
) -> Sequence[Row[Any]]:
    table = database.schema.tables.sealed_key
    columns = (table.c.subject_id, table.c.kind, table.c.wrapped)
    statement = select(*columns).where(kids.besides(table, [newest]))
    if after is not None:
        statement = statement.where(table.c.subject_id > after)
    async with database.reading() as session:
        found = await session.execute(statement.order_by(table.c.subject_id).limit(at_once))
        return found.all()


def _wrapped(database: Database, row: Row[Any]) -> dict[str, Any] | None:
    keyring = database.keyring
    about = keyring.about(row.subject_id, Kind(row.kind))
    try:
        wrapped = keyring.wrapper.rewrap(row.wrapped, about)
    except Sealed:
        return None
    kid = cipher.kid_in(wrapped)
    seen = {"of_subject": row.subject_id, "seen": row.wrapped}
    return {**seen, "kid": kid, "wrapped": wrapped}


async def _write(database: Database, done: Sequence[dict[str, Any]]) -> None:
    table = database.schema.tables.sealed_key
    statement = (
        update(table)
        .where(table.c.subject_id == bindparam("of_subject"), table.c.wrapped == bindparam("seen"))
        .values(kid=bindparam("kid"), wrapped=bindparam("wrapped"))
    )
    async with database.transaction() as session:
        await session.execute(statement, done)
        crash_point("rewrap.before_commit")
    crash_point("rewrap.after_commit")
