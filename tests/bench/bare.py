"""The limit's half of every path: the drivers alone, used as well as they let us.

As durable as ours: SQLite with a write-ahead log and `synchronous=FULL`, PostgreSQL as it comes.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import aiosqlite
import asyncpg
from sqlalchemy.engine import URL

from tests.bench.recording import Transaction

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
)


class BareStore(Protocol):
    """A store without anything between us and its driver."""

    async def commit(self, transaction: Transaction) -> None:
        """Say all statements of one transaction, fetch what they give, and commit."""


class BareSqlite:
    """One connection, one writer at a time."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self.connection = connection
        self._turn = asyncio.Lock()

    async def commit(self, transaction: Transaction) -> None:
        say = self.connection
        async with self._turn:
            await say.execute("BEGIN IMMEDIATE")
            for one in transaction:
                if one.many:
                    await say.executemany(one.sql, one.values)
                elif one.gives_rows:
                    await say.execute_fetchall(one.sql, one.values)
                else:
                    await say.execute(one.sql, one.values)
            await say.execute("COMMIT")


class BarePostgres:
    """A pool, as large as ours."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def commit(self, transaction: Transaction) -> None:
        async with self._pool.acquire() as say, say.transaction():
            for one in transaction:
                if one.many:
                    await say.executemany(one.sql, one.values)
                elif one.gives_rows:
                    await say.fetch(one.sql, *one.values)
                else:
                    await say.execute(one.sql, *one.values)


@asynccontextmanager
async def bare_store(url: URL) -> AsyncIterator[BareStore]:
    """The store at this address, whose tables are there already."""
    if url.get_backend_name() == "sqlite":
        async with aiosqlite.connect(str(url.database), isolation_level=None) as connection:
            for pragma in PRAGMAS:
                await connection.execute(pragma)
            yield BareSqlite(connection)
    else:
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        async with asyncpg.create_pool(dsn, min_size=1, max_size=20, command_timeout=60) as pool:
            yield BarePostgres(pool)
