"""What is lost where a protection is left out: an experiment that cannot fail shows nothing.

Two more controls, for the protections against power cuts, are in `test_power_cuts.py`.
"""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from uuid import UUID, uuid4

from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.js import api

from shared.plumbing import delivery
from shared.plumbing.connection import connected
from shared.plumbing.crash import EXIT_STATUS
from tests.faults.experiment import compared
from tests.faults.found import event_ids
from tests.fixtures.patience import LONG, until
from tests.fixtures.system import ROOT
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    a_house,
    baked,
    services,
    shelve,
    shop_hearing,
    tell,
    until_shelved,
)

TOLD = 20
STORE_IS_AWAY = ConnectionError("the store is away")


class Shaky:
    """Every fifth event finds the store away the first time it is tried."""

    def __init__(self) -> None:
        self.tries = 0

    def work(self) -> None:
        self.tries += 1
        if self.tries % 5 == 0:
            raise STORE_IS_AWAY


@asynccontextmanager
async def reading_with(url: str) -> AsyncIterator[list[UUID]]:
    """A reader written as FastStream's own pages do; what it acted on, in its order."""
    shelf: list[UUID] = []
    shaky = Shaky()
    reader = NatsBroker(url, logger=None)
    stream = JStream("careless", declare=False)

    @reader.subscriber(
        "careless.>",
        stream=stream,
        durable="shop-careless",
        pull_sub=PullSub(timeout=1),
        config=api.ConsumerConfig(ack_wait=1.0),
    )
    async def shelve_it(message: NatsMessage) -> None:
        shaky.work()
        shelf.append(UUID(message.headers["ce-id"]))

    async with reader:
        await reader.start()
        yield shelf


async def a_stream(url: str, told: list[UUID]) -> None:
    async with connected("tests", url) as client:
        jetstream = client.jetstream()
        await jetstream.add_stream(api.StreamConfig(name="careless", subjects=["careless.>"]))
        for one in told:
            headers = {"ce-id": str(one)}
            await jetstream.publish("careless.bread_baked.v1", b"{}", headers=headers)


async def read_to_its_end(url: str) -> None:
    """Return when the server has nothing left to hand over to this reader."""
    async with connected("tests", url) as client, asyncio.timeout(LONG):
        while True:
            info = await client.jetstream().consumer_info("careless", "shop-careless")
            if not info.num_pending and not info.num_ack_pending:
                return
            await asyncio.sleep(0.05)


async def test_with_faststreams_own_ack_policy_what_a_reader_stumbles_over_is_lost(
    nats_server: str,
):
    told = [uuid4() for _ in range(TOLD)]
    await a_stream(nats_server, told)

    async with reading_with(nats_server) as shelf:
        await until(lambda: len(shelf) >= TOLD * 4 // 5, LONG)
        await read_to_its_end(nats_server)

    lost, _ = compared("FastStream's default ack policy", told, shelf, kind="control")
    assert len(lost) == TOLD // 5


async def test_a_reader_of_ours_that_stumbles_as_often_loses_nothing(
    parley_broker, sqlite_store, monkeypatch
):
    monkeypatch.setattr(delivery, "UNREACHABLE_DELAY", timedelta(seconds=0.1))
    shaky = Shaky()

    async def shelve_it(fact, envelope, session):
        await shelve(fact, envelope, session)
        shaky.work()

    hearing, shop = shop_hearing(shelve_it), await sqlite_store(SHOP)
    async with a_house(await parley_broker(services(hearing))) as house:
        await house.bus("shop", shop, hearing)
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))
        await tell(bakery, *[baked(number) for number in range(TOLD)])

        found = await until_shelved(shop, TOLD)

    assert compared("a reader that stumbles", list(range(TOLD)), found) == ([], [])
    assert found == list(range(TOLD))
    assert shaky.tries > TOLD


async def test_without_an_outbox_a_crash_after_the_commit_loses_what_was_to_be_told(
    nats_server: str, tmp_path
):
    store = tmp_path / "store.db"
    await a_stream(nats_server, [])
    for dies in (True, False, True, False):
        environment = os.environ | ({"PARLEY_CRASH_AT": "request.after_commit"} if dies else {})
        ended = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "tests.faults.careless", str(store), nats_server, "5"],
            cwd=ROOT,
            env=environment,
            check=False,
        )
        assert ended.returncode == (EXIT_STATUS if dies else 0)

    with closing(sqlite3.connect(store)) as rows:
        true = [UUID(one) for (one,) in rows.execute("SELECT id FROM bread")]
    async with connected("tests", nats_server) as client:
        told = await event_ids(client.jetstream(), "careless")
    lost, _ = compared("no outbox", true, told, kind="control")
    assert len(lost) == 2
