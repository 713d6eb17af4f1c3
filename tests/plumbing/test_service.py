"""A whole service between its start and its stop. The NATS server is not there, unless said."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.plumbing import lifespan, migrations, parked
from shared.plumbing.service import CannotStart
from tests.fixtures.clock import FixedWorld
from tests.fixtures.web import running, visitor
from tests.plumbing import diary

API = "/diary/api/entries"


async def test_a_change_is_durable_before_the_answer_leaves(any_store):
    store = await any_store(diary.SCHEMA)
    url = store.url.render_as_string(hide_password=False)

    async with running(diary.create(url)) as app, visitor(app) as browser:
        answer = await browser.post("/diary/api/remarks")

    assert answer.status_code == 500, "the commit failed, so nobody may be told it went well"


async def test_an_error_in_a_route_leaves_nothing_behind(any_store):
    store = await any_store(diary.SCHEMA)
    url = store.url.render_as_string(hide_password=False)

    async with running(diary.create(url)) as app, visitor(app) as browser:
        await browser.post(API, json={"title": "Monday"})
        twice = await browser.post(API, json={"title": "Monday"})
        after = await browser.post(API, json={"title": "Tuesday"})

        assert twice.status_code == 500
        assert after.status_code == 201
        assert (await browser.get("/diary/entries")).json() == ["Monday", "Tuesday"]


async def test_without_the_nats_server_work_is_taken_in_and_ready_is_red(sqlite_store):
    store = await sqlite_store(diary.SCHEMA)

    async with running(diary.create(store.url)) as app, visitor(app) as browser:
        answer = await browser.post(API, json={"title": "Monday"})
        live = await browser.get("/diary/health/live")
        ready = await browser.get("/diary/health/ready")

    assert answer.status_code == 201
    assert live.status_code == 200
    assert ready.status_code == 503
    assert [one["code"] for one in ready.json()["ailments"]] == ["broker_gone"]


@pytest.mark.parametrize("prefix", ["", "/diary"])
async def test_a_service_can_be_watched_alone_or_behind_one_port(sqlite_store, prefix):
    store = await sqlite_store(diary.SCHEMA)

    async with running(diary.create(store.url)) as app, visitor(app) as browser:
        assert (await browser.get(f"{prefix}/health/live")).text == "alive\n"
        assert (await browser.get(f"{prefix}/health/ready")).json()["service"] == "diary"
        assert "parley_outbox_waiting 0.0" in (await browser.get(f"{prefix}/metrics")).text


async def test_ready_is_red_while_an_event_is_parked(any_store):
    store = await any_store(diary.SCHEMA)
    async with store.transaction() as session:
        await parked.park(session, "diary-referral", {}, b"{", "referral.x.v1", 1, "NotJson")

    codes = await ailments(store)

    assert "events_parked" in codes


async def test_ready_is_red_while_the_outbox_is_old(any_store):
    world = FixedWorld()
    store = await any_store(diary.SCHEMA)
    app = diary.create(store.url.render_as_string(hide_password=False), world=world)

    async with running(app), visitor(app) as browser:
        await browser.post(API, json={"title": "Monday"})
        world.advance(timedelta(seconds=60))
        app.state.service.health.forget()
        young = await codes_of(browser)
        world.advance(timedelta(seconds=1))
        app.state.service.health.forget()
        old = await codes_of(browser)
        counted = (await browser.get("/metrics")).text

    assert "outbox_old" not in young
    assert "outbox_old" in old
    assert "parley_outbox_waiting 1.0" in counted
    assert "parley_outbox_oldest_seconds 61.0" in counted
    assert "parley_ready 0.0" in counted


async def test_ready_is_red_while_the_database_is_gone(sqlite_store, tmp_path):
    store = await sqlite_store(diary.SCHEMA)
    app = diary.create(store.url)

    async with running(app), visitor(app) as browser:
        await app.state.service.database.close()
        (tmp_path / "diary-0.db").rename(tmp_path / "away.db")
        (tmp_path / "diary-0.db").mkdir()
        app.state.service.health.forget()
        codes = await codes_of(browser)

    assert "database_gone" in codes


async def codes_of(browser):
    ready = await browser.get("/health/ready")
    assert ready.status_code == 503
    return [one["code"] for one in ready.json()["ailments"]]


async def ailments(store):
    app = diary.create(store.url.render_as_string(hide_password=False))
    async with running(app), visitor(app) as browser:
        return await codes_of(browser)


async def test_a_database_that_is_not_there_is_named_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(lifespan, "DATABASE_PATIENCE", timedelta(seconds=0.3))
    url = f"sqlite+aiosqlite:///{tmp_path}/no/such/folder.db"

    with pytest.raises(CannotStart, match=r"The database of diary does not answer.*DATABASE_URL"):
        async with running(diary.create(url)):
            pass


class Counting:
    """A background loop that counts what it began and what it finished."""

    def __init__(self, unit_takes=0.05, falls=0):
        self.begun = self.finished = self.runs = 0
        self.unit_takes, self.falls = unit_takes, falls
        self.__name__ = "count"

    async def __call__(self, service):
        self.runs += 1
        if self.runs <= self.falls:
            raise ValueError(diary.CANARY)
        while True:
            async with service.unit():
                self.begun += 1
                await asyncio.sleep(self.unit_takes)
                self.finished += 1
            await service.pause(timedelta(seconds=0.001))


async def test_a_stop_waits_for_the_unit_a_loop_is_in_and_lets_none_begin(sqlite_store):
    store = await sqlite_store(diary.SCHEMA)
    loop = Counting(unit_takes=0.3)
    app = diary.create(store.url, replace(diary.BLUEPRINT, loops=(loop,)))

    async with running(app):
        await asyncio.sleep(0.1)
        assert (loop.begun, loop.finished) == (1, 0)

    assert (loop.begun, loop.finished) == (1, 1)


async def test_a_loop_that_falls_over_is_started_again_and_counted(
    sqlite_store, monkeypatch, capsys
):
    monkeypatch.setattr(lifespan, "RESTART_DELAYS", (0.01,))
    store = await sqlite_store(diary.SCHEMA)
    loop = Counting(unit_takes=0, falls=2)
    app = diary.create(store.url, replace(diary.BLUEPRINT, loops=(loop,)))

    async with running(app), visitor(app) as browser:
        await asyncio.sleep(0.2)
        counted = (await browser.get("/metrics")).text

    assert loop.finished > 0
    assert 'parley_loop_failures_total{loop="test_service.count"} 2.0' in counted
    assert "Zebedee" not in capsys.readouterr().err


async def test_a_service_that_stops_is_not_ready_any_more(sqlite_store):
    store = await sqlite_store(diary.SCHEMA)
    app = diary.create(store.url)

    async with running(app), visitor(app) as browser:
        app.state.service.stopping.set()

        assert "stopping" in await codes_of(browser)


@pytest.mark.parametrize(
    ("level", "environment", "words"),
    [("newer", "development", "newer version of Parley"), ("behind", "production", "migrations")],
)
async def test_a_store_the_code_does_not_fit_is_refused_in_one_sentence(
    sqlite_store, monkeypatch, level, environment, words
):
    async def state(_url, _service):
        return migrations.MigrationState("0002", "0001", level)

    store = await sqlite_store(diary.SCHEMA)
    monkeypatch.setattr(migrations, "state", state)
    app = diary.create(store.url)
    monkeypatch.setattr(
        app.state.service, "settings", diary.settings(store.url, environment=environment)
    )

    with pytest.raises(CannotStart, match=words) as refused:
        async with running(app):
            pass

    assert str(refused.value).count(". ") == 0
