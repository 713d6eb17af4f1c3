"""Outbox and stream compared while everything runs: by whoever leads, and by others beside it."""

import asyncio
from datetime import timedelta

import pytest

from shared.plumbing.loops import FAILS_TOO_LONG, Loops
from shared.plumbing.outbox import Reconciler, Relay, reconcile
from tests.plumbing.house import BAKERY, until
from tests.plumbing.mischief import SHORT, a_bakery
from tests.plumbing.stream import running


async def test_two_may_reconcile_at_once(nats_server, any_store):
    store = await any_store(BAKERY)
    async with a_bakery(nats_server, store, SHORT) as bakery, running(Relay(store, bakery.stream)):
        await bakery.record(*range(40))

        async def whole() -> bool:
            return sorted(await bakery.held()) == [*range(40)]

        await until(whole)
        await bakery.remove(*range(5, 25))

        for _ in range(5):
            await asyncio.gather(*(Reconciler(store, bakery.stream).reconcile() for _ in range(3)))

        await until(whole)
        assert (await bakery.reconciler.reconcile()).is_equal


async def test_a_leading_relay_mends_a_gap_in_the_middle_by_itself(
    nats_server, any_store, monkeypatch
):
    monkeypatch.setattr(reconcile, "EVERY", timedelta(milliseconds=50))
    monkeypatch.setattr(reconcile, "REST", 0)
    store = await any_store(BAKERY)
    async with a_bakery(nats_server, store) as bakery, running(Relay(store, bakery.stream)):
        await bakery.record(1, 2, 3, 4, 5)

        async def whole() -> bool:
            return sorted(await bakery.held()) == [1, 2, 3, 4, 5]

        await until(whole)
        await bakery.remove(2, 3)

        await until(whole)
        assert await bakery.held() == [1, 4, 5, 2, 3]


async def test_a_relay_that_begins_to_lead_looks_at_once(nats_server, any_store):
    store = await any_store(BAKERY)
    async with a_bakery(nats_server, store) as bakery:
        await bakery.tell(1, 2, 3)
        await bakery.remove(2)

        async with running(Relay(store, bakery.stream)):

            async def whole() -> bool:
                return await bakery.held() == [1, 3, 2]

            await until(whole)


async def test_a_relay_that_is_stopped_compares_no_more(nats_server, any_store):
    store = await any_store(BAKERY)
    async with a_bakery(nats_server, store) as bakery:
        await bakery.tell(*range(50))
        before = asyncio.all_tasks()

        for seconds in (0, 0.01, 0.03, 0.3):  # before, while and after it compares
            async with running(Relay(store, bakery.stream)):
                await asyncio.sleep(seconds)

        left = {task for task in asyncio.all_tasks() - before if "Reconciler" in repr(task)}
        assert left == set()


async def test_a_stream_that_cannot_be_read_changes_nothing_and_is_tried_again(
    nats_server, any_store, monkeypatch
):
    monkeypatch.setattr(reconcile, "AFTER_TROUBLE", timedelta(milliseconds=50))
    store = await any_store(BAKERY)
    async with a_bakery(nats_server, store) as bakery:
        await bakery.tell(1, 2, 3)
        client, bakery.stream.client = bakery.stream.client, None
        run = asyncio.create_task(bakery.reconciler.run())
        await asyncio.sleep(0.2)
        nothing = await bakery.unsent()
        bakery.stream.client = client
        await bakery.remove(2)

        async def waits() -> bool:
            return len(await bakery.unsent()) == 1

        await until(waits)
        run.cancel()
        assert nothing == []


@pytest.fixture
async def failing_reconciler(nats_server, sqlite_store, monkeypatch):
    """One whose store has no tables, after it has failed for too long: its run and its loops."""
    monkeypatch.setattr(reconcile, "AFTER_TROUBLE", timedelta(milliseconds=20))
    store, clock = await sqlite_store(BAKERY, empty=True), 0.0
    loops = Loops(lambda: clock)
    async with a_bakery(nats_server, store) as bakery:
        run = asyncio.create_task(Reconciler(store, bakery.stream, loops).run())
        await asyncio.sleep(0.2)
        clock = FAILS_TOO_LONG.total_seconds() + 1

        async def failing() -> bool:
            return loops.failing() == ["reconcile"]

        await until(failing)  # which health tells
        yield bakery, run, loops
        run.cancel()


async def test_a_comparison_that_only_fails_is_no_ailment_of_its_own_when_the_server_is_away(
    failing_reconciler,
):
    bakery, _, loops = failing_reconciler
    bakery.stream.client = None

    async def the_servers_trouble() -> bool:
        return loops.failing() == []

    await until(the_servers_trouble)


async def test_whoever_leads_no_more_says_nothing_of_comparing(failing_reconciler):
    _, run, loops = failing_reconciler

    run.cancel()
    await asyncio.wait({run})

    assert loops.failing() == []
