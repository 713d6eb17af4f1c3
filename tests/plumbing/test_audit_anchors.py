"""Heads outside the store, in a stream of a real server from which nothing can be taken."""

import asyncio

import pytest
from nats.errors import TimeoutError as NatsTimeout
from nats.js.errors import APIError, NoStreamResponseError

from shared.plumbing.audit import anchors
from shared.plumbing.audit.report import Fault
from shared.plumbing.audit.stream import STREAM, subject_of
from shared.plumbing.audit.verifying import verify
from shared.plumbing.connection import connected
from tests.plumbing.audited import PUBLICS, keep, kept, rewrite, write
from tests.plumbing.house import SHOP, almighty, services, shop_hearing


@pytest.fixture
async def broker(parley_broker):
    return await parley_broker(services(shop_hearing()))


async def held(broker, service="shop"):
    async with broker.connect() as client:
        return [anchor async for anchor in anchors.read(client, service)]


async def test_each_head_is_told_once_and_found_again(broker, any_shop):
    heads = await kept(any_shop)
    async with broker.connect("shop") as client:
        first = await anchors.tell_heads(any_shop, client)
        again = await anchors.tell_heads(any_shop, client)

    assert (first, again) == (3, 0)
    assert [anchor.head for anchor in await held(broker)] == heads
    async with broker.connect() as client:
        report = await verify(any_shop, PUBLICS, anchors.read(client, "shop"))
    assert (report.anchors, report.findings) == (3, [])


async def test_a15_what_is_written_anew_in_the_store_is_found_by_the_stream(broker, any_shop):
    await kept(any_shop)
    async with broker.connect("shop") as client:
        await anchors.tell_heads(any_shop, client)
    await rewrite(any_shop, None)

    async with broker.connect() as client:
        report = await verify(any_shop, PUBLICS, anchors.read(client, "shop"))

    assert report.faults[Fault.REWRITTEN] == 3


async def test_heads_that_waited_for_the_server_are_told_later(broker, sqlite_store):
    store = await sqlite_store(SHOP)
    await kept(store)
    await broker.kill()
    await write(store)
    await keep(store)
    await broker.start_again()
    await broker.ensure()

    async with broker.connect("shop") as client:
        assert await anchors.tell_heads(store, client) == 4


async def test_a15_a_service_can_neither_tell_heads_of_another_nor_take_any_back(
    broker, sqlite_store
):
    store = await sqlite_store(SHOP)
    await kept(store)
    async with broker.connect("shop") as client:
        await anchors.tell_heads(store, client)
        jetstream = client.jetstream(timeout=1)
        for attempt in (
            jetstream.publish(subject_of("bakery"), b"{}", stream=STREAM),
            jetstream.delete_msg(STREAM, 1),
            jetstream.purge_stream(STREAM),
            jetstream.delete_stream(STREAM),
            jetstream.get_msg(STREAM, seq=1),
            jetstream.stream_info(STREAM),
        ):
            with pytest.raises((NatsTimeout, asyncio.TimeoutError, NoStreamResponseError)):
                await attempt

    assert len(await held(broker)) == 3
    assert await held(broker, "bakery") == []


@pytest.mark.parametrize("who", ["deploy", "anybody"])
async def test_a15_nobody_takes_one_anchor_back_whatever_they_may_do(broker, sqlite_store, who):
    """`deploy` lacks the right; whoever has every right is refused by the stream itself."""
    store = await sqlite_store(SHOP)
    await kept(store)
    async with broker.connect("shop") as client:
        await anchors.tell_heads(store, client)
    creds = broker.creds("deploy") if who == "deploy" else almighty(broker)
    async with connected(who, broker.url, creds) as client:
        jetstream = client.jetstream(timeout=1)
        for attempt in (jetstream.delete_msg(STREAM, 1), jetstream.purge_stream(STREAM)):
            with pytest.raises((NatsTimeout, asyncio.TimeoutError, APIError)):
                await attempt

    assert len(await held(broker)) == 3


async def test_what_is_no_head_is_told_as_forged(broker, sqlite_store):
    store = await sqlite_store(SHOP)
    await kept(store, rounds=1)
    async with broker.connect("shop") as client:
        await client.jetstream().publish(subject_of("shop"), b"[]", stream=STREAM)
    async with broker.connect() as client:
        report = await verify(store, PUBLICS, anchors.read(client, "shop"))

    assert [one.sentence for one in report.findings] == ["The anchor in place 1 cannot be read."]
