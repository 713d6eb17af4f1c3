"""Publishing what the outbox holds: in order, each at least once, never lost."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, NoReturn

import structlog
from sqlalchemy import Row, bindparam, select, update

from shared.contracts.fact import Envelope
from shared.plumbing import envelope, metrics
from shared.plumbing.crash import crash_point
from shared.plumbing.database import Database
from shared.plumbing.leader import LeadershipLost, leadership
from shared.plumbing.loops import Loops
from shared.plumbing.outbox.reconcile import Reconciler
from shared.plumbing.outbox.recording import channel
from shared.plumbing.outbox.recount import is_short
from shared.plumbing.outbox.stream import Publisher

log = structlog.get_logger()

RUN_LENGTH = 200
"""How many events are published before they are marked together as sent."""

SAFETY_POLL = timedelta(seconds=5)
"""How soon an event is noticed when nobody woke the relay: another process stored it."""

RECOUNT_EVERY = timedelta(seconds=30)
"""How often a relay that leads looks whether its stream still has what was told."""

LAST_MARK = timedelta(seconds=5)
"""How long a relay that is stopped tries to mark what it has published."""

FIRST_BACK_OFF = timedelta(milliseconds=100)
LONGEST_BACK_OFF = timedelta(seconds=5)


class PublishFailed(Exception):
    """The broker did not take an event. It, and all behind it, wait in the outbox."""


class Relay:
    """Publishes one service's outbox, one event after the other, each acknowledged before the next.

    A crash before the mark publishes an event again: JetStream drops the copy by its
    `Nats-Msg-Id`, and the reader's inbox one that comes later than that.
    """

    def __init__(
        self, database: Database, publisher: Publisher, loops: Loops | None = None
    ) -> None:
        self._database = database
        self._loops = loops or Loops()
        self._publisher = publisher
        self._reconciler = Reconciler(database, publisher, self._loops)
        self._failures = 0
        self._published = metrics.of(database.schema.name).published
        # Built once: at one event at a time, building them is a good part of the work.
        outbox = database.schema.tables.outbox
        # By `sent_at`, never by "id greater than the last": ids are given before the commit, so a
        # lower one can appear later.
        self._oldest_unsent = select(outbox).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.id)
        self._mark_sent = (
            update(outbox)
            .where(outbox.c.id == bindparam("row"))
            .values(sent_at=bindparam("now"), stream_seq=bindparam("place"))
        )

    async def run(self) -> None:
        """Publish for ever, whenever this process leads. Ends only by being cancelled."""
        service = self._database.schema.name
        woken = self._database.outbox_written
        while True:
            self._loops.runs_again("relay")
            try:
                async with leadership(
                    self._database, "relay", channel=channel(service), woken=woken.set
                ):
                    log.info("relay_leads", service=service)
                    async with self._reconciling():
                        await self._lead()
            except LeadershipLost:
                log.warning("relay_leadership_lost", service=service)
                self._loops.failed("relay")
            except Exception as error:  # the store is out of reach: nothing to do but wait
                log.error("relay_failed", service=service, error_type=type(error).__name__)
                self._loops.failed("relay")
                await self._back_off()

    async def _lead(self) -> NoReturn:
        woken = self._database.outbox_written
        recount_at, clock = 0.0, asyncio.get_running_loop().time
        while True:
            woken.clear()
            if clock() >= recount_at and await self._recounted():
                recount_at = clock() + RECOUNT_EVERY.total_seconds()
            try:
                await self.publish_waiting()
            except PublishFailed:  # the server's trouble, which others tell
                self._loops.well("relay")
                await self._back_off()
                continue
            self._failures = 0
            self._loops.well("relay")
            try:
                async with asyncio.timeout(SAFETY_POLL.total_seconds()):
                    await woken.wait()
            except TimeoutError:
                continue

    @asynccontextmanager
    async def _reconciling(self) -> AsyncIterator[None]:
        """Compare outbox and stream now and then; telling does not wait for it."""
        comparing = asyncio.create_task(self._reconciler.run())
        try:
            yield
        finally:
            while not comparing.done():  # a request that just ended can lose the first asking
                comparing.cancel()
                await asyncio.wait({comparing}, timeout=0.05)

    async def _recounted(self) -> bool:
        """Reconcile if the stream has lost something, *before* anything new is told behind what is
        left; False when that cannot be known now."""
        try:
            if await is_short(self._database, self._publisher):
                await self._reconciler.reconcile()
        except Exception as error:  # telling goes on, and says itself what is in its way
            log.warning("stream_not_counted", error_type=type(error).__name__)
            return False
        return True

    async def _back_off(self) -> None:
        longest = LONGEST_BACK_OFF.total_seconds()
        pause = min(FIRST_BACK_OFF.total_seconds() * 2**self._failures, longest)
        self._failures = min(self._failures + 1, 10)
        await asyncio.sleep(pause * self._database.world.chance.uniform(0.5, 1.0))

    async def publish_waiting(self) -> int:
        """Publish all that waits, oldest first, and return how many went.

        Raises PublishFailed at the first event the broker does not take; those before it are
        marked, those behind it stay behind it.
        """
        published = 0
        while True:
            rows = await self._waiting()
            published += await self._publish_run(rows)
            if len(rows) < RUN_LENGTH:
                return published

    async def _waiting(self) -> Sequence[Row[Any]]:
        async with self._database.reading() as session:
            return (await session.execute(self._oldest_unsent.limit(RUN_LENGTH))).all()

    async def _publish_run(self, rows: Sequence[Row[Any]]) -> int:
        places: dict[int, int] = {}
        try:
            refused = await self._publish_each(rows, places)
            await self._mark(places)
        except asyncio.CancelledError:
            await self._mark_before_stopping(places)
            raise
        if refused is not None:
            raise refused
        return len(places)

    async def _publish_each(
        self, rows: Sequence[Row[Any]], places: dict[int, int]
    ) -> PublishFailed | None:
        """Note in `places` where each event went, up to one that was not taken."""
        for row in rows:
            try:
                places[row.id] = await self._publish(row)
            except PublishFailed as refused:
                return refused
        return None

    async def _publish(self, row: Row[Any]) -> int:
        crash_point("relay.before_publish")
        headers = envelope.to_headers(_envelope_of(row))
        try:
            place = await self._publisher.publish(row.subject, row.body, headers)
        except Exception as error:
            code = type(error).__name__
            self._published.labels(row.subject, "failed").inc()
            log.warning(
                "publish_failed",
                event_id=str(row.event_id),
                attempts=row.attempts + 1,
                error_type=code,
            )
            await self._note_failure(row, code)
            raise PublishFailed(str(row.event_id)) from error
        crash_point("relay.after_puback")
        self._published.labels(row.subject, "stored").inc()
        return place

    async def _mark(self, places: dict[int, int]) -> None:
        if not places:
            return
        now = self._database.world.now()
        values = [{"row": row, "place": place, "now": now} for row, place in places.items()]
        async with self._database.transaction() as session:
            connection = await session.connection()
            await connection.execute(self._mark_sent, values)
        crash_point("relay.after_mark")

    async def _mark_before_stopping(self, places: dict[int, int]) -> None:
        """Stopped on the way: what was taken is marked all the same, or it would go twice.

        The mark itself may have been cut off; making it again changes nothing.
        """
        marking = asyncio.ensure_future(self._mark(places))
        try:
            async with asyncio.timeout(LAST_MARK.total_seconds()):
                await asyncio.shield(marking)
        except Exception as error:  # then it does go twice, which is allowed
            log.warning("published_but_not_marked", error_type=type(error).__name__)

    async def _note_failure(self, row: Row[Any], code: str) -> None:
        outbox = self._database.schema.tables.outbox
        statement = (
            update(outbox)
            .where(outbox.c.id == row.id)
            .values(attempts=outbox.c.attempts + 1, last_error=code[:80])
        )
        async with self._database.transaction() as session:
            await session.execute(statement)


def _envelope_of(row: Row[Any]) -> Envelope:
    # What our own store holds needs no second check, and there may be thousands.
    return Envelope.model_construct(
        id=row.event_id,
        source=row.source,
        type=row.subject,
        subject=row.aggregate_id,
        sequence=row.version,
        time=row.recorded_at,
        correlation=row.correlation,
        causation=row.causation,
        traceparent=row.traceparent,
    )
