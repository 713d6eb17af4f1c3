"""Whether the store takes what is written, found out by writing.

Reading goes on when a disk is full, a file has become read-only, or a PostgreSQL server refuses
to write; a transaction that is rolled back touches no disk. So one small row is really committed,
but only while somebody asks how the service is, and not each time they do. A store so full that
only what is as small as this row still fits shows it a little later, at the first that does not.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from shared.plumbing.database import Database, conflict_insert
from shared.plumbing.health import Ailment, ailment

BEAT_EVERY = timedelta(seconds=10)
"""How often a row is written; after one that failed, at each question."""

BEAT_PATIENCE = timedelta(seconds=1)
"""How long an answer waits for the row. SQLite has one writer at a time, so it may take longer."""

READ_PATIENCE = timedelta(seconds=0.5)

UNWRITTEN = timedelta(seconds=30)
"""When a row has waited this long for its turn, nobody else gets theirs either."""

log = structlog.get_logger()


class Heartbeat:
    """Writes a row now and then, and knows whether that still works."""

    def __init__(self, database: Database, now: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._now = now
        self._beating: asyncio.Task[None] | None = None
        self._began_at = 0.0
        self._beaten_at: float | None = None
        self._trouble = ""
        """What kind of error the last row met; empty when it was written."""

    async def probe(self) -> Sequence[Ailment]:
        """Says nothing when the store cannot even be read: another probe says that."""
        if self._beating is None and self._is_due():
            self._began_at = self._now()
            self._beating = asyncio.create_task(self._beat())
        if self._beating is not None:
            # Not cancelled when it takes long: it stays in its place in the queue of writers.
            await asyncio.wait([self._beating], timeout=BEAT_PATIENCE.total_seconds())
        waits = self._beating and self._now() - self._began_at > UNWRITTEN.total_seconds()
        if (self._trouble or waits) and await self._can_be_read():
            return [ailment("store_not_written", self._trouble or "waits")]
        return []

    async def _can_be_read(self) -> bool:
        try:
            async with asyncio.timeout(READ_PATIENCE.total_seconds()):
                await self._database.ping()
        except Exception:
            return False
        return True

    def _is_due(self) -> bool:
        if self._trouble or self._beaten_at is None:
            return True
        return self._now() - self._beaten_at >= BEAT_EVERY.total_seconds()

    async def _beat(self) -> None:
        try:
            await write(self._database)
            self._beaten_at, self._trouble = self._now(), ""
        except Exception as error:
            self._trouble = _kind(error)
            log.warning("store_not_written", error_type=self._trouble)
        finally:
            self._beating = None


async def write(database: Database) -> None:
    """Commit the one row."""
    table = database.schema.tables.heartbeat
    async with database.transaction() as session:
        now = session.now()
        statement = conflict_insert(table, database.dialect).values(
            service=database.schema.name, beaten_at=now
        )
        await session.execute(
            statement.on_conflict_do_update(index_elements=["service"], set_={"beaten_at": now})
        )


def _kind(error: Exception) -> str:
    """The database's own name for the trouble if it has one: SQLITE_FULL, 25006."""
    orig = getattr(error, "orig", None)
    named = getattr(orig, "sqlite_errorname", None) or getattr(orig, "sqlstate", None)
    return str(named or type(error).__name__)
