"""A service that dies at the worst moments while it acts on an event."""

import asyncio
import os
import sys

import pytest

from shared.plumbing.crash import EXIT_STATUS
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    a_house,
    baked,
    rows_of,
    services,
    shelf,
    shop_hearing,
    tell,
    until_shelved,
)


@pytest.mark.parametrize(
    ("place", "left_behind"),
    [
        ("handler.before_commit", []),
        ("handler.after_commit", [1]),
        ("handler.after_ack", [1]),
    ],
)
async def test_an_event_is_acted_on_once_wherever_the_process_dies(
    parley_broker, any_store, sqlite_store, place, left_behind
):
    hearing = shop_hearing()
    store = await any_store(SHOP)
    broker = await parley_broker(services(hearing))
    async with a_house(broker) as house:
        await tell(
            await house.bus("bakery", await sqlite_store(BAKERY)), baked(1), baked(2), baked(3)
        )
        dying = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.plumbing.shop_process",
            store.url.render_as_string(hide_password=False),
            broker.url,
            str(broker.creds("shop")),
            env=os.environ | {"PARLEY_CRASH_AT": place},
        )
        async with asyncio.timeout(30):
            status = await dying.wait()
        remains = await shelf(store)

        await house.bus("shop", store, hearing)

        assert status == EXIT_STATUS
        assert remains == left_behind
        assert await until_shelved(store, 3) == [1, 2, 3]
        assert await rows_of(store, "outbox") == 3
        await asyncio.sleep(0.2)
        assert await shelf(store) == [1, 2, 3]
        assert await rows_of(store, "failing_event") == 0, "a repeat is no failure"
