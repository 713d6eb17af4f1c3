"""The relay: in order, at least once, never lost. What it publishes to is a port, kept in memory
here; `test_bus.py` has the same relay on a real server."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.plumbing import metrics, outbox
from shared.plumbing.outbox import Relay, relay
from shared.plumbing.outbox.relay import PublishFailed
from tests.fixtures.clock import NOW
from tests.plumbing.ledger import SCHEMA, tell, tell_many, unsent
from tests.plumbing.stream import Stream


async def test_what_waits_is_published_in_order_and_once(any_store):
    database, stream = await any_store(SCHEMA), Stream()
    ids = await tell_many(database, 5)

    first = await Relay(database, stream).publish_waiting()
    second = await Relay(database, stream).publish_waiting()

    assert (first, second) == (5, 0)
    assert stream.ids == ids


async def test_each_event_is_acknowledged_before_the_next_is_published(any_store):
    database, stream = await any_store(SCHEMA), Stream()
    stream.takes = 0.002
    await tell_many(database, 10)

    await Relay(database, stream).publish_waiting()

    assert stream.most_at_once == 1


async def test_an_event_travels_as_a_cloud_event(any_store, world):
    database, stream = await any_store(SCHEMA, world=world), Stream()
    async with database.transaction() as session:
        event_id = await tell(session)

    await Relay(database, stream).publish_waiting()

    [headers] = stream.headers
    assert headers["Nats-Msg-Id"] == headers["ce-id"] == str(event_id)
    assert headers["ce-type"] == "ledger.page_turned.v1"
    assert headers["ce-sequence"] == "1"
    assert headers["ce-time"] == "2026-03-02T09:00:00Z"
    assert headers["content-type"] == "application/json"
    assert "ce-causationid" not in headers


async def test_a_published_event_is_marked_with_when_and_where(any_store, world):
    database, stream = await any_store(SCHEMA, world=world), Stream()
    await tell_many(database, 3)

    await Relay(database, stream).publish_waiting()

    table = SCHEMA.tables.outbox
    async with database.reading() as session:
        rows = (await session.execute(select(table).order_by(table.c.id))).all()
    assert [row.stream_seq for row in rows] == [1, 2, 3]
    assert {row.sent_at for row in rows} == {NOW}


async def test_more_than_one_run_of_events_is_published_whole(any_store, monkeypatch):
    monkeypatch.setattr(relay, "RUN_LENGTH", 4)
    database, stream = await any_store(SCHEMA), Stream()
    ids = await tell_many(database, 11)

    assert await Relay(database, stream).publish_waiting() == 11

    assert stream.ids == ids


async def test_an_event_with_a_lower_number_that_is_committed_later_is_published_too(
    postgres_store,
):
    database, stream = await postgres_store(SCHEMA), Stream()
    async with database.transaction() as slow:
        late = str(await tell(slow))
        [early] = await tell_many(database, 1)
        await Relay(database, stream).publish_waiting()
        assert stream.ids == [early]

    await Relay(database, stream).publish_waiting()

    assert stream.ids == [early, late]


async def test_a_refused_event_holds_back_those_behind_it_and_can_be_seen(any_store, world):
    database, stream = await any_store(SCHEMA, world=world), Stream()
    ids = await tell_many(database, 4)
    stream.refuses = {ids[1]}

    for _ in range(2):
        with pytest.raises(PublishFailed):
            await Relay(database, stream).publish_waiting()

    assert stream.ids == ids[:1]
    assert await unsent(database) == ids[1:]
    world.advance(timedelta(minutes=2))
    async with database.reading() as session:
        stuck = await outbox.stuck(session)
        age = await outbox.oldest_unsent_age(session, world.now())
    assert (str(stuck.event_id), stuck.attempts, stuck.behind) == (ids[1], 2, 2)
    assert stuck.last_error == "ValueError"
    assert age == timedelta(minutes=2)


async def test_what_was_stored_and_what_failed_is_counted(any_store):
    database, stream = await any_store(SCHEMA), Stream()
    counter = metrics.of("ledger").published
    counts = [counter.labels("ledger.page_turned.v1", outcome) for outcome in ("stored", "failed")]
    before = [count._value.get() for count in counts]
    ids = await tell_many(database, 3)
    stream.refuses = {ids[2]}

    with pytest.raises(PublishFailed):
        await Relay(database, stream).publish_waiting()

    assert [count._value.get() for count in counts] == [before[0] + 2, before[1] + 1]


async def test_the_log_names_a_refused_event_and_never_quotes_the_refusal(any_store, capfd):
    database, stream = await any_store(SCHEMA), Stream()
    [event_id] = await tell_many(database, 1)
    stream.refuses = {event_id}

    with pytest.raises(PublishFailed):
        await Relay(database, stream).publish_waiting()

    said = "".join(capfd.readouterr())
    assert event_id in said
    assert "Zebedee" not in said


@pytest.mark.parametrize(
    "point", ["relay.before_publish", "relay.after_puback", "relay.after_mark"]
)
async def test_after_a_crash_at_any_point_everything_is_published_in_order(
    any_store, tmp_path: Path, point
):
    database, stream, path = await any_store(SCHEMA), Stream(), tmp_path / "stream"
    ids = await tell_many(database, 5)

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.plumbing.relay_process"),
        *(database.url.render_as_string(hide_password=False), str(path), "3"),
        env={**os.environ, "PARLEY_CRASH_AT": point},
    )
    assert await process.wait() == 86
    await Relay(database, stream).publish_waiting()

    before, after = path.read_text().split(), stream.ids
    assert before == (ids if point == "relay.after_mark" else ids[:3])
    assert after == ([] if point == "relay.after_mark" else ids)
    assert await unsent(database) == []
