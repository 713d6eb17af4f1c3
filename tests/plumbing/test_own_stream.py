"""Telling into one's own stream and reading it back: an acknowledgement is not always true."""

import pytest

from shared.plumbing.envelope import to_headers
from shared.plumbing.own_stream import NotStored, OwnStream
from tests.plumbing.house import BAKERY, BreadBaked, around, baked
from tests.plumbing.mischief import a_bakery


@pytest.fixture
async def bakery(nats_server, sqlite_store):
    async with a_bakery(nats_server, await sqlite_store(BAKERY)) as opened:
        yield opened


@pytest.fixture
def loaf():
    """One event: what it is told on, its body and its headers."""
    fact = baked(1)
    return BreadBaked.subject, fact.model_dump_json().encode(), to_headers(around(fact))


async def test_an_event_told_twice_is_there_once_and_has_one_place(bakery, loaf):
    places = [await bakery.stream.publish(*loaf) for _ in range(3)]

    assert places == [1, 1, 1]
    assert await bakery.held() == [1]


@pytest.mark.parametrize("lost_by", ["deletion", "purge", "purge of a subject"])
async def test_an_event_the_stream_has_lost_and_still_remembers_is_really_told_again(
    bakery, loaf, lost_by
):
    await bakery.stream.publish(*loaf)
    if lost_by == "deletion":
        await bakery.remove(1)
    else:
        subject = BreadBaked.subject if lost_by == "purge of a subject" else None
        await bakery.jetstream.purge_stream("bakery", subject=subject)
    acknowledged = await bakery.jetstream.publish(loaf[0], loaf[1], headers=dict(loaf[2]))
    assert acknowledged.duplicate, "this is what a server says of what it has lost"

    place = await bakery.stream.publish(*loaf)

    assert place == 2
    assert await bakery.held() == [1]


async def test_told_again_after_a_crash_it_still_makes_no_second(bakery, loaf):
    await bakery.stream.publish(*loaf)
    await bakery.remove(1)

    places = [await bakery.stream.publish(*loaf) for _ in range(3)]

    assert places == [2, 2, 2]
    assert await bakery.held() == [1]


async def test_an_event_that_is_lost_again_and_again_is_told_again_and_again(bakery, loaf):
    for expected in (1, 2, 3):
        assert await bakery.stream.publish(*loaf) == expected
        await bakery.remove(expected)

    assert await bakery.stream.publish(*loaf) == 4


async def test_its_own_headers_reach_the_readers_unchanged(bakery, loaf):
    await bakery.stream.publish(*loaf)
    await bakery.remove(1)
    await bakery.stream.publish(*loaf)

    (stored,) = await bakery.messages()

    assert stored.headers.items() >= {**loaf[2], "Nats-Msg-Id": f"{loaf[2]['ce-id']}.1"}.items()
    assert (stored.subject, stored.body) == loaf[:2]


async def test_a_gap_is_no_message_and_a_stream_that_is_gone_is_an_error(bakery, loaf):
    await bakery.stream.publish(*loaf)
    await bakery.remove(1)

    assert await bakery.stream.get(1) is None
    assert await bakery.stream.get(7) is None
    assert await bakery.messages() == []
    await bakery.jetstream.delete_stream("bakery")
    with pytest.raises(Exception, match="10059"):
        await bakery.stream.get(1)


async def test_what_others_wrote_is_read_as_it_is(bakery):
    client = bakery.stream.client
    await bakery.jetstream.publish("bakery.odd.v1", b"")
    odd = {"ce-id": "not one", "ce-time": "yesterdayZ", "ce-subject": "a: b"}
    await bakery.jetstream.publish("bakery.odd.v1", b"\xff", headers=odd)
    await client.flush()

    bare, named = await bakery.messages()

    assert (bare.headers, bare.body, bare.event_id) == ({}, b"", None)
    assert (named.body, named.event_id, named.headers["ce-subject"]) == (b"\xff", None, "a: b")
    assert bare.day == bare.stored_at.date()
    assert named.day == named.stored_at.date()


async def test_without_a_connection_nothing_is_told_counted_or_read(loaf):
    alone = OwnStream("bakery")

    for work in (alone.publish(*loaf), alone.last_seq(), alone.get(1)):
        with pytest.raises(NotStored):
            await work
