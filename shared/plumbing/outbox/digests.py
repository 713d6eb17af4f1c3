"""What an outbox says it has told and what its stream holds, in a few numbers for each day."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, Select, select

from shared.plumbing.database import Database
from shared.plumbing.outbox.stream import Stream

ROWS_AT_ONCE = 2000
"""How much of the outbox is read in one look; no transaction stays open while a stream is read."""

TELL_EVERY = 500
"""After how many messages the progress is told."""

MOST_NAMELESS = 1000
"""How many messages without an id are remembered; more would not tell anybody more."""

Progress = Callable[[int, int], None]
"""How much of the stream has been read, and how much there is."""


@dataclass(slots=True)
class Digest:
    """The events of one day: two collections are the same when count and ids are."""

    count: int = 0
    ids: int = 0
    """All ids, each exclusive-or'ed in: their order does not matter."""
    first: int = 0
    last: int = 0
    """Where in the stream they lie; 0 in an outbox."""

    def add(self, event_id: int, seq: int = 0) -> None:
        self.count += 1
        self.ids ^= event_id
        self.first = self.first or seq
        self.last = seq

    def same_as(self, other: "Digest") -> bool:
        return (self.count, self.ids) == (other.count, other.ids)


@dataclass
class Held:
    """What a stream holds up to some place."""

    days: dict[date, Digest] = field(default_factory=dict)
    nameless: list[int] = field(default_factory=list)
    """Places of messages that are no events: they have no id."""


async def of_outbox(database: Database) -> dict[date, Digest]:
    """What has been told by now, by the day it was recorded on."""
    outbox = database.schema.tables.outbox
    days: dict[date, Digest] = {}
    statement = select(outbox.c.id, outbox.c.event_id, outbox.c.recorded_at)
    async for rows in pages(database, statement.where(outbox.c.sent_at.is_not(None))):
        for row in rows:
            days.setdefault(row.recorded_at.date(), Digest()).add(row.event_id.int)
    return days


async def of_stream(stream: Stream, first: int, last: int, progress: Progress) -> Held:
    """What the stream holds in these places, read once, remembering only numbers."""
    held = Held()
    total = max(last - first + 1, 0)
    async for stored in stream.read(first, last):
        event_id = stored.event_id
        if event_id is not None:
            held.days.setdefault(stored.day, Digest()).add(event_id.int, stored.seq)
        elif len(held.nameless) < MOST_NAMELESS:
            held.nameless.append(stored.seq)
        if stored.seq % TELL_EVERY == 0:
            progress(stored.seq - first + 1, total)
    progress(total, total)
    return held


async def rows_of_days(database: Database, days: Collection[date]) -> AsyncIterator[Row[Any]]:
    """The outbox's rows of these days, told or not, in order."""
    outbox = database.schema.tables.outbox
    statement = select(
        outbox.c.id, outbox.c.event_id, outbox.c.recorded_at, outbox.c.sent_at, outbox.c.stream_seq
    ).where(
        outbox.c.recorded_at >= _midnight(min(days)),
        outbox.c.recorded_at < _midnight(max(days)) + timedelta(days=1),
    )
    async for rows in pages(database, statement):
        for row in rows:
            if row.recorded_at.date() in days:
                yield row


async def pages(database: Database, statement: Select[Any]) -> AsyncIterator[Sequence[Row[Any]]]:
    """The rows of a statement on the outbox, in order, some at a time, each time looked up anew."""
    outbox = database.schema.tables.outbox
    reached = 0
    while True:
        page = statement.where(outbox.c.id > reached).order_by(outbox.c.id).limit(ROWS_AT_ONCE)
        async with database.reading() as session:
            rows = (await session.execute(page)).all()
        if rows:
            yield rows
        if len(rows) < ROWS_AT_ONCE:
            return
        reached = rows[-1].id


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
