"""Finding the days on which an outbox and its stream differ, and on those, every event.

Events are told meanwhile, and raise no alarm. The end of the stream is noted before the close look
at the outbox: everything up to that end was recorded before, so it must be known. And what was told
is missing only if it is not where the outbox says it was put, either: that is asked last.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from shared.plumbing.database import Database
from shared.plumbing.outbox.digests import (
    Digest,
    Held,
    Progress,
    of_outbox,
    of_stream,
    rows_of_days,
)
from shared.plumbing.outbox.stream import Stream

CLOSELY_AT_ONCE = 20_000
"""How many events, about, are looked at one by one at the same time: this bounds the memory."""

ASKED_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Missing:
    """A row of the outbox whose event was told, and which the stream does not hold."""

    row: int
    sent_at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Stranger:
    """A message in the stream of which the outbox knows nothing."""

    seq: int
    subject: str
    day: date
    event_id: UUID | None
    about: UUID | None
    """What it is told about: the id of an aggregate."""


@dataclass
class Difference:
    """What differs on some days: never more than was looked at at once."""

    days: list[date]
    missing: list[Missing] = field(default_factory=list)
    strangers: list[Stranger] = field(default_factory=list)


@dataclass
class Compared:
    """The days of one comparison, and a way to go through those that differ."""

    told: dict[date, Digest]
    held: Held
    last: int
    """How far the stream had come."""
    _database: Database
    _stream: Stream

    async def differences(self) -> AsyncIterator[Difference]:
        """Everything that really differs, some days at a time."""
        if self.held.nameless:
            yield await self._nameless()
        for days in self._differing():
            difference = await self._closely(days)
            if difference.missing or difference.strangers:
                yield difference

    def _differing(self) -> Iterator[list[date]]:
        """The days whose numbers differ, so many at once that there are not too many events."""
        nothing = Digest()
        some: list[date] = []
        events = 0
        for day in sorted(self.told.keys() | self.held.days.keys()):
            told, held = self.told.get(day, nothing), self.held.days.get(day, nothing)
            if told.same_as(held):
                continue
            if some and events + told.count + held.count > CLOSELY_AT_ONCE:
                yield some
                some, events = [], 0
            some.append(day)
            events += told.count + held.count
        if some:
            yield some

    async def _nameless(self) -> Difference:
        found = [await self._stream.get(seq) for seq in self.held.nameless]
        strangers = [
            Stranger(one.seq, one.subject, one.day, None, None) for one in found if one is not None
        ]
        return Difference(sorted({one.day for one in strangers}), strangers=strangers)

    async def _closely(self, days: list[date]) -> Difference:
        wanted = frozenset(days)
        unknown = await self._held_on(wanted)
        in_doubt: list[Row[Any]] = []
        async for row in rows_of_days(self._database, wanted):
            if unknown.pop(row.event_id, None) is None and row.sent_at is not None:
                in_doubt.append(row)
        missing = [
            Missing(row.id, row.sent_at, row.recorded_at.date())
            for row in await self._not_where_it_was_put(in_doubt)
        ]
        return Difference(days, missing, list(unknown.values()))

    async def _held_on(self, days: frozenset[date]) -> dict[UUID, Stranger]:
        """Every event of these days up to the end; all strangers, until the outbox knows them."""
        places = [self.held.days[day] for day in days if day in self.held.days]
        if not places:
            return {}
        found: dict[UUID, Stranger] = {}
        first, last = min(one.first for one in places), max(one.last for one in places)
        async for one in self._stream.read(first, last):
            event_id = one.event_id
            if event_id is not None and one.day in days:
                about = _uuid(one.headers.get("ce-subject", ""))
                found[event_id] = Stranger(one.seq, one.subject, one.day, event_id, about)
        return found

    async def _not_where_it_was_put(self, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
        """Those that are not in the place the outbox remembers, either: told meanwhile, it is."""
        last = await self._stream.last_seq()
        gone: list[Row[Any]] = []
        for start in range(0, len(rows), ASKED_AT_ONCE):
            some = rows[start : start + ASKED_AT_ONCE]
            are_there = await asyncio.gather(*(self._is_there(row, last) for row in some))
            gone += [row for row, is_there in zip(some, are_there, strict=True) if not is_there]
        return gone

    async def _is_there(self, row: Row[Any], last: int) -> bool:
        if row.stream_seq is None or row.stream_seq > last:
            return False
        stored = await self._stream.get(row.stream_seq)
        return stored is not None and stored.event_id == row.event_id


async def compare(database: Database, stream: Stream, progress: Progress) -> Compared:
    """Read the outbox and then the stream, once each; raises when either cannot be read."""
    told = await of_outbox(database)
    first, last = await stream.extent()
    held = await of_stream(stream, first, last, progress)
    return Compared(told, held, last, database, stream)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
