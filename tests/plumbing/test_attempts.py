"""An event that takes the process with it is counted too, and given up in the end."""

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from shared.contracts.fact import Envelope
from shared.plumbing import attempts, connection, parked, topology
from shared.plumbing.attempts import Attempts
from shared.plumbing.crash import EXIT_STATUS
from shared.plumbing.database import Database, Session
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    BreadBaked,
    a_house,
    baked,
    parked_events,
    rows_of,
    services,
    shelf,
    shelve,
    shop_hearing,
    tell,
    until,
    until_parked,
    until_shelved,
)

CONSUMER = "shop-bakery"
KEY = "019cadc6-9a80-7000-a46d-d6122265b1f5"


@pytest.fixture
def soon_again(monkeypatch):
    """The server takes a process that says nothing for dead after a second."""
    monkeypatch.setattr(topology.wanted, "ACK_WAIT", timedelta(seconds=1))


async def dies(broker, store: Database, place: str) -> None:
    """A shop that dies as soon as it gets to this place."""
    shop = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.plumbing.shop_process",
        store.url.render_as_string(hide_password=False),
        broker.url,
        str(broker.creds("shop")),
        env=os.environ | {"PARLEY_CRASH_AT": place},
    )
    async with asyncio.timeout(30):
        assert await shop.wait() == EXIT_STATUS


async def noted(database: Database) -> list[tuple[int, bool]]:
    """How often each failing event has been tried in vain, and whether it is being tried."""
    table = database.schema.tables.failing_event
    async with database.reading() as session:
        rows = await session.execute(select(table.c.attempts, table.c.begun_at))
        return [(row.attempts, row.begun_at is not None) for row in rows]


async def test_an_event_that_ends_the_process_five_times_is_parked_and_the_next_is_acted_on(
    parley_broker, any_store, sqlite_store, soon_again
):
    hearing = shop_hearing()
    store = await any_store(SHOP)
    broker = await parley_broker(services(hearing))
    async with a_house(broker) as house:
        await tell(await house.bus("bakery", await sqlite_store(BAKERY)), baked(1), baked(2))
        for _ in range(5):
            assert await parked_events(store) == []
            await dies(broker, store, "handler.before_commit")

        await house.bus("shop", store, hearing)

        assert await until_shelved(store, 1) == [2]
        (event,) = await until_parked(store)
        assert (event.error_code, event.stream_seq) == ("ProcessEnded", 1)
        assert await rows_of(store, "failing_event") == 0


async def test_an_event_that_ended_the_process_four_times_still_has_its_fifth_attempt(
    parley_broker, sqlite_store, soon_again
):
    hearing = shop_hearing()
    store = await sqlite_store(SHOP)
    broker = await parley_broker(services(hearing))
    async with a_house(broker) as house:
        await tell(await house.bus("bakery", await sqlite_store(BAKERY)), baked(1))
        for _ in range(4):
            await dies(broker, store, "handler.before_commit")

        await house.bus("shop", store, hearing)

        assert await until_shelved(store, 1) == [1]
        assert await parked_events(store) == []
        assert await rows_of(store, "failing_event") == 0


async def test_a_retry_that_ends_the_process_is_not_tried_again_until_somebody_asks(
    parley_broker, any_store, sqlite_store, quick_retries
):
    async def fails(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        raise RuntimeError

    store = await any_store(SHOP)
    broker = await parley_broker(services(shop_hearing()))
    async with a_house(broker) as house:
        failing = await house.bus("shop", store, shop_hearing(fails))
        await tell(await house.bus("bakery", await sqlite_store(BAKERY)), baked(1))
        (event,) = await until_parked(store)
        await failing.stop()
        async with store.transaction() as session:
            await parked.ask_retry(session, event.id)
        await dies(broker, store, "second_chance.before_commit")

        await house.bus("shop", store, shop_hearing())

        async def parked_again() -> bool:
            return [it.state for it in await parked_events(store)] == [parked.State.PARKED]

        await until(parked_again)
        assert [it.error_code for it in await parked_events(store)] == ["ProcessEnded"]
        assert await shelf(store) == []

        async with store.transaction() as session:
            await parked.ask_retry(session, event.id)
        assert await until_shelved(store, 1) == [1]
        assert await rows_of(store, "failing_event") == 0


async def test_a_stop_in_the_middle_of_a_later_attempt_does_not_count(
    parley_broker, any_store, sqlite_store, quick_retries, monkeypatch
):
    monkeypatch.setattr(connection, "STOP_PATIENCE_SECONDS", 0.3)
    begun = asyncio.Event()
    failures = iter([RuntimeError()])

    async def fails_then_hangs(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        for failure in failures:
            raise failure
        begun.set()
        await asyncio.Event().wait()

    store = await any_store(SHOP)
    broker = await parley_broker(services(shop_hearing()))
    async with a_house(broker) as house:
        await tell(await house.bus("bakery", await sqlite_store(BAKERY)), baked(1))
        for _ in range(6):
            begun.clear()
            bus = await house.bus("shop", store, shop_hearing(fails_then_hangs))
            await asyncio.wait_for(begun.wait(), 20)
            assert await noted(store) == [(1, True)]
            await bus.stop()
            assert await noted(store) == [(1, False)]

        await house.bus("shop", store, shop_hearing(shelve))

        assert await until_shelved(store, 1) == [1]
        assert await rows_of(store, "failing_event") == 0


@asynccontextmanager
async def once_more(database: Database):
    """An attempt by a process that has just started."""
    async with Attempts(database).another(CONSUMER, KEY) as tried:
        yield tried


async def test_an_attempt_that_did_not_end_counts_and_the_first_one_with_it(any_store):
    store = await any_store(SHOP)

    tried = []
    for _ in range(5):
        async with once_more(store) as before:  # none of them says how it ended
            tried.append(before)

    assert tried == [0, 2, 3, 4, 5]


async def test_an_attempt_that_failed_is_counted_once(any_store):
    store = await any_store(SHOP)

    tried = []
    for _ in range(4):
        async with once_more(store) as before:
            tried.append(before)
        async with store.transaction() as session:
            await attempts.count_failure(session, CONSUMER, KEY)

    assert tried == [0, 1, 2, 3]


@pytest.mark.parametrize("why", [ConnectionResetError, asyncio.CancelledError])
async def test_an_attempt_that_ended_through_no_fault_of_the_event_does_not_count(any_store, why):
    store = await any_store(SHOP)
    tried = []

    async def is_cut_short(noting: Attempts) -> None:
        async with noting.another(CONSUMER, KEY) as before:
            tried.append(before)
            raise why

    for _ in range(6):
        noting = Attempts(store)
        with pytest.raises(why):
            await is_cut_short(noting)
        await noting.settled()

    assert tried == [0] * 6


async def test_an_excuse_that_the_store_cannot_take_now_is_remembered(any_store, monkeypatch):
    monkeypatch.setattr(attempts, "EXCUSE_PATIENCE_SECONDS", 0.1)
    store = await any_store(SHOP)
    held = Database(store.url, SHOP, keyring=store.keyring)
    noting = Attempts(store)

    tried = []

    async def is_cut_short(session: Session) -> None:
        async with noting.another(CONSUMER, KEY) as before:
            tried.append(before)
            await attempts.excuse(session, CONSUMER, KEY)  # has the row to itself
            raise ConnectionResetError

    for _ in range(2):
        async with held.transaction() as session:
            with pytest.raises(ConnectionResetError):
                await is_cut_short(session)
            await session.rollback()
        assert await noted(store) == [(0, True)]
    await held.close()

    async with noting.another(CONSUMER, KEY) as before:
        tried.append(before)
    assert tried == [0, 0, 0]
