"""Events nobody could act on, kept until somebody has dealt with them, on both databases."""

from datetime import timedelta
from uuid import uuid4

import pytest

from shared.plumbing import attempts, parked
from shared.plumbing.parked import NotParked, State
from tests.fixtures.clock import NOW
from tests.plumbing.ledger import SCHEMA

CONSUMER = "ledger-library"
EVENT = "019cadc6-9a80-7000-a46d-d6122265b1f5"
HEADERS = {"ce-id": EVENT, "ce-type": "library.book_bought.v1"}


async def park(database, headers=HEADERS, body=b"{]", stream_seq=12):
    async with database.transaction() as session:
        return await parked.park(
            session, CONSUMER, headers, body, "library.book_bought.v1", stream_seq, "BodyNotJson"
        )


async def seen(database, parked_id):
    async with database.reading() as session:
        return await parked.find(session, parked_id)


async def test_a_parked_event_is_kept_as_it_came(any_store, world):
    database = await any_store(SCHEMA, world=world)

    parked_id = await park(database, body=b"\x00\xff{]")

    event = await seen(database, parked_id)
    assert (event.consumer, event.stream_seq, event.event_key) == (CONSUMER, 12, EVENT)
    assert (event.headers, event.body) == (HEADERS, b"\x00\xff{]")
    assert (event.error_code, event.state) == ("BodyNotJson", State.PARKED)
    assert (event.parked_at, event.reason) == (NOW, None)


async def test_the_strangest_headers_and_subjects_can_be_parked(any_store):
    database = await any_store(SCHEMA)
    strange = {"x": "\x00 \ud800 \u202e" + "y" * 5000, "ce-id": "'; DROP TABLE outbox"}

    async with database.transaction() as session:
        parked_id = await parked.park(
            session, CONSUMER, strange, b"", "library." + "x" * 3000, 2**40, "HeaderInvalid:/ce-id"
        )

    assert (await seen(database, parked_id)).headers == strange


async def test_parking_an_event_again_changes_nothing(any_store):
    database = await any_store(SCHEMA)
    first = await park(database)
    async with database.transaction() as session:
        await parked.ask_discard(session, first, "A test of the sender.")

    again = await park(database)

    assert again == first
    assert (await seen(database, first)).state is State.DISCARDED


async def test_events_without_an_id_are_told_apart_by_place_and_content(any_store):
    database = await any_store(SCHEMA)

    ids = {
        await park(database, headers={}, body=b"a", stream_seq=1),
        await park(database, headers={}, body=b"a", stream_seq=2),
        await park(database, headers={"ce-id": "not an id"}, body=b"b", stream_seq=2),
        await park(database, headers={}, body=b"a", stream_seq=1),
    }

    assert len(ids) == 3


async def test_an_event_with_one_id_written_in_two_ways_is_one_event():
    written = [EVENT, EVENT.upper(), f"{{{EVENT}}}"]

    assert {parked.event_key({"ce-id": each}, b"", 1) for each in written} == {EVENT}


async def test_what_nobody_has_dealt_with_is_listed_oldest_first_and_counted(any_store, world):
    database = await any_store(SCHEMA, world=world)
    ids = []
    for stream_seq in range(4):
        ids.append(await park(database, headers={}, stream_seq=stream_seq))
        world.advance(timedelta(minutes=1))
    async with database.transaction() as session:
        await parked.ask_retry(session, ids[1])
        await parked.ask_discard(session, ids[2], "Sent twice by hand.")

    async with database.reading() as session:
        assert [event.id for event in await parked.waiting(session)] == [ids[0], ids[1], ids[3]]
        assert [event.id for event in await parked.waiting(session, limit=1)] == ids[:1]
        assert [event.id for event in await parked.asked(session)] == [ids[1]]
        assert await parked.count(session) == 3


async def test_a_retry_that_succeeds_resolves_the_event(any_store):
    database = await any_store(SCHEMA)
    parked_id = await park(database)

    async with database.transaction() as session:
        await parked.ask_retry(session, parked_id)
    async with database.transaction() as session:
        await parked.resolve(session, parked_id)

    assert (await seen(database, parked_id)).state is State.RESOLVED
    async with database.reading() as session:
        assert await parked.count(session) == 0


async def test_a_retry_that_fails_parks_the_event_again_and_says_why(any_store):
    database = await any_store(SCHEMA)
    parked_id = await park(database)

    async with database.transaction() as session:
        await parked.ask_retry(session, parked_id)
        await parked.park_again(session, parked_id, "KeyError")

    event = await seen(database, parked_id)
    assert (event.state, event.error_code) == (State.PARKED, "KeyError")


async def test_a_discarded_event_keeps_the_reason_given_for_it(any_store):
    database = await any_store(SCHEMA)
    parked_id = await park(database)

    async with database.transaction() as session:
        await parked.ask_discard(session, parked_id, "A test of the sender.")

    assert (await seen(database, parked_id)).reason == "A test of the sender."


@pytest.mark.parametrize("then", ["ask_retry", "resolve", "park_again", "ask_discard"])
async def test_an_event_that_has_been_dealt_with_stays_so(any_store, then):
    database = await any_store(SCHEMA)
    parked_id = await park(database)
    act = {
        "ask_retry": lambda session: parked.ask_retry(session, parked_id),
        "resolve": lambda session: parked.resolve(session, parked_id),
        "park_again": lambda session: parked.park_again(session, parked_id, "KeyError"),
        "ask_discard": lambda session: parked.ask_discard(session, parked_id, "Again."),
    }[then]
    async with database.transaction() as session:
        await parked.ask_discard(session, parked_id, "A test of the sender.")

    async with database.transaction() as session:
        with pytest.raises(NotParked, match="not parked any more"):
            await act(session)


async def test_an_event_nobody_parked_cannot_be_retried(any_store):
    database = await any_store(SCHEMA)

    async with database.transaction() as session:
        with pytest.raises(NotParked):
            await parked.ask_retry(session, uuid4())
    assert await seen(database, uuid4()) is None


async def test_failures_in_a_row_are_counted_for_each_event_and_forgotten_after_success(any_store):
    database = await any_store(SCHEMA)

    async def fail(key) -> int:
        async with database.transaction() as session:
            return await attempts.count_failure(session, CONSUMER, key)

    assert [await fail("a"), await fail("a"), await fail("b"), await fail("a")] == [1, 2, 1, 3]
    async with database.transaction() as session:
        await attempts.clear(session, CONSUMER, "a")
    assert [await fail("a"), await fail("b")] == [1, 2]


async def test_an_event_that_is_parked_starts_counting_anew(any_store):
    database = await any_store(SCHEMA)
    async with database.transaction() as session:
        await attempts.count_failure(session, CONSUMER, EVENT)

    await park(database)

    async with database.transaction() as session:
        assert await attempts.count_failure(session, CONSUMER, EVENT) == 1
