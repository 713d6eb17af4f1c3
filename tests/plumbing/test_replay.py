"""Reading streams from the beginning, on a real server."""

import asyncio

import pytest

from shared.plumbing import topology
from shared.plumbing.connection import connected
from shared.plumbing.envelope import to_headers
from shared.plumbing.replay import extent, replay
from tests.plumbing.house import (
    BreadBaked,
    OvenCleaned,
    ShelfFilled,
    around,
    baked,
    services,
    shop_hearing,
)


async def tell(jetstream, *facts):
    for fact in facts:
        body = fact.model_dump_json().encode()
        await jetstream.publish(fact.subject, body, headers=to_headers(around(fact)))


@pytest.fixture
async def jetstream(nats_server):
    async with connected("deploy", nats_server) as client:
        await topology.ensure(client, services(shop_hearing()))
        yield client.jetstream()


async def test_everything_told_is_read_in_order_stream_after_stream(jetstream):
    loaves = [baked(number) for number in range(300)]
    shelves = [ShelfFilled(shelf_id=loaf.batch_id) for loaf in loaves[:5]]
    await tell(jetstream, *loaves[:150], *shelves, *loaves[150:])
    facts = (BreadBaked, OvenCleaned, ShelfFilled)

    read = [fact async for _, fact in replay(jetstream, ["bakery", "shop"], facts)]

    assert read == [*loaves, *shelves]
    assert await extent(jetstream, ["bakery", "shop"], facts) == 305


async def test_the_envelope_comes_with_the_fact(jetstream):
    loaf = baked()
    await tell(jetstream, loaf)

    ((envelope, fact),) = [it async for it in replay(jetstream, ["bakery"], [BreadBaked])]

    assert (envelope.subject, envelope.type, fact) == (loaf.batch_id, loaf.subject, loaf)


@pytest.mark.parametrize("facts", [(BreadBaked,), (OvenCleaned,), ()])
async def test_with_nothing_to_read_it_ends_at_once(jetstream, facts):
    if facts == (OvenCleaned,):
        await tell(jetstream, baked(1))

    async with asyncio.timeout(2):
        assert [it async for it in replay(jetstream, ["bakery"], facts)] == []
        assert await extent(jetstream, ["bakery"], facts) == 0


async def test_kinds_nobody_asked_for_are_left_out_even_at_the_end(jetstream):
    oven = OvenCleaned(oven_id=baked().batch_id, number=1)
    loaf = baked(1)
    await tell(jetstream, oven, loaf, oven.model_copy(update={"number": 2}))

    async with asyncio.timeout(2):
        assert [fact async for _, fact in replay(jetstream, ["bakery"], [BreadBaked])] == [loaf]


async def test_what_is_told_meanwhile_is_not_part_of_it(jetstream):
    await tell(jetstream, baked(1), baked(2))
    read = []

    async with asyncio.timeout(5):
        async for _, fact in replay(jetstream, ["bakery"], [BreadBaked]):
            read.append(fact.number)
            await tell(jetstream, baked(99))

    assert read == [1, 2]


async def test_what_cannot_be_understood_is_left_out(jetstream):
    await tell(jetstream, baked(1))
    await jetstream.publish(BreadBaked.subject, b"nonsense")
    await tell(jetstream, baked(3))
    await jetstream.publish(BreadBaked.subject, b"nonsense", headers={"Status": "503"})

    async with asyncio.timeout(5):
        events = [it async for it in replay(jetstream, ["bakery"], [BreadBaked])]

    assert [fact.number for _, fact in events] == [1, 3]


async def test_a_reader_who_stops_early_leaves_no_consumer_behind(jetstream):
    await tell(jetstream, *[baked(number) for number in range(10)])

    reading = replay(jetstream, ["bakery"], [BreadBaked])
    async for _ in reading:
        break
    await reading.aclose()

    async with asyncio.timeout(10):
        while len(await jetstream.consumers_info("bakery")) > 1:  # noqa: ASYNC110 - the server's time
            await asyncio.sleep(0.1)
