"""A consumer that is there, in which events wait, and from which nobody reads any more."""

import asyncio
from datetime import timedelta

import pytest

from shared.plumbing import lag
from shared.plumbing.lag import LAGS_AFTER, Lag
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    a_house,
    baked,
    services,
    shop_hearing,
    tell,
    until,
    until_shelved,
)
from tests.plumbing.test_health import Clock

LONG = LAGS_AFTER.total_seconds()


@pytest.fixture
def clock():
    return Clock()


def test_events_that_wait_for_more_than_a_minute_while_none_is_acted_on_are_a_lag(clock):
    seen = Lag(clock)

    assert not seen.lags("shop-bakery", acted_on=7, waiting=1)
    clock.time += LONG
    assert not seen.lags("shop-bakery", acted_on=7, waiting=3)
    clock.time += 1
    assert seen.lags("shop-bakery", acted_on=7, waiting=3)
    assert not seen.lags("office-bakery", acted_on=7, waiting=3)
    assert not seen.lags("shop-bakery", acted_on=8, waiting=2)


def test_a_reader_that_catches_up_does_not_lag_however_long_it_takes(clock):
    seen = Lag(clock)

    for place in range(1, 50):
        assert not seen.lags("shop-bakery", acted_on=place, waiting=1000 - place)
        clock.time += LONG


def test_a_consumer_that_was_made_again_and_reads_all_once_more_does_not_lag(clock):
    seen = Lag(clock)
    seen.lags("shop-bakery", acted_on=900, waiting=1)
    clock.time += LONG + 1

    assert not seen.lags("shop-bakery", acted_on=0, waiting=901)


def test_a_quiet_stream_is_no_lag_and_what_comes_after_it_has_all_its_time(clock):
    seen = Lag(clock)
    seen.lags("shop-bakery", acted_on=7, waiting=1)
    clock.time += LONG
    assert not seen.lags("shop-bakery", acted_on=7, waiting=0)

    clock.time += LONG
    assert not seen.lags("shop-bakery", acted_on=7, waiting=1)
    clock.time += LONG
    assert not seen.lags("shop-bakery", acted_on=7, waiting=1)


def test_while_the_server_is_away_nobody_can_move_on(clock):
    seen = Lag(clock)
    seen.lags("shop-bakery", acted_on=7, waiting=1)
    clock.time += LONG + 1

    seen.forget()

    assert not seen.lags("shop-bakery", acted_on=7, waiting=1)


async def test_a_reader_that_has_stopped_without_a_word_is_told(
    parley_broker, sqlite_store, monkeypatch
):
    monkeypatch.setattr(lag, "LAGS_AFTER", timedelta(seconds=0.5))
    hearing = shop_hearing()
    store = await sqlite_store(SHOP)
    async with a_house(await parley_broker(services(hearing))) as house:
        shop = await house.bus("shop", store, hearing)
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))
        await tell(bakery, baked(1))
        await until_shelved(store, 1)
        assert await shop.ailments() == []
        for reader in shop._broker.subscribers:
            await reader.stop()
        await tell(bakery, baked(2))

        async def told() -> bool:
            return await shop.ailments() == [("consumer_lags", "shop-bakery")]

        await until(told)
        await house.bus("shop", store, hearing)  # as after a restart
        await until_shelved(store, 2)

        async def well() -> bool:
            return await shop.ailments() == []

        await until(well)


async def test_events_that_are_acted_on_one_after_the_other_are_no_lag(
    parley_broker, sqlite_store, monkeypatch
):
    monkeypatch.setattr(lag, "LAGS_AFTER", timedelta(seconds=2))
    everything = asyncio.Event()

    async def slow(fact, envelope, session):
        await asyncio.sleep(0.2)
        if fact.number == 19:
            everything.set()

    hearing = shop_hearing(slow)
    store = await sqlite_store(SHOP)
    async with a_house(await parley_broker(services(hearing))) as house:
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))
        await tell(bakery, *(baked(number) for number in range(20)))
        shop = await house.bus("shop", store, hearing)

        while not everything.is_set():
            assert await shop.ailments() == []
            await asyncio.sleep(0.05)
