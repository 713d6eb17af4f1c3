"""A shop in a process of its own, to be killed: `python -m tests.plumbing.shop_process …`."""

import asyncio
import sys
from pathlib import Path

from shared.plumbing.bus import Bus
from shared.plumbing.database import Database
from tests.fixtures import keys
from tests.plumbing.house import SHOP, BreadBaked, shelve


async def run(store: str, nats_url: str, nats_creds: str) -> None:
    bus = Bus(
        "shop", Database(store, SHOP, keyring=keys.keyring("shop")), nats_url, Path(nats_creds)
    )
    bus.hears(BreadBaked, shelve)
    await bus.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
