"""A store that can be read but not written is found out before somebody's referral is."""

from datetime import timedelta

import pytest

from shared.plumbing import health, heartbeat
from shared.plumbing.heartbeat import BEAT_EVERY, UNWRITTEN, Heartbeat
from tests.fixtures.databases import connect
from tests.fixtures.web import running, visitor
from tests.plumbing import diary
from tests.plumbing.house import SHOP, until
from tests.plumbing.test_health import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """However slow the machine is: how long an answer waits is not what is looked at."""
    monkeypatch.setattr(heartbeat, "BEAT_PATIENCE", timedelta(seconds=30))
    monkeypatch.setattr(heartbeat, "READ_PATIENCE", timedelta(seconds=30))
    monkeypatch.setattr(health, "PROBE_SECONDS", 60)


async def codes(probed):
    return [(one.code, one.about) for one in await probed.probe()]


async def beaten_at(store):
    async with store.reading() as session:
        return (await session.execute(SHOP.tables.heartbeat.select())).one().beaten_at


async def test_a_store_that_takes_a_row_is_well_and_is_not_written_at_each_question(
    any_store, clock
):
    store = await any_store(SHOP)
    beat = Heartbeat(store, clock)

    assert await codes(beat) == []
    first = await beaten_at(store)
    clock.time += BEAT_EVERY.total_seconds() - 1
    assert await codes(beat) == []
    assert await beaten_at(store) == first

    clock.time += 1
    assert await codes(beat) == []
    assert await beaten_at(store) > first


async def takes_no_writes(store, refuses):
    """From beneath: a transaction of ours could not even begin."""
    async with store._writer.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        await driver._execute(driver._conn.execute, f"PRAGMA query_only = {refuses}")


async def test_a_sqlite_store_that_became_read_only_is_found_and_so_is_its_recovery(
    sqlite_store, clock
):
    store = await sqlite_store(SHOP)
    beat = Heartbeat(store, clock)
    assert await codes(beat) == []

    await takes_no_writes(store, 1)
    clock.time += BEAT_EVERY.total_seconds()
    assert await codes(beat) == [("store_not_written", "SQLITE_READONLY")]

    await takes_no_writes(store, 0)
    assert await codes(beat) == [], "after trouble it is tried at each question"


async def test_a_postgresql_that_takes_no_writes_any_more_is_found_by_the_whole_service(
    postgres_store,
):
    store = await postgres_store(diary.SCHEMA)
    url = store.url.render_as_string(hide_password=False)
    async with running(diary.create(url)) as app, visitor(app) as browser:
        assert "store_not_written" not in await ailments(app, browser)
        outside = await connect(store.url.set(database="postgres"))
        try:
            name = store.url.database
            await outside.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
            await outside.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
            )
        finally:
            await outside.close()
        app.state.service.health._probes["writing"].__self__._beaten_at = None

        async def told() -> bool:
            return "store_not_written" in await ailments(app, browser)

        await until(told)
        assert (await browser.get("/diary/entries")).status_code == 200


async def ailments(app, browser):
    app.state.service.health.forget()
    ready = (await browser.get("/health/ready")).json()
    return [one["code"] for one in ready["ailments"]]


async def test_a_long_writer_before_us_is_waited_for_but_not_for_ever(
    sqlite_store, clock, monkeypatch
):
    monkeypatch.setattr(heartbeat, "BEAT_PATIENCE", BEAT_EVERY / 100)
    store = await sqlite_store(SHOP)
    beat = Heartbeat(store, clock)
    async with store.transaction() as session:
        await session.execute(SHOP.tables.heartbeat.delete())
        assert await codes(beat) == []
        clock.time += UNWRITTEN.total_seconds()
        assert await codes(beat) == []

        clock.time += 1
        assert await codes(beat) == [("store_not_written", "waits")]

    async def well() -> bool:
        return await codes(beat) == []

    await until(well)


async def test_a_store_that_cannot_even_be_read_is_left_to_the_probe_that_says_so(
    sqlite_store, clock, tmp_path
):
    store = await sqlite_store(SHOP)
    await store.close()
    (tmp_path / "shop-0.db").unlink()
    (tmp_path / "shop-0.db").mkdir()

    assert await codes(Heartbeat(store, clock)) == []
