"""Streams and consumers made, repaired and healed, on a real server."""

import asyncio
from dataclasses import replace

import pytest
from nats.js import api

from shared.plumbing import topology
from shared.plumbing.connection import connected
from shared.plumbing.hearing import Hearing
from shared.plumbing.topology import CannotRepair, check, ensure
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    BreadBaked,
    OvenCleaned,
    a_house,
    baked,
    note_cleaning,
    services,
    shelf,
    shop_hearing,
    tell,
    until,
    until_shelved,
)


@pytest.fixture
async def client(nats_server):
    async with connected("deploy", nats_server) as connection:
        yield connection


async def test_everything_is_made_and_a_second_time_nothing_changes(client):
    wanted = services(shop_hearing())

    made = await ensure(client, wanted)

    assert [change.what for change in made] == [
        "stream bakery",
        "stream shop",
        "stream audit",
        "consumer shop-bakery",
    ]
    assert await ensure(client, wanted) == []
    assert await check(client, wanted) == []


async def test_streams_forget_nothing_and_consumers_keep_strict_order(client):
    await ensure(client, services(shop_hearing()))

    stream = (await client.jetstream().stream_info("bakery")).config
    consumer = (await client.jetstream().consumer_info("bakery", "shop-bakery")).config

    assert (stream.storage, stream.retention, stream.discard) == ("file", "limits", "new")
    assert (stream.max_age, stream.max_bytes, stream.max_msgs) == (0, -1, -1)
    assert (await client.jetstream().stream_info("audit")).config.deny_purge
    assert (stream.deny_delete, stream.deny_purge, stream.duplicate_window) == (True, True, 600)
    assert stream.max_msg_size == 64 * 1024
    assert consumer.filter_subjects == ["bakery.bread_baked.v1"]
    assert (consumer.max_ack_pending, consumer.max_deliver) == (1, -1)


async def test_before_anything_is_made_every_part_is_missing(client):
    drifts = await check(client, services(shop_hearing()))

    assert [drift.what for drift in drifts] == [
        "stream bakery",
        "stream shop",
        "stream audit",
        "consumer shop-bakery",
    ]
    assert "start Parley again" in drifts[0].sentence


async def test_a_stream_that_drifted_is_found_and_repaired(client):
    wanted = services(shop_hearing())
    jetstream = client.jetstream()
    config = topology.stream_config("bakery")
    await jetstream.add_stream(replace(config, max_msgs=5, duplicate_window=60, deny_purge=False))

    drifts = await check(client, wanted)
    await ensure(client, wanted)

    assert drifts[0].sentence.startswith(
        "Stream bakery differs in max_msgs, duplicate_window, deny_purge: "
    )
    assert await check(client, wanted) == []


async def test_a_consumer_that_drifted_is_found_and_repaired_where_it_is(client):
    wanted = services(shop_hearing())
    jetstream = client.jetstream()
    await ensure(client, wanted)
    await jetstream.publish(BreadBaked.subject, b"{}")
    reader = await jetstream.pull_subscribe_bind(stream="bakery", durable="shop-bakery")
    await (await reader.fetch(1))[0].ack_sync()
    config = (await jetstream.consumer_info("bakery", "shop-bakery")).config
    await jetstream.add_consumer("bakery", replace(config, max_ack_pending=50, ack_wait=77))

    drifts = await check(client, wanted)
    (change,) = await ensure(client, wanted)

    assert drifts[0].sentence.startswith(
        "Consumer shop-bakery differs in ack_wait, max_ack_pending: "
    )
    assert change.how == "repaired: ack_wait, max_ack_pending"
    assert (await jetstream.consumer_info("bakery", "shop-bakery")).ack_floor.stream_seq == 1
    assert await check(client, wanted) == []


async def test_a_consumer_that_acknowledges_by_itself_is_made_anew_where_it_was(client):
    wanted = services(shop_hearing())
    jetstream = client.jetstream()
    await jetstream.add_stream(topology.stream_config("bakery"))
    config = topology.consumer_config("shop", "bakery", [BreadBaked])
    await jetstream.add_consumer("bakery", replace(config, ack_policy=api.AckPolicy.ALL))

    changes = await ensure(client, wanted)

    assert "made anew, from event 1: ack_policy" in [change.how for change in changes]
    assert await check(client, wanted) == []


async def test_a_consumer_nobody_listens_with_any_more_is_removed(client):
    await ensure(client, services(shop_hearing()))
    deaf = {"bakery": Hearing(), "shop": Hearing()}

    drifts = await check(client, deaf)
    await ensure(client, deaf)

    assert [drift.what for drift in drifts] == ["consumer shop-bakery"]
    assert await check(client, deaf) == []


async def test_a_consumer_of_somebody_else_is_left_alone(client):
    jetstream = client.jetstream()
    await ensure(client, services(shop_hearing()))
    await jetstream.add_consumer("bakery", durable_name="backup")

    await ensure(client, services(shop_hearing()))

    assert {it.name for it in await jetstream.consumers_info("bakery")} == {
        "backup",
        "shop-bakery",
    }


async def test_a_stream_that_would_store_questions_is_told(client):
    await ensure(client, services(shop_hearing()))
    await client.jetstream().add_stream(name="greedy", subjects=["ask.>"])

    (drift,) = await check(client, services(shop_hearing()))

    assert drift.sentence.startswith("Stream greedy stores questions between services")


async def test_what_cannot_be_repaired_is_told_after_all_else_is_done(client):
    wanted = services(shop_hearing())
    config = topology.stream_config("bakery")
    await client.jetstream().add_stream(replace(config, storage=api.StorageType.MEMORY))

    with pytest.raises(CannotRepair, match="stream bakery cannot be made as the code says"):
        await ensure(client, wanted)

    assert [drift.what for drift in await check(client, wanted)] == ["stream bakery"]


def test_hearing_a_service_that_is_not_deployed_is_a_mistake():
    with pytest.raises(ValueError, match="shop hears bakery, which is not deployed"):
        list(topology.wanted.consumers({"shop": shop_hearing()}))


async def test_a_lost_consumer_is_made_again_from_the_first_event(client):
    wanted = services(shop_hearing())
    jetstream = client.jetstream()
    await ensure(client, wanted)
    for _ in range(3):
        await jetstream.publish(BreadBaked.subject, b"{}")
    reader = await jetstream.pull_subscribe_bind(stream="bakery", durable="shop-bakery")
    for _ in range(2):
        await (await reader.fetch(1))[0].ack_sync()
    await jetstream.delete_consumer("bakery", "shop-bakery")

    (change,) = await ensure(client, wanted)

    reader = await jetstream.pull_subscribe_bind(stream="bakery", durable="shop-bakery")
    (first,) = await reader.fetch(1)
    assert change.how == "made, from the first event"
    assert first.metadata.sequence.stream == 1


async def test_a_consumer_lost_while_it_catches_up_with_a_newly_heard_fact_skips_nothing(
    parley_broker, any_store, sqlite_store
):
    store = await any_store(SHOP)
    before, after = shop_hearing(), shop_hearing(on_cleaning=note_cleaning)
    broker = await parley_broker(services(before))
    async with a_house(broker) as house:
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))
        old_shop = await house.bus("shop", store, before)
        oven = OvenCleaned(oven_id=baked().batch_id, number=2)
        await tell(bakery, baked(1), oven, baked(3))
        await until_shelved(store, 2)
        await old_shop.stop()

        async with broker.connect() as client:
            await ensure(client, services(after))
            await client.jetstream().delete_consumer("bakery", "shop-bakery")
            await ensure(client, services(after))
        await house.bus("shop", store, after)

        assert await until_shelved(store, 3) == [1, 3, 2]


async def test_a_fact_newly_listened_to_is_heard_from_its_beginning_and_the_rest_only_once(
    parley_broker, any_store, sqlite_store
):
    store = await any_store(SHOP)
    before, after = shop_hearing(), shop_hearing(on_cleaning=note_cleaning)
    broker = await parley_broker(services(before))
    async with a_house(broker) as house:
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))
        old_shop = await house.bus("shop", store, before)
        oven = OvenCleaned(oven_id=baked().batch_id, number=2)
        await tell(bakery, baked(1), oven, baked(3))
        assert await until_shelved(store, 2) == [1, 3]
        await old_shop.stop()

        async with broker.connect() as client:
            changes = await ensure(client, services(after))
        await house.bus("shop", store, after)
        await tell(bakery, baked(4))

        assert [change.how for change in changes] == ["made anew, from event 2: filter_subjects"]
        assert await until_shelved(store, 4) == [1, 3, 2, 4]
        await asyncio.sleep(0.2)
        assert await shelf(store) == [1, 3, 2, 4]


async def test_the_keeper_goes_on_after_an_outage(parley_broker):
    broker = await parley_broker(services(shop_hearing()))
    keeper = asyncio.create_task(topology.keep(broker.url, broker.creds("deploy"), broker.services))
    try:
        await asyncio.sleep(0.3)
        await broker.kill()
        await asyncio.sleep(0.5)
        await broker.start_again()
        async with broker.connect() as client:
            await client.jetstream().delete_stream("bakery")

            async def healed() -> bool:
                return await check(client, broker.services) == []

            await until(healed)
    finally:
        keeper.cancel()
