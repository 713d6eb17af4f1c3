"""What the rows are measured on: servers and stores of their own, gone when a row is done."""

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal

from shared.contracts.ask import Ask
from shared.plumbing.database import Database, Schema
from shared.plumbing.hearing import Hearing
from tests.bench.bare import BareStore, bare_store
from tests.fixtures import keys, postgres
from tests.fixtures.broker import ParleyBroker
from tests.fixtures.databases import PostgresServer, make_tables

Kind = Literal["SQLite", "PostgreSQL"]


class Ground:
    """Makes what a row asks for, and takes it away again."""

    def __init__(self, folder: Path, stack: AsyncExitStack, server: PostgresServer | None) -> None:
        self.folder = folder
        self.stack = stack
        self._postgres = server
        self._numbers = itertools.count()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The databases there are here."""
        return ("SQLite", "PostgreSQL") if self._postgres else ("SQLite",)

    async def broker(
        self,
        services: Mapping[str, Hearing],
        asks: Mapping[str, Iterable[type[Ask]]] | None = None,
    ) -> ParleyBroker:
        """A nats-server as `make run` starts it: users, streams, `sync_interval: always`."""
        one = ParleyBroker(self.folder / f"broker-{next(self._numbers)}", services, asks or {})
        await one.start()
        self.stack.push_async_callback(lambda: one.server.stop())
        await one.ensure()
        return one

    async def store(self, schema: Schema, kind: Kind = "SQLite") -> Database:
        """An empty store with its tables."""
        if kind == "SQLite":
            path = self.folder / f"{schema.name}-{next(self._numbers)}.db"
            database = Database(
                f"sqlite+aiosqlite:///{path}", schema, keyring=keys.keyring(schema.name)
            )
            await make_tables(database)
        else:
            assert self._postgres is not None
            url = await self._postgres.new_database(schema)
            database = Database(url, schema, keyring=keys.keyring(schema.name))
            self.stack.push_async_callback(self._postgres.drop, url)
        self.stack.push_async_callback(database.close)
        return database

    async def bare(self, database: Database) -> BareStore:
        """The same store, with the driver alone."""
        return await self.stack.enter_async_context(bare_store(database.url))


@asynccontextmanager
async def a_ground(running: postgres.Running | None) -> AsyncIterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        server = PostgresServer(running) if running else None
        async with AsyncExitStack() as stack:
            if server is not None:
                stack.push_async_callback(server.drop_templates)
            yield Ground(Path(folder), stack, server)
