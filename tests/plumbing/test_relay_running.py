"""The relay while it runs: woken, leading, taking over, stopping."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

from shared.plumbing.database import Database
from shared.plumbing.outbox import Relay, relay
from tests.fixtures.patience import until
from tests.plumbing.ledger import SCHEMA, tell_many, unsent
from tests.plumbing.stream import Stream, running
from tests.plumbing.test_leader import cut_the_leaders_connection


@asynccontextmanager
async def another(database):
    """The same store, as another process would open it."""
    same = Database(database.url, SCHEMA)
    yield same
    await same.close()


async def test_a_commit_wakes_the_relay(any_store, monkeypatch):
    monkeypatch.setattr(relay, "SAFETY_POLL", timedelta(hours=1))
    database, stream = await any_store(SCHEMA), Stream()
    async with running(Relay(database, stream)):
        for told in (1, 2):
            await tell_many(database, 1)
            await until(lambda told=told: len(stream.ids) == told)


async def test_a_commit_in_another_process_wakes_the_relay_on_postgresql(
    postgres_store, monkeypatch
):
    monkeypatch.setattr(relay, "SAFETY_POLL", timedelta(hours=1))
    database, stream = await postgres_store(SCHEMA), Stream()
    async with another(database) as elsewhere, running(Relay(database, stream)):
        await tell_many(database, 1)
        await until(lambda: len(stream.ids) == 1)
        await asyncio.sleep(0.1)

        await tell_many(elsewhere, 1)

        await until(lambda: len(stream.ids) == 2)


async def test_a_commit_in_another_process_is_noticed_by_the_safety_poll_on_sqlite(
    sqlite_store, monkeypatch
):
    monkeypatch.setattr(relay, "SAFETY_POLL", timedelta(milliseconds=100))
    database, stream = await sqlite_store(SCHEMA), Stream()
    async with another(database) as elsewhere, running(Relay(database, stream)):
        await asyncio.sleep(0.2)

        await tell_many(elsewhere, 1)

        await until(lambda: len(stream.ids) == 1, within=10)


async def test_of_two_relays_one_publishes_and_the_other_takes_over(any_store):
    database, first, second = await any_store(SCHEMA), Stream(), Stream()
    async with another(database) as same, running(Relay(same, second)):
        async with running(Relay(database, first)):
            ids = await tell_many(database, 20)
            await until(lambda: len(first.ids) + len(second.ids) >= 20)
            assert sorted([first.ids, second.ids], key=len) == [[], ids]
        led = first if first.ids else second
        more = await tell_many(same, 1)

        await until(lambda: more[0] in first.ids + second.ids, within=20)

    assert led.ids[:20] == ids


async def test_a_relay_whose_connection_is_cut_leads_again_and_loses_nothing(postgres_store):
    database, stream = await postgres_store(SCHEMA), Stream()
    async with running(Relay(database, stream)):
        ids = await tell_many(database, 3)
        await until(lambda: len(stream.ids) == 3)

        await cut_the_leaders_connection(database)
        ids += await tell_many(database, 3)

        await until(lambda: len(stream.ids) >= 6, within=20)

    assert stream.ids == ids


async def test_while_the_broker_is_away_nothing_is_lost_and_order_is_kept(any_store):
    database, stream = await any_store(SCHEMA), Stream()
    stream.is_down = True
    async with running(Relay(database, stream)):
        ids = await tell_many(database, 5)
        await asyncio.sleep(0.3)
        assert stream.ids == []
        stream.is_down = False

        await until(lambda: len(stream.ids) == 5)

    assert stream.ids == ids
    assert await unsent(database) == []


async def test_a_relay_that_is_stopped_marks_what_it_has_published(any_store):
    database, stream = await any_store(SCHEMA), Stream()
    stream.takes = 0.02
    ids = await tell_many(database, 20)

    async with running(Relay(database, stream)):
        await until(lambda: len(stream.ids) >= 3)

    assert await unsent(database) == ids[len(stream.ids) :]


async def test_a_relay_that_is_stopped_while_it_marks_marks_to_the_end(any_store, monkeypatch):
    database, stream = await any_store(SCHEMA), Stream()
    ids = await tell_many(database, 3)
    marks, mark = [], Relay._mark

    async def slow_mark(self, places):
        marks.append(places)
        await asyncio.sleep(30 if len(marks) == 1 else 0)
        await mark(self, places)

    monkeypatch.setattr(Relay, "_mark", slow_mark)
    async with running(Relay(database, stream)):
        await until(lambda: marks)

    assert stream.ids == ids
    assert await unsent(database) == []


async def test_publishing_holds_up_no_writer(any_store):
    database, stream = await any_store(SCHEMA), Stream()
    stream.takes = 60
    await tell_many(database, 1)
    async with running(Relay(database, stream)):
        await until(lambda: stream.at_once == 1)

        async with asyncio.timeout(15):
            await tell_many(database, 1)


async def test_an_idle_relay_hardly_asks_the_store(any_store, monkeypatch):
    database, stream = await any_store(SCHEMA), Stream()
    asked = []
    waiting = Relay._waiting

    async def counted(self):
        asked.append(1)
        return await waiting(self)

    monkeypatch.setattr(Relay, "_waiting", counted)
    async with running(Relay(database, stream)):
        await asyncio.sleep(1)

    assert len(asked) <= 2
