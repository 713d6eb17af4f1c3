"""Making a stream hold what its outbox has told, and saying what the outbox does not know.

The store is the truth, and the broker can be rebuilt from it. What a stream has lost waits in the
outbox once more, and the relay tells it in the old order; what a reader has acted on its inbox
absorbs. Only what is missing is told again, behind everything that is there. Telling all again
from the first missing event would give no reader another order: whoever has not acted on that
event meets the later ones first in either case, where they still are, and their second telling is
absorbed. It would only make the stream longer. So readers must bear an event that comes late,
which they do by its version; who wants the old order back removes the stream and lets it be made
anew, and everything is told again from the first event on.

What the outbox does not know is never deleted: see `strangers`.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NoReturn

import structlog
from sqlalchemy import bindparam, func, select, update

from shared.plumbing.database import Database
from shared.plumbing.loops import Loops
from shared.plumbing.outbox import waiting
from shared.plumbing.outbox.comparing import Compared, Missing, Stranger, compare
from shared.plumbing.outbox.digests import Progress
from shared.plumbing.outbox.recording import channel
from shared.plumbing.outbox.recount import forget_stale_places, is_further
from shared.plumbing.outbox.strangers import MOST_PARKED, Desk
from shared.plumbing.outbox.stream import Stream

EVERY = timedelta(minutes=10)
"""How often the relay that leads compares its outbox with its stream, all of both."""

REST = 20
"""A comparison that takes long is followed by this many times as long a rest, if that is more:
however large a stream grows, comparing it takes no more than a twentieth of one processor."""

AFTER_TROUBLE = timedelta(seconds=30)

MOST_SHOWN = 1000
"""How many strangers a report names; it counts all."""

MENDED_AT_ONCE = 500

log = structlog.get_logger()


class StrangersUncounted(Exception):
    """So much in the stream is unknown that not all of it could be kept for a person to look at."""


@dataclass(frozen=True)
class Day:
    """One day, in UTC, on which outbox and stream differ."""

    day: date
    told: int
    """How many events of that day had been told, as the outbox says."""
    held: int
    """How many the stream holds."""
    missing: int
    unknown: int


@dataclass
class Report:
    """What a comparison of one service's outbox with its stream came to."""

    service: str
    told: int
    """How many events were compared."""
    days: list[Day] = field(default_factory=list)
    """Those that differ."""
    strangers: list[Stranger] = field(default_factory=list)
    """What the outbox does not know and nobody has given up yet: the first of it."""
    waiting: int = 0
    """How many events were still to be told when all was done; told again, they are among them."""

    @property
    def missing(self) -> int:
        return sum(day.missing for day in self.days)

    @property
    def unknown(self) -> int:
        return sum(day.unknown for day in self.days)

    @property
    def is_equal(self) -> bool:
        return not self.days


def _nobody(read: int, total: int) -> None:
    """Nobody wants to know how far it has come."""


class Reconciler:
    """Compares one service's outbox with its stream, and mends what can be mended."""

    def __init__(self, database: Database, stream: Stream, loops: Loops | None = None) -> None:
        self._database = database
        self._stream = stream
        self._loops = loops or Loops()
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> NoReturn:
        """Reconcile now and every ten minutes, for ever: the work of whoever leads."""
        try:
            while True:
                rest = await self._once()
                await asyncio.sleep(rest)
        finally:
            self._loops.well("reconcile")  # whoever leads next has to say how it goes

    async def _once(self) -> float:
        """Reconcile, and return for how many seconds to rest from it."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            await self.reconcile()
        except Exception as error:  # nothing is known, so nothing was changed
            await self._failed(error)
            return AFTER_TROUBLE.total_seconds()
        self._loops.well("reconcile")
        return max(EVERY.total_seconds(), REST * (clock() - began))

    async def _failed(self, error: Exception) -> None:
        service = self._database.schema.name
        log.warning("stream_not_compared", service=service, error_type=type(error).__name__)
        try:
            await self._stream.last_seq()
        except Exception:  # the server's trouble, which others tell
            self._loops.well("reconcile")
        else:
            self._loops.failed("reconcile")

    async def reconcile(self, *, mend: bool = True, progress: Progress = _nobody) -> Report:
        """Compare, and unless told otherwise mend; raises when either side cannot be read.

        It may be done while events are told, and by several processes at once. A crash leaves
        some of what is missing waiting and the rest for the next time.
        """
        async with self._one_at_a_time:
            desk = Desk(self._database, self._stream)
            await desk.prepare()
            compared = await compare(self._database, self._stream, progress)
            told = sum(digest.count for digest in compared.told.values())
            report = Report(self._database.schema.name, told)
            async for found in compared.differences():
                strangers = await desk.receive(found.strangers, park=mend)
                if mend:
                    await self._let_wait_again(found.missing)
                report.days += _days(compared, found.missing, strangers)
                report.strangers += strangers[: MOST_SHOWN - len(report.strangers)]
            if mend:
                await desk.settle_the_rest()
                await forget_stale_places(self._database, self._stream)
            async with self._database.reading() as session:
                report.waiting = await waiting.count(session)
            _say(report, mend=mend)
            return report

    async def _let_wait_again(self, missing: Sequence[Missing]) -> None:
        outbox = self._database.schema.tables.outbox
        # As it was seen: another may have mended it, and the relay told it, since.
        this = (outbox.c.id == bindparam("row"), outbox.c.sent_at == bindparam("seen"))
        anew = update(outbox).where(*this).values(sent_at=None, stream_seq=None)
        for start in range(0, len(missing), MENDED_AT_ONCE):
            some = missing[start : start + MENDED_AT_ONCE]
            async with self._database.transaction() as session:
                connection = await session.connection()
                await connection.execute(
                    anew, [{"row": one.row, "seen": one.sent_at} for one in some]
                )
                if self._database.dialect == "postgresql":  # it may lead in another process
                    service = self._database.schema.name
                    await session.execute(select(func.pg_notify(channel(service), "")))
                session.after_commit(self._database.outbox_written.set)


async def know_own_stream(database: Database, stream: Stream) -> None:
    """Return once the store knows of all its stream held when this was called.

    For whoever acts on the world outside by what the store says: a store that was put back from an
    older copy does not know what has been done since, but its stream does. Afterwards
    `strangers.tell_of` answers for every event. Costs next to nothing when the stream has come no
    further than the store knows. Raises when the stream cannot be read, and StrangersUncounted.
    """
    if not await is_further(database, stream):
        return
    report = await Reconciler(database, stream).reconcile()
    if report.unknown > MOST_PARKED:
        raise StrangersUncounted(report.unknown)


def _days(compared: Compared, missing: list[Missing], strangers: list[Stranger]) -> list[Day]:
    lost = Counter(one.day for one in missing)
    unknown = Counter(one.day for one in strangers)
    days = []
    for day in sorted(lost.keys() | unknown.keys()):
        told, held = compared.told.get(day), compared.held.days.get(day)
        counts = (told.count if told else 0, held.count if held else 0)
        days.append(Day(day, *counts, missing=lost[day], unknown=unknown[day]))
    return days


def _say(report: Report, *, mend: bool) -> None:
    if report.missing:
        event = "told_again" if mend else "missing_in_the_stream"
        log.warning(event, service=report.service, events=report.missing)
    if report.unknown:
        log.error("unknown_in_the_stream", service=report.service, events=report.unknown)
