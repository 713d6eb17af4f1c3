"""One leader for each kind of work, however many copies of a service run.

    async with leadership(database, "relay"):
        ...  # nobody else is in here

PostgreSQL: an advisory lock on a connection of its own. SQLite: a lock on a file beside the
store. Both go when the process dies, so that another takes over by itself.

When the connection is lost the leader's work is cancelled, and `LeadershipLost` raised, within
`PING_EVERY` + `PING_PATIENCE`. In that time another may lead already: what a leader does must bear
being done twice.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

import asyncpg

from shared.plumbing.database import Database
from shared.plumbing.database.session import lock_key

ASK_AGAIN = timedelta(seconds=1)
"""How often somebody who waits to lead asks again: the longest a take-over takes."""

PING_EVERY = timedelta(seconds=2)
PING_PATIENCE = timedelta(seconds=3)

GOODBYE_SECONDS = 1
"""How long the server is given to say goodbye; the lock is gone either way."""


class LeadershipLost(Exception):
    """The connection that held the lock is gone: somebody else may lead now."""


@asynccontextmanager
async def leadership(
    database: Database, name: str, *, channel: str = "", woken: Callable[[], None] | None = None
) -> AsyncIterator[None]:
    """Wait to be the only one in here under this name, in all processes on this store.

    On PostgreSQL `woken` is called at every NOTIFY on `channel` while leading. Raises
    LeadershipLost, or what the driver raises when the store cannot be reached.
    """
    if database.dialect == "sqlite":
        async with _file_lock(f"{database.url.database}.{name}.leader"):
            yield
        return
    connection = await database.dedicated()
    try:
        await _lock(connection, lock_key(f"{database.schema.name}:leader:{name}"))
        if woken is not None:
            await connection.add_listener(channel, lambda *_: woken())
        async with _Watch(connection):
            yield
    finally:
        with suppress(Exception):
            await connection.close(timeout=GOODBYE_SECONDS)


async def _lock(connection: asyncpg.Connection, key: int) -> None:
    # Asked again and again: a session that waits inside PostgreSQL would hold back its cleaning
    # of old rows for as long as it waits.
    while True:
        if await connection.fetchval("SELECT pg_try_advisory_lock($1)", key):
            return
        await asyncio.sleep(ASK_AGAIN.total_seconds())


@asynccontextmanager
async def _file_lock(path: str) -> AsyncIterator[None]:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            await asyncio.sleep(ASK_AGAIN.total_seconds())
        yield
    finally:
        os.close(descriptor)


class _Watch:
    """Cancels the task inside it when the connection goes; works as `asyncio.timeout` does."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._lost = False
        self._left = False

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._task = task
        self._cancelling = task.cancelling()
        self._connection.add_termination_listener(lambda _: self._lose())
        self._pings = asyncio.create_task(self._ping_for_ever())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._left = True
        self._pings.cancel()
        if not self._lost:
            return
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise LeadershipLost from error

    async def _ping_for_ever(self) -> None:
        while True:
            await asyncio.sleep(PING_EVERY.total_seconds())
            try:
                async with asyncio.timeout(PING_PATIENCE.total_seconds()):
                    await self._connection.fetchval("SELECT 1")
            except Exception:  # whatever it was: the lock cannot be relied on
                self._lose()
                return

    def _lose(self) -> None:
        if not self._lost and not self._left:
            self._lost = True
            self._task.cancel()
