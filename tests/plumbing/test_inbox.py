"""Remembering what has been acted on, on both databases."""

import asyncio
from uuid import UUID, uuid4

import pytest

from shared.contracts.fact import Envelope
from shared.plumbing import inbox
from tests.fixtures.clock import NOW
from tests.plumbing.ledger import SCHEMA


def an_envelope(event_id: UUID | None = None) -> Envelope:
    return Envelope(
        id=event_id or uuid4(),
        source="library",
        type="library.book_bought.v1",
        subject=uuid4(),
        sequence=1,
        time=NOW,
        correlation=uuid4(),
    )


async def hear(database, envelope, consumer="ledger-library", stream_seq=None) -> bool:
    async with database.transaction() as session:
        return await inbox.is_new(session, envelope, consumer, stream_seq)


async def test_an_event_is_new_the_first_time_only(any_store):
    database, event = await any_store(SCHEMA), an_envelope()

    assert await hear(database, event)
    assert not await hear(database, event)
    assert await hear(database, an_envelope())


async def test_each_consumer_hears_an_event_for_itself(any_store):
    database, event = await any_store(SCHEMA), an_envelope()

    assert await hear(database, event, "ledger-library")
    assert await hear(database, event, "ledger-archive")


async def test_an_event_at_a_new_place_in_the_stream_is_still_the_same_event(any_store):
    database, event = await any_store(SCHEMA), an_envelope()

    assert await hear(database, event, stream_seq=7)
    assert not await hear(database, event, stream_seq=1)


async def test_an_event_whose_effects_are_rolled_back_is_new_again(any_store):
    database, event = await any_store(SCHEMA), an_envelope()

    async def fail() -> None:
        async with database.transaction() as session:
            await inbox.is_new(session, event, "ledger-library")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()

    assert await hear(database, event)


async def test_when_two_act_on_one_event_in_the_same_moment_only_one_finds_it_new(any_store):
    database, event = await any_store(SCHEMA), an_envelope()

    found = await asyncio.gather(*(hear(database, event) for _ in range(5)))

    assert sorted(found) == [False, False, False, False, True]


async def test_a_rebuild_reads_and_remembers_all_events_at_once(any_store, monkeypatch):
    monkeypatch.setattr(inbox, "IN_ONE_INSERT", 3)
    database, known = await any_store(SCHEMA), an_envelope()
    await hear(database, known, "ledger-library")
    ids = {known.id, *(uuid4() for _ in range(7))}

    async with database.transaction() as session:
        await inbox.remember(session, "ledger-library", ids)

    async with database.reading() as session:
        assert await inbox.remembered(session) == {"ledger-library": ids}
