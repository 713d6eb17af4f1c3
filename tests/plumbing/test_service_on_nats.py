"""A whole service with a real NATS server: what it tells, hears, and says of its health."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.plumbing import outbox, service, tracing
from shared.plumbing.hearing import Hearing
from tests.fixtures.web import running, visitor
from tests.plumbing import diary

API = "/diary/api/entries"


@pytest.fixture
async def broker(parley_broker):
    hearing = Hearing()
    diary.listen(hearing)
    return await parley_broker({"diary": hearing})


@pytest.fixture
async def store(sqlite_store):
    return await sqlite_store(diary.SCHEMA)


def a_diary(store, broker, **changes):
    blueprint = replace(diary.BLUEPRINT, listen=diary.listen, **changes)
    settings = diary.settings(store.url, nats_url=broker.url, nats_creds=broker.creds("diary"))
    return service.create(blueprint, settings)


async def until(holds, patience=10.0):
    """Wait until `await holds()` is true."""
    async with asyncio.timeout(patience):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.02)


async def codes(browser):
    ready = await browser.get("/health/ready")
    return [one["code"] for one in ready.json()["ailments"]]


def ready(browser):
    async def holds():
        return (await browser.get("/health/ready")).status_code == 200

    return holds


def heard(browser, times=1):
    async def holds():
        titles = (await browser.get("/diary/entries")).json()
        return sum(title.startswith("heard ") for title in titles) == times

    return holds


async def test_what_a_request_stored_is_told_and_heard_and_counted(store, broker):
    async with running(a_diary(store, broker)) as app, visitor(app) as browser:
        assert (await browser.post(API, json={"title": "Monday"})).status_code == 201
        await until(heard(browser))
        await until(ready(browser))
        counted = (await browser.get("/metrics")).text

    assert (
        'parley_events_heard_total{outcome="handled",type="diary.entry_written.v1"} 1.0' in counted
    )
    assert "parley_ready 1.0" in counted
    assert "parley_outbox_waiting 0.0" in counted


async def test_a_service_that_started_before_the_server_finds_it(store, broker):
    port = broker.server.port
    await broker.server.stop()

    async with running(a_diary(store, broker)) as app, visitor(app) as browser:
        assert (await browser.post(API, json={"title": "Monday"})).status_code == 201
        assert await codes(browser) == ["broker_gone"]

        await broker.start(port)
        await until(heard(browser), patience=20)
        await until(ready(browser))


async def test_ready_is_red_while_the_server_is_gone_and_green_when_it_is_back(store, broker):
    async with running(a_diary(store, broker)) as app, visitor(app) as browser:
        await until(ready(browser))

        await broker.kill()
        app.state.service.health.forget()
        assert await codes(browser) == ["broker_gone"]
        assert (await browser.post(API, json={"title": "Monday"})).status_code == 201

        await broker.start_again()
        await until(heard(browser), patience=30)
        await until(ready(browser))


async def test_ready_is_red_while_the_consumer_is_gone(store, broker):
    async with running(a_diary(store, broker)) as app, visitor(app) as browser:
        await until(ready(browser))

        async with broker.connect() as client:
            await client.jetstream().delete_consumer("diary", "diary-diary")
        app.state.service.health.forget()
        assert await codes(browser) == ["consumer_gone"]

        await broker.ensure()
        await until(ready(browser))


async def test_ready_is_red_while_the_stream_is_gone(store, broker):
    async with running(a_diary(store, broker)) as app, visitor(app) as browser:
        await until(ready(browser))

        async with broker.connect() as client:
            await client.jetstream().delete_stream("diary")
        app.state.service.health.forget()
        assert set(await codes(browser)) == {"stream_gone"}


async def test_one_trace_leads_from_the_request_through_the_outbox_into_the_handler(store, broker):
    exporter = InMemorySpanExporter()
    app = a_diary(store, broker)
    tracing.configure("diary", "", exporter)

    async with running(app), visitor(app) as browser:
        await browser.post(API, json={"title": "Monday"})
        await until(heard(browser))
        tracing.flush("diary")
        spans = {span.name: span for span in exporter.get_finished_spans()}

    request = spans[f"POST {API}"]
    handling = spans["hear diary.entry_written.v1"]
    assert handling.context.trace_id == request.context.trace_id
    assert handling.parent.span_id == request.context.span_id
    assert all("Monday" not in span.to_json() for span in spans.values())


async def test_a_stop_finishes_the_event_that_is_being_acted_on_and_tells_what_came_of_it(
    store, broker
):
    begun, finished = asyncio.Event(), asyncio.Event()

    async def slow(fact, envelope, session):
        begun.set()
        await asyncio.sleep(0.5)
        await diary.note(fact, envelope, session)
        finished.set()

    app = a_diary(store, broker)
    app.state.service.bus.facts[diary.EntryWritten] = slow
    async with running(app), visitor(app) as browser:
        await browser.post(API, json={"title": "Monday"})
        await asyncio.wait_for(begun.wait(), 10)

    assert finished.is_set()
    async with broker.connect() as client:
        consumer = await client.jetstream().consumer_info("diary", "diary-diary")
    assert consumer.num_ack_pending == 0
    assert consumer.ack_floor.stream_seq == 1


async def test_what_was_stored_just_before_a_stop_is_told_before_it_ends(store, broker):
    app = a_diary(store, broker)
    async with running(app), visitor(app) as browser:
        await until(ready(browser))
        async with app.state.service.database.transaction() as session:
            for _ in range(50):
                fact = diary.EntryWritten(entry_id=session.new_id())
                await outbox.record(session, fact, version=1)

    async with broker.connect() as client:
        stream = await client.jetstream().stream_info("diary")
    assert stream.state.messages == 50


async def test_a_stop_does_not_wait_for_a_server_that_is_gone(store, broker):
    app = a_diary(store, broker)
    async with running(app), visitor(app) as browser:
        await until(ready(browser))
        await broker.kill()
        await browser.post(API, json={"title": "Monday"})
        began = time.perf_counter()

    assert timedelta(seconds=time.perf_counter() - began) < timedelta(seconds=10)
