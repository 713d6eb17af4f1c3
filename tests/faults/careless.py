"""A service that tells after its commit, without an outbox: what could go wrong, goes wrong.

`python -m tests.faults.careless <store> <nats url> <how many>` commits a row and then publishes
it; with PARLEY_CRASH_AT=request.after_commit it dies in between.
"""

import asyncio
import sqlite3
import sys
from contextlib import closing
from uuid import uuid4

from shared.plumbing.connection import connected
from shared.plumbing.crash import crash_point


async def run(store: str, url: str, how_many: str) -> None:
    with closing(sqlite3.connect(store)) as rows:
        rows.execute("CREATE TABLE IF NOT EXISTS bread (id TEXT PRIMARY KEY)")
        async with connected("tests", url) as client:
            for _ in range(int(how_many)):
                one = str(uuid4())
                with rows:
                    rows.execute("INSERT INTO bread VALUES (?)", (one,))
                crash_point("request.after_commit")
                await client.jetstream().publish(
                    "careless.bread_baked.v1", b"{}", headers={"ce-id": one}
                )


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
