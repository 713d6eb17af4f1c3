"""A stream that was lost and made anew, empty: seen, and told everything again."""

import shutil
from datetime import timedelta

import pytest

from shared.plumbing import outbox
from shared.plumbing.bus import Bus
from shared.plumbing.database import Database
from shared.plumbing.health import SENTENCES
from shared.plumbing.outbox import Relay, relay
from shared.plumbing.probes import probe_stream
from tests.fixtures.broker import ParleyBroker
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    a_house,
    baked,
    services,
    shelf,
    shop_hearing,
    until,
    until_shelved,
)
from tests.plumbing.stream import running


@pytest.fixture(autouse=True)
def looks_often(monkeypatch):
    monkeypatch.setattr(relay, "RECOUNT_EVERY", timedelta(milliseconds=200))
    monkeypatch.setattr(relay, "SAFETY_POLL", timedelta(milliseconds=100))


async def record(store: Database, *numbers: int) -> None:
    async with store.transaction() as session:
        for number in numbers:
            await outbox.record(session, baked(number), version=1)


async def codes(store: Database, bus: Bus) -> list[str]:
    return [one.code for one in await probe_stream(store, bus.publisher)]


async def wipe_while_down(broker: ParleyBroker) -> None:
    await broker.kill()
    shutil.rmtree(broker.folder / "nats" / "jetstream")
    await broker.start_again()
    await broker.ensure()


async def connected_again(bus: Bus) -> None:
    async def well() -> bool:
        return await bus.ailments() == []

    await until(well)


async def test_a_reader_gets_what_it_had_not_read_when_the_streams_were_wiped(
    parley_broker, sqlite_store, any_store
):
    hearing = shop_hearing()
    bakery_store, shop = await any_store(BAKERY), await sqlite_store(SHOP)
    async with a_house(await parley_broker(services(hearing))) as house:
        bakery = await house.bus("bakery", bakery_store)
        reader = await house.bus("shop", shop, hearing)
        await record(bakery_store, 1, 2)
        await Relay(bakery_store, bakery.publisher).publish_waiting()
        assert await until_shelved(shop, 2) == [1, 2]
        await reader.stop()
        await record(bakery_store, 3, 4)
        await Relay(bakery_store, bakery.publisher).publish_waiting()
        whole = await codes(bakery_store, bakery)

        await wipe_while_down(house.broker)
        await connected_again(bakery)
        short = await codes(bakery_store, bakery)
        async with running(Relay(bakery_store, bakery.publisher)):
            await house.bus("shop", shop, hearing)
            numbers = await until_shelved(shop, 4)
        healed = await codes(bakery_store, bakery)

        assert (whole, short, healed) == ([], ["stream_short"], [])
        assert numbers == await shelf(shop) == [1, 2, 3, 4]


async def test_a_stream_wiped_under_a_leading_relay_is_told_all_again_in_order(
    parley_broker, sqlite_store
):
    bakery_store, shop, hearing = (
        await sqlite_store(BAKERY),
        await sqlite_store(SHOP),
        shop_hearing(),
    )
    async with a_house(await parley_broker(services(hearing))) as house:
        bakery = await house.bus("bakery", bakery_store)
        async with running(Relay(bakery_store, bakery.publisher)), house.broker.connect() as client:
            await record(bakery_store, 1, 2, 3)

            async def told() -> bool:
                return await bakery.publisher.last_seq() == 3

            await until(told)

            await client.jetstream().delete_stream("bakery")
            await house.broker.ensure()
            await house.bus("shop", shop, hearing)

            assert await until_shelved(shop, 3) == [1, 2, 3]


async def test_a_new_event_in_an_emptied_stream_does_not_hide_that_it_is_short(
    parley_broker, sqlite_store
):
    bakery_store = await sqlite_store(BAKERY)
    async with a_house(await parley_broker(services(shop_hearing()))) as house:
        bakery = await house.bus("bakery", bakery_store)
        await record(bakery_store, 1)
        await Relay(bakery_store, bakery.publisher).publish_waiting()
        async with house.broker.connect() as client:
            await client.jetstream().delete_stream("bakery")
        await house.broker.ensure()

        await record(bakery_store, 2)
        await Relay(bakery_store, bakery.publisher).publish_waiting()

        assert await codes(bakery_store, bakery) == ["stream_short"]


async def test_when_it_cannot_be_known_the_other_probes_have_the_word(parley_broker, sqlite_store):
    store = await sqlite_store(BAKERY)
    async with a_house(await parley_broker(services(shop_hearing()))) as house:
        assert await codes(store, house.make("bakery", store)) == []


def test_a_short_stream_has_a_sentence():
    assert "again" in SENTENCES["stream_short"]
