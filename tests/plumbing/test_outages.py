"""The bus while consumers, streams and the server itself are lost and come back."""

import asyncio
from contextlib import suppress

import psutil
import pytest
from nats.js.client import JetStreamContext

from shared.plumbing import topology
from shared.plumbing.bus import Bus
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    a_house,
    baked,
    loop_lag,
    services,
    shelve,
    shop_hearing,
    tell,
    until,
    until_shelved,
)


@pytest.fixture
async def shop(sqlite_store):
    return await sqlite_store(SHOP)


@pytest.fixture
async def bakery_store(sqlite_store):
    return await sqlite_store(BAKERY)


async def eventually_told(bus, fact):
    """Publish as the relay does: again until it works."""
    async with asyncio.timeout(20):
        while True:
            with suppress(Exception):
                return await tell(bus, fact)
            await asyncio.sleep(0.1)


async def test_a_consumer_deleted_while_running_is_healed_and_nothing_is_acted_on_twice(
    parley_broker, shop, bakery_store
):
    hearing = shop_hearing()
    async with a_house(await parley_broker(services(hearing))) as house:
        bus = await house.bus("shop", shop, hearing)
        bakery = await house.bus("bakery", bakery_store)
        await tell(bakery, *[baked(number) for number in range(20)])
        await until_shelved(shop, 20)

        async with house.broker.connect() as client:
            jetstream = client.jetstream()
            await jetstream.delete_consumer("bakery", "shop-bakery")
            meanwhile = await bus.ailments()
            await tell(bakery, baked(20))
            keeper = asyncio.create_task(
                topology.keep(
                    house.broker.url,
                    house.broker.creds("deploy"),
                    house.broker.services,
                )
            )
            try:
                assert await until_shelved(shop, 21) == list(range(21))
                healed = await jetstream.consumer_info("bakery", "shop-bakery")
                await jetstream.delete_consumer("bakery", "shop-bakery")
                await tell(bakery, baked(21))
                assert await until_shelved(shop, 22) == list(range(22))
            finally:
                keeper.cancel()

        assert meanwhile == [("consumer_gone", "shop-bakery")]
        assert healed.config.opt_start_seq is None
        assert await bus.ailments() == []


async def test_while_a_consumer_is_gone_the_process_idles(parley_broker, shop, monkeypatch):
    hearing = shop_hearing()
    async with a_house(await parley_broker(services(hearing))) as house:
        bus = await house.bus("shop", shop, hearing)
        async with house.broker.connect() as client:
            await client.jetstream().delete_consumer("bakery", "shop-bakery")
        await asyncio.sleep(2.5)  # the request that stood has ended
        fetches = []
        guarded = JetStreamContext.PullSubscription.fetch

        async def counted(self, *args, **kwargs):
            fetches.append(1)
            return await guarded(self, *args, **kwargs)

        monkeypatch.setattr(JetStreamContext.PullSubscription, "fetch", counted)
        process = psutil.Process()
        before = sum(process.cpu_times()[:2])
        async with loop_lag() as longest:
            await asyncio.sleep(3)

        assert 1 <= len(fetches) <= 6
        assert sum(process.cpu_times()[:2]) - before < 1.0
        assert longest[0] < 1.0
        assert await bus.ailments() == [("consumer_gone", "shop-bakery")]


async def test_a_lost_stream_is_told(parley_broker, shop, bakery_store):
    hearing = shop_hearing()
    async with a_house(await parley_broker(services(hearing))) as house:
        bus = await house.bus("shop", shop, hearing)
        async with house.broker.connect() as client:
            await client.jetstream().delete_stream("bakery")

        assert await bus.ailments() == [("stream_gone", "bakery")]


async def test_a_server_that_is_killed_and_comes_back_loses_nothing_and_the_loop_stays_alive(
    parley_broker, shop, bakery_store
):
    hearing = shop_hearing()
    async with a_house(await parley_broker(services(hearing))) as house:
        bus = await house.bus("shop", shop, hearing)
        bakery = await house.bus("bakery", bakery_store)
        await tell(bakery, *[baked(number) for number in range(10)])

        async with loop_lag() as longest:
            await house.broker.kill()
            await asyncio.sleep(2)
            gone = await bus.ailments()
            await house.broker.start_again()
            await eventually_told(bakery, baked(10))
            numbers = await until_shelved(shop, 11)

        assert gone == [("broker_gone", "")]
        assert numbers == list(range(11))
        assert longest[0] < 1.0
        assert house.lost == []

        async def well() -> bool:
            return await bus.ailments() == []

        await until(well)


async def test_a_bus_started_while_the_server_is_down_begins_when_it_is_there(
    parley_broker, shop, bakery_store
):
    hearing = shop_hearing()
    broker = await parley_broker(services(hearing))
    async with a_house(broker) as house:
        await broker.kill()
        bus = house.make("shop", shop, hearing)
        starting = asyncio.create_task(bus.start())
        async with loop_lag() as longest:
            await asyncio.sleep(1.5)

        assert not starting.done()
        assert longest[0] < 1.0
        await broker.start_again()
        async with asyncio.timeout(10):
            await starting
            await bus.listening()
        await tell(await house.bus("bakery", bakery_store), baked(1))
        assert await until_shelved(shop, 1) == [1]
        await bus.stop()


async def test_losing_the_connection_for_good_ends_the_process(parley_broker, shop):
    hearing = shop_hearing()
    async with a_house(await parley_broker(services(hearing))) as house:
        bus = await house.bus("shop", shop, hearing)

        async with loop_lag() as longest:
            await bus._broker.connection.close()
            await asyncio.sleep(1.5)

        assert house.lost == ["shop"]
        assert longest[0] < 1.0  # without the guard it would stand still from here on


async def test_being_refused_after_a_restart_of_the_server_ends_the_process(
    parley_broker, shop, tmp_path
):
    hearing = shop_hearing()
    broker = await parley_broker(services(hearing))
    async with a_house(broker) as house:
        copied = tmp_path / "copied.creds"
        copied.write_bytes(broker.creds("shop").read_bytes())
        bus = Bus("shop", shop, broker.url, copied, closed=lambda: house.lost.append("shop"))
        await bus.start()

        await broker.kill()
        await asyncio.sleep(1.1)  # tokens tell their age in whole seconds
        broker.services = services(shop_hearing(answerer=shelve))  # it may do more: a new token
        await broker.start_again()

        async def lost() -> bool:
            return house.lost == ["shop"]

        await until(lost)
        await bus.stop()
