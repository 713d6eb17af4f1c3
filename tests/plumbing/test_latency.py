"""How long one fact takes from its commit to its handler, beside the bare hops; only printed."""

import asyncio
import statistics
import time

from shared.contracts.fact import Envelope
from shared.plumbing import outbox
from shared.plumbing.connection import connected
from shared.plumbing.database import Session
from shared.plumbing.outbox import Relay
from tests.fixtures import backends
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    BreadBaked,
    a_house,
    almighty,
    baked,
    services,
    shelve,
    shop_hearing,
    tell,
)

ROUNDS = 150


class Stopwatch:
    """When the handler began with each fact."""

    def __init__(self) -> None:
        self._began: asyncio.Queue[float] = asyncio.Queue()

    async def handler(self, fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        self._began.put_nowait(time.perf_counter())
        await shelve(fact, envelope, session)

    async def since(self, started: float) -> float:
        async with asyncio.timeout(10):
            return await self._began.get() - started


async def bare_hops(jetstream, reader) -> float:
    """Publish, fetch and acknowledge, with the client alone."""
    fetching = asyncio.create_task(reader.fetch(1, timeout=10))
    await asyncio.sleep(0.002)  # the request stands, as it does in live reading
    started = time.perf_counter()
    await jetstream.publish("bare.one.v1", baked().model_dump_json().encode())
    (message,) = await fetching
    took = time.perf_counter() - started
    await message.ack_sync()
    return took


async def test_a_fact_reaches_its_handler_in_about_the_time_of_the_bare_hops(
    parley_broker, sqlite_store
):
    watch = Stopwatch()
    hearing = shop_hearing(watch.handler)
    shop, bakery = await sqlite_store(SHOP), await sqlite_store(BAKERY)
    committed, published, bare = [], [], []
    async with a_house(await parley_broker(services(hearing))) as house:
        await house.bus("shop", shop, hearing)
        bus = await house.bus("bakery", bakery)
        relay = asyncio.create_task(Relay(bakery, bus.publisher).run())
        async with connected("anybody", house.broker.url, almighty(house.broker)) as client:
            jetstream = client.jetstream()
            await jetstream.add_stream(name="bare", subjects=["bare.>"])
            reader = await jetstream.pull_subscribe("bare.>", durable="bare", stream="bare")
            for _ in range(ROUNDS):
                async with bakery.transaction() as session:
                    await outbox.record(session, baked(), version=1)
                committed.append(await watch.since(time.perf_counter()))
                await asyncio.sleep(0.005)
                bare.append(await bare_hops(jetstream, reader))
                started = time.perf_counter()
                await tell(bus, baked())
                published.append(await watch.since(started))
                await asyncio.sleep(0.005)
        relay.cancel()

    commit, publish, hops = (statistics.median(it) * 1000 for it in (committed, published, bare))
    backends.used(
        "One fact, median",
        f"{commit:.2f} ms from commit to handler, {publish:.2f} ms from publish to handler; "
        f"bare publish and fetch {hops:.2f} ms: {commit / hops:.2f} and {publish / hops:.2f} "
        "times as long",
    )
