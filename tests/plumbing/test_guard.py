"""What the guard is for: without it, the client does this."""

import asyncio
import sys
import time
from contextlib import asynccontextmanager

import pytest
from nats.js.errors import ServiceUnavailableError

from shared.plumbing import guard
from shared.plumbing.connection import connected


async def fetches_in(seconds: float, reader) -> int:
    """How often a loop like FastStream's comes round."""
    count = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        count += 1
        try:
            await reader.fetch(1, timeout=1)
        except Exception:
            continue
    return count


@asynccontextmanager
async def a_reader_of_nothing(url):
    async with connected("tests", url) as client:
        jetstream = client.jetstream()
        await jetstream.add_stream(name="lost", subjects=["lost.>"])
        reader = await jetstream.pull_subscribe("lost.>", durable="lost", stream="lost")
        await jetstream.delete_consumer("lost", "lost")
        yield reader


async def test_reading_from_a_deleted_consumer_is_slow(nats_server):
    async with a_reader_of_nothing(nats_server) as reader:
        guard.install()

        assert await fetches_in(2, reader) <= 4


async def test_without_the_guard_it_would_spin(nats_server):
    async with a_reader_of_nothing(nats_server) as reader:
        guard.remove()
        try:
            assert await fetches_in(1, reader) > 50
        finally:
            guard.install()


async def test_an_event_posing_as_the_server_is_handed_over(nats_server):
    async with connected("tests", nats_server) as client:
        jetstream = client.jetstream()
        await jetstream.add_stream(name="posing", subjects=["posing.>"])
        for number in (b"1", b"2"):
            await jetstream.publish("posing.a", number, headers={"Status": "503"})
        reader = await jetstream.pull_subscribe("posing.>", durable="one", stream="posing")

        (first,) = await reader.fetch(1, timeout=2)
        await first.ack_sync()
        (second,) = await reader.fetch(1, timeout=2)

        assert (first.data, second.data) == (b"1", b"2")


async def test_without_the_guard_it_would_be_taken_for_the_server(nats_server):
    async with connected("tests", nats_server) as client:
        guard.remove()
        try:
            jetstream = client.jetstream()
            await jetstream.add_stream(name="posing", subjects=["posing.>"])
            await jetstream.publish("posing.a", b"1", headers={"Status": "503"})
            reader = await jetstream.pull_subscribe("posing.>", durable="one", stream="posing")

            with pytest.raises(ServiceUnavailableError):
                await reader.fetch(1, timeout=2)
        finally:
            guard.install()


async def test_real_words_from_the_server_are_still_understood(nats_server):
    async with connected("tests", nats_server) as client:
        jetstream = client.jetstream()
        await jetstream.add_stream(name="empty", subjects=["empty.>"])
        reader = await jetstream.pull_subscribe("empty.>", durable="one", stream="empty")

        async with asyncio.timeout(3):
            with pytest.raises(TimeoutError):
                await reader.fetch(1, timeout=1)


async def stopped_as_its_answer_comes(client) -> bool:
    """Whether a task that asks, and is asked to stop in that very moment, does stop."""

    async def answer(message):
        await message.respond(b"here")

    await client.subscribe("door", cb=answer)
    asking = asyncio.create_task(client.request("door", timeout=5))
    await asyncio.sleep(0)  # it has asked by then
    (answered,) = client._resp_map.values()
    answered.add_done_callback(lambda _: asking.cancel())
    await asyncio.wait({asking})
    return asking.cancelled()


async def test_whoever_is_stopped_as_an_answer_comes_does_stop(nats_server):
    async with connected("tests", nats_server) as client:
        assert await stopped_as_its_answer_comes(client)


async def test_without_the_guard_it_would_go_on(nats_server):
    mended_in_python = sys.version_info >= (3, 12)
    async with connected("tests", nats_server) as client:
        guard.remove()
        try:
            assert await stopped_as_its_answer_comes(client) == mended_in_python
        finally:
            guard.install()
