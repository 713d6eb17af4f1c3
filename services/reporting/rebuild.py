"""Counts everything again from the streams, while the service goes on running.

It replaces counts and remembers which facts they came from; it tells nothing and sends nothing.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import UUID

from services.reporting import domain, store
from services.reporting.domain import Counted
from shared.contracts.fact import Envelope, Fact
from shared.plumbing import inbox
from shared.plumbing.database import Database

Told = Callable[[], AsyncIterator[tuple[Envelope, Fact]]]
"""Every fact of the streams that reporting hears, from the first to the last as of the call."""

MOST_READINGS = 10


class CannotRebuild(Exception):
    """The counts stay as they were; the words say why, fit to show to an operator."""


@dataclass
class Reading:
    """Everything the streams say, folded in memory."""

    counts: dict[tuple[type[Counted], UUID], Counted]
    seen: dict[str, set[UUID]]
    """The ids of the facts, by the consumer that would otherwise act on them."""

    @property
    def facts(self) -> int:
        return sum(len(ids) for ids in self.seen.values())


async def rebuild(
    database: Database, told: Told, *, progress: Callable[[int], None] = lambda read: None
) -> int:
    """Replace every count by what the streams say, and return how many facts said it.

    `progress` hears the number of facts read so far, which starts again at 0 with each reading.
    A crash leaves the old counts: the change is one transaction. Raises CannotRebuild when the
    streams do not hold every fact that was counted before.
    """
    missing_before: set[UUID] = set()
    for _ in range(MOST_READINGS):
        reading = await _read(told(), progress)
        missing = await _replace(database, reading)
        if not missing:
            return reading.facts
        lost = missing & missing_before  # not there in a reading that began after they were counted
        if lost:
            raise CannotRebuild(
                f"The streams lack {len(lost)} facts that were counted before. Nothing was changed."
            )
        missing_before = missing
    raise CannotRebuild("Facts come in faster than they can be read. Try again when it is quiet.")


async def _read(
    facts: AsyncIterator[tuple[Envelope, Fact]], progress: Callable[[int], None]
) -> Reading:
    reading = Reading(counts={}, seen={})
    read = 0
    async for envelope, fact in facts:
        read += 1
        progress(read)
        seen = reading.seen.setdefault(f"reporting-{envelope.source}", set())
        if envelope.id in seen:
            continue
        seen.add(envelope.id)
        for change in domain.changes(fact, envelope.time, envelope.sequence):
            place = (change.kind, change.key)
            reading.counts[place] = change.become(reading.counts.get(place))
    return reading


async def _replace(database: Database, reading: Reading) -> set[UUID]:
    """Put the new counts in place; or change nothing and return the counted facts they lack.

    A fact counted since the reading began is one of those: the next reading has it.
    """
    async with database.transaction() as session:
        await inbox.hold_still(session)  # no fact is counted between the look and the change
        missing: set[UUID] = set()
        for name, ids in (await inbox.remembered(session)).items():
            missing |= ids - reading.seen.get(name, set())
        if missing:
            return missing
        await store.replace_everything(session, reading.counts.values())
        for consumer, ids in reading.seen.items():
            await inbox.remember(session, consumer, ids)
    return set()
