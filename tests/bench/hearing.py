"""Row 2: from the stream into the inbox and its effect, beside the same hops without us."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from nats.aio.client import Client
from nats.js.client import JetStreamContext

from deploy.parts import blueprints, hearings
from shared.contracts.fact import Envelope, Fact
from shared.plumbing import crash, envelope
from shared.plumbing.bus import Bus
from shared.plumbing.database import Session
from shared.plumbing.hearing import Handler, durable_name
from tests.bench import facts
from tests.bench.bare import BareStore
from tests.bench.figures import PER_SECOND, Row, Samples, alternately, at_least, median
from tests.bench.ground import Ground, Kind
from tests.bench.recording import Echo, recorded
from tests.fixtures.broker import ParleyBroker

PATH = "2 stream to inbox and effect"
BAR = at_least(0.6)

ROUNDS, EVENTS = 8, 50
STREAM = "referral"

READERS: dict[str, Callable[[], Fact]] = {
    "notifications": facts.received,
    "scheduling": facts.accepted,
    "reporting": facts.received,
}
"""Who reads, and what they act on here."""


async def rows(ground: Ground, rounds: int = ROUNDS, events: int = EVENTS) -> list[Row]:
    """Each reader's real handler beside: fetch one, decode, the same statements, acknowledge."""
    heard = hearings(blueprints())
    # The limit reads as a service of its own: with the same rights, consumer and settings.
    services = {
        **heard,
        **{_bare(reader, kind): heard[reader] for reader in READERS for kind in ground.kinds},
    }
    broker = await ground.broker(services)
    return [
        await _row(ground, broker, reader, kind, rounds, events)
        for kind in ground.kinds
        for reader in READERS
    ]


def _bare(reader: str, kind: Kind) -> str:
    return f"bare_{reader}_{kind.lower()}"


async def _row(
    ground: Ground, broker: ParleyBroker, reader: str, kind: Kind, rounds: int, events: int
) -> Row:
    blueprint = blueprints()[reader]
    store = await ground.store(blueprint.schema, kind)
    bare_store = await ground.bare(await ground.store(blueprint.schema, kind))
    bus = Bus(reader, store, broker.url, broker.creds(reader))
    blueprint.listen(bus)
    gate = Gate(bus)
    bare = _bare(reader, kind)
    async with broker.connect(bare) as client, broker.connect(STREAM) as teller:
        durable = durable_name(bare, STREAM)
        fetcher = await client.jetstream().pull_subscribe_bind(durable, STREAM)
        backlog = Backlog(teller, READERS[reader])
        by_the_bus = partial(_by_the_bus, backlog, gate, events)
        async with _listening(bus):
            # Before the clocks start: to be listened to costs a statement time.
            with recorded(store) as said:
                for _ in range(rounds + 1):
                    await by_the_bus()
            said_again = Echo(said, "INSERT INTO inbox")
            by_hand = partial(_by_hand, backlog, fetcher, bare_store, said_again, events)
            heard, fetched = await alternately(rounds, by_the_bus, by_hand)
            gate.open()
    return Row(f"{PATH}, {reader}, {kind}", median(heard), median(fetched), BAR, PER_SECOND)


class Gate:
    """Lets the handlers act on so many events and no more; the next one waits inside its own."""

    def __init__(self, bus: Bus) -> None:
        self._permits = asyncio.Semaphore(0)
        for kind, handler in bus.facts.items():
            bus.facts[kind] = partial(self._through, handler)

    async def _through(
        self, handler: Handler[Any], fact: Fact, envelope: Envelope, session: Session
    ) -> None:
        await self._permits.acquire()
        await handler(fact, envelope, session)

    def open(self, events: int = 1_000_000) -> None:
        for _ in range(events):
            self._permits.release()


class Backlog:
    """Tells facts ahead of whoever reads them."""

    def __init__(self, teller: Client, fact: Callable[[], Fact]) -> None:
        self._jetstream, self._fact = teller.jetstream(), fact
        self._told, self._wanted = 0, Counter[str]()

    async def fill(self, who: str, events: int) -> None:
        """See that so many more than `who` has asked for before are in the stream, and one."""
        self._wanted[who] += events
        while self._told <= self._wanted[who]:
            fact = self._fact()
            headers = envelope.to_headers(facts.around(fact))
            await self._jetstream.publish(
                fact.subject, fact.model_dump_json().encode(), headers=headers
            )
            self._told += 1


@asynccontextmanager
async def _listening(bus: Bus) -> AsyncIterator[None]:
    await bus.start()
    try:
        async with asyncio.timeout(20):
            await bus.listening()
        yield
    finally:
        await bus.stop()


async def _by_the_bus(backlog: Backlog, gate: Gate, events: int) -> Samples:
    await backlog.fill("bus", events)
    ends: list[float] = []
    done = asyncio.Event()

    def on_point(name: str) -> None:
        if name == "handler.after_ack":
            ends.append(time.perf_counter())
            if len(ends) == events:
                done.set()

    crash.hook = on_point
    try:
        gate.open(events)
        async with asyncio.timeout(60):
            await done.wait()
    finally:
        crash.hook = None
    return [(events - 1) / (ends[-1] - ends[0])]


async def _by_hand(
    backlog: Backlog,
    fetcher: JetStreamContext.PullSubscription,
    store: BareStore,
    said: Echo,
    events: int,
) -> Samples:
    await backlog.fill("bare", events)
    said.gather()
    ends = []
    for _ in range(events):
        [message] = await fetcher.fetch(1, timeout=10)
        json.loads(message.data)
        await store.commit(said.next())
        await message.ack()
        ends.append(time.perf_counter())
    return [(events - 1) / (ends[-1] - ends[0])]
