"""A service's store: SQLite where it is embedded, PostgreSQL in production."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.plumbing.database import postgresql, sqlite
from shared.plumbing.database.schema import Schema
from shared.plumbing.database.session import Session
from shared.plumbing.database.straight import Straight, is_listened_to
from shared.plumbing.sealing.keyring import Keyring, no_keys
from shared.plumbing.world import REAL, World

log = structlog.get_logger()

Dialect = Literal["sqlite", "postgresql"]


class Database:
    """One service's store. It never makes tables: `migrations.upgrade` does."""

    def __init__(
        self,
        url: str | URL,
        schema: Schema,
        world: World = REAL,
        keyring: Keyring | None = None,
    ) -> None:
        self.url = make_url(url)
        self.schema = schema
        self.world = world
        self.keyring = keyring or no_keys(schema.name)
        """What seals and opens personal columns; without keys those are refused."""
        self.outbox_written = asyncio.Event()
        """Set after each commit that recorded a fact here; the relay waits for it."""
        self.dialect: Dialect
        if self.url.get_backend_name() == "sqlite":
            self.dialect = "sqlite"
            self._writer, self._reader = sqlite.engines(self.url)
        else:
            self.dialect = "postgresql"
            self._writer, self._reader = postgresql.engines(self.url, schema.name)
        self._straight = Straight()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """A transaction that may write: committed at the end, rolled back on any error.

        It begins with its first statement. On SQLite it then is the only writer until its end:
        never wait for the network in it. Do not open one inside another.
        """
        session = Session(self, self._writer)
        try:
            yield session
            await session.commit()
        except BaseException:
            # Whoever was cancelled may not wait any more: another task rolls back.
            await asyncio.shield(asyncio.create_task(session.close()))
            raise
        session.expunge_all()  # all there is left to close after a commit
        for callback in session.take_after_commit():
            try:
                callback()
            except Exception:  # what is committed stays committed, whatever they say
                log.exception("after_commit_failed")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Session]:
        """A transaction that only reads: one moment's view of the store; writing raises."""
        session = Session(self, self._reader, writes=False)
        try:
            yield session
        except BaseException:
            await asyncio.shield(asyncio.create_task(session.close()))
            raise
        await session.close()

    def straight_on(self, line: AsyncConnection) -> Straight | None:
        """The short way to this connection's driver; None while somebody listens."""
        return None if is_listened_to(line) else self._straight

    async def ping(self) -> None:
        """Raise if the store cannot be reached."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def dedicated(self) -> asyncpg.Connection:
        """A PostgreSQL driver connection outside the pool, for locks and NOTIFY: close it."""
        return await postgresql.dedicated(self._writer)

    async def close(self) -> None:
        """Let go of every connection. Transactions still open are rolled back."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()
