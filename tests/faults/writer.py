"""Writes row after row into a store as the product does, and says of each that it is committed.

`python -m tests.faults.writer <store> FULL|NORMAL`: NORMAL takes a protection out again.
"""

import asyncio
import sys

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection

from shared.plumbing.database import Database
from tests.plumbing.ledger import SCHEMA, tell


async def run(store: str, synchronous: str) -> None:
    database = Database(f"sqlite+aiosqlite:///{store}", SCHEMA)
    if synchronous != "FULL":

        @event.listens_for(database._writer.sync_engine, "connect")
        def careless(connection: DBAPIConnection, _record: object) -> None:
            connection.cursor().execute(f"PRAGMA synchronous = {synchronous}")

    async with database._writer.begin() as connection:
        await connection.run_sync(SCHEMA.metadata.create_all)
    while True:
        async with database.transaction() as session:
            event_id = await tell(session)
        sys.stdout.write(f"{event_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
