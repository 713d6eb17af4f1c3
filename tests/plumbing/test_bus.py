"""The bus from start to stop, on a real server with real users."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from shared.contracts.fact import Envelope
from shared.plumbing import connection, delivery, topology
from shared.plumbing.bus import PATIENCE, Bus
from shared.plumbing.connection import NatsRefuses, connected
from shared.plumbing.database import Session
from shared.plumbing.own_stream import NotStored
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    BreadBaked,
    a_house,
    baked,
    rows_of,
    services,
    shelf,
    shelve,
    shop_hearing,
    tell,
    until_shelved,
)


@pytest.fixture
async def shop(sqlite_store):
    return await sqlite_store(SHOP)


@pytest.fixture
async def bakery_store(sqlite_store):
    return await sqlite_store(BAKERY)


async def test_a_healthy_bus_has_no_ailments(parley_broker, shop):
    hearing = shop_hearing()
    async with a_house(await parley_broker(services(hearing))) as house:
        bus = await house.bus("shop", shop, hearing)

        assert await bus.ailments() == []


async def test_before_it_is_connected_a_bus_says_that_the_broker_is_gone(parley_broker, shop):
    async with a_house(await parley_broker(services(shop_hearing()))) as house:
        bus = house.make("shop", shop)

        assert await bus.ailments() == [("broker_gone", "")]
        with pytest.raises(NotStored):
            await bus.publisher.publish("shop.shelf_filled.v1", b"{}", {})


async def test_a_publish_that_no_stream_stores_is_refused(parley_broker, bakery_store):
    async with a_house(await parley_broker(services(shop_hearing()), empty=True)) as house:
        bus = await house.bus("bakery", bakery_store)

        with pytest.raises(Exception, match="no response from stream"):
            await tell(bus, baked())


async def test_a_bus_waits_for_a_consumer_that_the_deployment_makes_later(
    parley_broker, shop, bakery_store
):
    hearing = shop_hearing()
    async with a_house(await parley_broker(services(hearing), empty=True)) as house:
        bus = house.make("shop", shop, hearing)
        await bus.start()
        ailing = await bus.ailments()

        await house.broker.ensure()
        async with asyncio.timeout(10):
            await bus.listening()
        await tell(await house.bus("bakery", bakery_store), baked(1))

        assert ailing == [("stream_gone", "shop"), ("stream_gone", "bakery")]
        assert await until_shelved(shop, 1) == [1]
        assert await bus.ailments() == []
        await bus.stop()


async def test_a_start_that_is_given_up_leaves_nothing_behind(parley_broker, shop):
    broker = await parley_broker(services(shop_hearing()))
    async with a_house(broker) as house:
        await broker.kill()
        bus = house.make("shop", shop, shop_hearing())
        starting = asyncio.create_task(bus.start())
        await asyncio.sleep(0.3)

        starting.cancel()
        with suppress(asyncio.CancelledError):
            await starting
        await bus.stop()

        assert house.lost == []


async def test_credentials_the_server_does_not_know_are_refused_in_words(
    parley_broker, shop, tmp_path
):
    broker = await parley_broker(services(shop_hearing()))
    other = await parley_broker(services(shop_hearing()))
    async with a_house(broker) as house:
        broker_trust, broker.trust = broker.trust, other.trust
        bus = house.make("shop", shop)
        broker.trust = broker_trust

        with pytest.raises(NatsRefuses, match="refuses the credentials of shop"):
            async with asyncio.timeout(10):
                await bus.start()


async def test_a_stop_finishes_what_is_being_acted_on(parley_broker, shop, bakery_store):
    begun = asyncio.Event()

    async def slow(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        begun.set()
        await asyncio.sleep(1)
        await shelve(fact, envelope, session)

    hearing = shop_hearing(slow)
    async with a_house(await parley_broker(services(hearing))) as house:
        bus = await house.bus("shop", shop, hearing)
        bakery = await house.bus("bakery", bakery_store)
        await tell(bakery, baked(1), baked(2))
        await begun.wait()

        await bus.stop()

        assert await shelf(shop) == [1]
        async with house.broker.connect() as client:
            info = await client.jetstream().consumer_info("bakery", "shop-bakery")
        assert info.num_ack_pending == 0
        assert info.ack_floor.stream_seq == 1
        assert house.lost == []


async def test_a_stop_that_waited_long_enough_gives_the_event_to_the_next_at_once(
    parley_broker, shop, bakery_store, monkeypatch
):
    monkeypatch.setattr(connection, "STOP_PATIENCE_SECONDS", 0.3)
    for module in (delivery, topology.wanted):
        monkeypatch.setattr(module, "ACK_WAIT", timedelta(minutes=2))
    begun = asyncio.Event()

    async def never_ends(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        await shelve(fact, envelope, session)
        begun.set()
        await asyncio.Event().wait()

    hearing = shop_hearing(never_ends)
    async with a_house(await parley_broker(services(hearing))) as house:
        bus = await house.bus("shop", shop, hearing)
        bakery = await house.bus("bakery", bakery_store)
        await tell(bakery, baked(1))
        await begun.wait()
        await bus.stop()
        left = (await shelf(shop), await rows_of(shop, "outbox"))

        await house.bus("shop", shop, shop_hearing())
        numbers = await until_shelved(shop, 1)

        assert left == ([], 0)
        assert numbers == [1]


async def test_stopping_is_quiet_while_the_server_is_away(parley_broker, shop):
    hearing = shop_hearing()
    async with a_house(await parley_broker(services(hearing))) as house:
        bus = await house.bus("shop", shop, hearing)
        await house.broker.kill()

        async with asyncio.timeout(10):
            await bus.stop()

        assert house.lost == []


async def test_it_works_the_same_on_a_server_without_users(nats_server, sqlite_store):
    hearing, store = shop_hearing(), await sqlite_store(SHOP)
    async with connected("deploy", nats_server) as client:
        await topology.ensure(client, services(hearing))
    shop = Bus("shop", store, nats_server, closed=lambda: None)
    shop.hears(BreadBaked, shelve)
    bakery = Bus("bakery", await sqlite_store(BAKERY), nats_server, closed=lambda: None)
    await shop.start()
    await bakery.start()
    try:
        await tell(bakery, baked(1), baked(2))
        assert await until_shelved(store, 2) == [1, 2]
    finally:
        await shop.stop()
        await bakery.stop()


def test_the_patience_of_an_ask_is_seconds():
    assert timedelta(seconds=1) <= PATIENCE <= timedelta(seconds=10)
