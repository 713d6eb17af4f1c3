"""What can befall a stream, and the outbox it is told from: for the tests of what mends it."""

import shutil
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import select

from shared.plumbing import outbox, topology
from shared.plumbing.bus import Bus
from shared.plumbing.connection import connected
from shared.plumbing.database import Database
from shared.plumbing.outbox import Reconciler, Relay, Stored
from shared.plumbing.own_stream import OwnStream
from tests.fixtures.broker import ParleyBroker
from tests.plumbing.house import baked

LONG, SHORT = 600.0, 0.1
"""Seconds for which a stream remembers the ids of what it was told: as it is, and hardly at all."""


class Bakery:
    """A store of its own and a stream from which, unlike a real one, something can be taken."""

    def __init__(self, store: Database, stream: OwnStream) -> None:
        self.store = store
        self.stream = stream
        self.reconciler = Reconciler(store, stream)
        self.relay = Relay(store, stream)

    @property
    def jetstream(self):
        return self.stream.client.jetstream()

    async def record(self, *numbers: int) -> None:
        async with self.store.transaction() as session:
            for number in numbers:
                await outbox.record(session, baked(number), version=1)

    async def tell(self, *numbers: int) -> None:
        """Record, and publish all that waits."""
        await self.record(*numbers)
        await self.relay.publish_waiting()

    async def held(self) -> list[int]:
        """The numbers in the stream, as often as they are there, in order."""
        return [number_in(stored) for stored in await self.messages()]

    async def messages(self) -> list[Stored]:
        return [stored async for stored in self.stream.read(*await self.stream.extent())]

    async def unsent(self) -> list[str]:
        """The ids of what waits, in the order in which it will be told."""
        table = self.store.schema.tables.outbox
        waiting = select(table.c.event_id).where(table.c.sent_at.is_(None)).order_by(table.c.id)
        async with self.store.reading() as session:
            return [str(one) for one in (await session.execute(waiting)).scalars()]

    async def remove(self, *places: int) -> None:
        for place in places:
            await self.jetstream.delete_msg("bakery", place)


def number_in(stored: Stored) -> int:
    return int(stored.body.partition(b'"number":')[2].rstrip(b"}"))


@asynccontextmanager
async def a_bakery(url: str, store: Database, remembers: float = LONG):
    """A bakery on a plain server."""
    async with connected("bakery", url) as client:
        await client.jetstream().add_stream(loose(remembers))
        yield Bakery(store, OwnStream("bakery", client))


def loose(remembers: float = LONG):
    """As the stream is, but that something can be taken from it."""
    config = topology.stream_config("bakery")
    return config.evolve(deny_delete=False, deny_purge=False, duplicate_window=remembers)


def at_work(store: Database, bus: Bus) -> Bakery:
    """A bakery as it really is: its own user, on a stream from which nothing can be taken."""
    return Bakery(store, bus.publisher)


async def put_back(broker: ParleyBroker, copy: Path) -> None:
    """Stop the server as a power cut would and start it with what was copied earlier."""
    await broker.kill()
    shutil.rmtree(broker.folder / "nats" / "jetstream")
    shutil.copytree(copy, broker.folder / "nats" / "jetstream")
    await broker.start_again()
    await broker.ensure()


async def copied(broker: ParleyBroker, to: Path) -> Path:
    """What the server has stored by now, as a careful operator copies it: while it is down."""
    await broker.kill()
    shutil.copytree(broker.folder / "nats" / "jetstream", to)
    await broker.start_again()
    return to


def days(report: outbox.Report) -> list[tuple[str, int, int, int, int]]:
    return [
        (str(day.day), day.told, day.held, day.missing, day.unknown)
        for day in sorted(report.days, key=lambda day: day.day)
    ]
