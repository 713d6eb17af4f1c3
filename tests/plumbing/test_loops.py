"""Work in the background that keeps failing is not hidden by being tried again."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.plumbing import lifespan, loops
from shared.plumbing.loops import FAILS_TOO_LONG, STEADY, Loops
from tests.fixtures.web import running, visitor
from tests.plumbing import diary
from tests.plumbing.house import until
from tests.plumbing.test_health import Clock

LONG = FAILS_TOO_LONG.total_seconds()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watched(clock):
    return Loops(clock)


def test_a_loop_that_has_failed_for_more_than_half_a_minute_is_named(watched, clock):
    for _ in range(4):
        watched.failed("sender")
        watched.runs_again("sender")
        clock.time += LONG / 4
    assert watched.failing() == []

    clock.time += 1

    assert watched.failing() == ["sender"]


def test_a_loop_that_has_done_a_round_of_its_work_is_well(watched, clock):
    watched.failed("relay")
    clock.time += 2 * LONG
    watched.well("relay")

    watched.failed("relay")
    clock.time += LONG

    assert watched.failing() == []


def test_a_loop_that_was_started_again_and_goes_on_is_well_after_a_while(watched, clock):
    watched.failed("sender")
    clock.time += LONG + 1
    watched.runs_again("sender")
    clock.time += STEADY.total_seconds() - 1
    assert watched.failing() == ["sender"]

    clock.time += 1
    assert watched.failing() == []

    watched.failed("sender")  # long after: the first of new failures
    assert watched.failing() == []


async def test_ready_is_red_while_a_loop_of_the_service_only_fails(sqlite_store, monkeypatch):
    monkeypatch.setattr(lifespan, "RESTART_DELAYS", (0.01,))
    monkeypatch.setattr(loops, "FAILS_TOO_LONG", timedelta(seconds=0.2))

    async def stumble(service):
        raise ValueError(diary.CANARY)

    store = await sqlite_store(diary.SCHEMA)
    blueprint = replace(diary.BLUEPRINT, loops=(stumble,))
    async with running(diary.create(store.url, blueprint)) as app, visitor(app) as browser:
        assert await ailing_loops(app, browser) == []
        await asyncio.sleep(0.4)
        assert await ailing_loops(app, browser) == ["test_loops.stumble"]


@pytest.mark.parametrize("loop", ["relay", "second_chance"])
async def test_ready_is_red_while_plumbings_own_work_only_fails(
    parley_broker, any_store, monkeypatch, loop
):
    """The tables it needs are gone: everything else about the store is well."""
    monkeypatch.setattr(loops, "FAILS_TOO_LONG", timedelta(seconds=0.5))
    monkeypatch.setattr("shared.plumbing.second_chance.AFTER_TROUBLE", timedelta(seconds=0.1))
    monkeypatch.setattr("shared.plumbing.second_chance.LOOK_EVERY", timedelta(seconds=0.1))
    monkeypatch.setattr("shared.plumbing.outbox.relay.SAFETY_POLL", timedelta(seconds=0.1))
    store = await any_store(diary.SCHEMA)
    broker = await parley_broker({"diary": diary.hearing()})
    async with running(diary.on(broker, store)) as app, visitor(app) as browser:
        await asyncio.wait_for(app.state.service.bus.listening(), 10)
        assert await ailing_loops(app, browser) == []
        table = {"relay": "outbox", "second_chance": "parked_event"}[loop]
        async with store.transaction() as session:
            connection = await session.connection()
            await connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO away")

        async def told() -> bool:
            return loop in await ailing_loops(app, browser)  # comparing needs the outbox too

        await until(told, patience=60)

        async with store.transaction() as session:
            connection = await session.connection()
            await connection.exec_driver_sql(f"ALTER TABLE away RENAME TO {table}")

        async def well() -> bool:
            return loop not in await ailing_loops(app, browser)

        await until(well, patience=60)


async def ailing_loops(app, browser):
    app.state.service.health.forget()
    ready = (await browser.get("/health/ready")).json()
    return [one["about"] for one in ready["ailments"] if one["code"] == "loop_failing"]
