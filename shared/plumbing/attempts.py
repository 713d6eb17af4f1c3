"""How often an event has been tried in vain, until it succeeds or is parked.

An attempt that raises is counted by whoever catches it. One that takes the process with it (no
memory left, a fault in a library, `os._exit`) leaves nobody to count it. So an event that comes
again is noted as begun before it is acted on, in a transaction of its own. If it comes once more
and the attempt before has neither succeeded, nor been counted, nor been excused, the process
ended while acting on it, and that counts as a failure.

What remains approximate: a first delivery is not noted, which keeps the usual way free of it, so
its end is taken to have been like the second's. An attempt is counted though nobody is at fault
when it was cut short in a way that could not be written down: the machine lost its power, the
process was killed for another reason, or it was stopped, or another replica took the event over,
while the store was out of reach. A process that was only suspended goes on, and its success
clears whatever was counted meanwhile. All of that has to hit the very same event again and again
before it is parked, and then a retry is all it takes.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import case, delete, update

from shared.plumbing.database import Database, Session, conflict_insert
from shared.plumbing.unreachable import is_unreachable

EXCUSE_PATIENCE_SECONDS = 1.0
"""How long a store that may be out of reach is given to take an excuse."""


class Attempts:
    """Notes, for one process, the beginning and the excusable ends of attempts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._excused: set[tuple[str, str]] = set()
        """Excuses the store could not take, because it was out of reach itself."""
        self._excusing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def another(self, consumer: str, event_key: str) -> AsyncIterator[int]:
        """Act on the event once more in here; gives how often that has been in vain before.

        An attempt that is cancelled, or meets a store or server that is out of reach, is excused.
        Any other error is counted by whoever catches it.
        """
        tried = await self._begin(consumer, event_key)
        try:
            yield tried
        except asyncio.CancelledError:
            # Whoever was cancelled may not wait for anything any more: another task does it.
            self._excusing.add(asyncio.create_task(self._excuse(consumer, event_key)))
            raise
        except Exception as error:
            if is_unreachable(error):
                await self._excuse(consumer, event_key)
            raise

    async def settled(self) -> None:
        """Return once all that was cancelled has been excused, or could not be."""
        while self._excusing:
            done, _ = await asyncio.wait(self._excusing)
            self._excusing -= done

    async def _begin(self, consumer: str, event_key: str) -> int:
        excused = (consumer, event_key) in self._excused
        async with self._database.transaction() as session:
            if excused:
                await excuse(session, consumer, event_key)
            tried = await begin(session, consumer, event_key)
        self._excused.discard((consumer, event_key))
        return tried

    async def _excuse(self, consumer: str, event_key: str) -> None:
        self._excused.add((consumer, event_key))
        with suppress(Exception):
            async with asyncio.timeout(EXCUSE_PATIENCE_SECONDS):
                async with self._database.transaction() as session:
                    await excuse(session, consumer, event_key)
            self._excused.discard((consumer, event_key))


async def begin(session: Session, consumer: str, event_key: str) -> int:
    """Note that acting on the event begins, and return how often it has been tried in vain.

    An attempt that was begun before and has not ended counts as one; as two when nothing had been
    counted, because then the first delivery, which leaves no note, ended in the same way.
    """
    table = session.schema.tables.failing_event
    was_begun = table.c.begun_at.is_not(None)
    unended = case((was_begun & (table.c.attempts == 0), 2), (was_begun, 1), else_=0)
    failed_at = case((was_begun, table.c.begun_at), else_=table.c.last_failed_at)
    now = session.now()
    statement = (
        conflict_insert(table, session.database.dialect)
        .values(consumer=consumer, event_key=event_key, attempts=0, begun_at=now)
        .on_conflict_do_update(
            index_elements=["consumer", "event_key"],
            set_={
                "attempts": table.c.attempts + unended,
                "last_failed_at": failed_at,
                "begun_at": now,
            },
        )
        .returning(table.c.attempts)
    )
    attempts: int = (await session.execute(statement)).scalar_one()
    return attempts


async def excuse(session: Session, consumer: str, event_key: str) -> None:
    """Forget that acting on this event was begun; what was counted before stays counted."""
    table = session.schema.tables.failing_event
    where = (table.c.consumer == consumer, table.c.event_key == event_key)
    await session.execute(update(table).where(*where).values(begun_at=None))


async def count_failure(session: Session, consumer: str, event_key: str) -> int:
    """Count one more failure in a row of this event, and return how many that makes."""
    table = session.schema.tables.failing_event
    now = session.now()
    statement = (
        conflict_insert(table, session.database.dialect)
        .values(consumer=consumer, event_key=event_key, attempts=1, last_failed_at=now)
        .on_conflict_do_update(
            index_elements=["consumer", "event_key"],
            set_={"attempts": table.c.attempts + 1, "last_failed_at": now, "begun_at": None},
        )
        .returning(table.c.attempts)
    )
    attempts: int = (await session.execute(statement)).scalar_one()
    return attempts


async def clear(session: Session, consumer: str, event_key: str) -> None:
    """Forget that this event ever failed, or was begun."""
    table = session.schema.tables.failing_event
    where = (table.c.consumer == consumer, table.c.event_key == event_key)
    await session.execute(delete(table).where(*where))
