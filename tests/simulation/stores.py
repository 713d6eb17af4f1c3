"""The services' stores, on SQLite in this very thread.

The product's connection goes to a thread for each statement; here the thread is left out, so that
nothing but the seed decides what comes first. Statements, transactions and errors are SQLite's.
"""

import asyncio
import multiprocessing.util
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.parts import blueprints
from deploy.seeds import seed
from shared.contracts.catalogue import SERVICES
from shared.plumbing import migrations
from shared.plumbing.database import Database, sqlite
from shared.plumbing.database.one_hop import OneHopConnection, OneHopCursor
from tests.fixtures import keys
from tests.fixtures.clock import FixedWorld
from tests.simulation.faults import Faults, refuse_the_dead

RAM = Path("/dev/shm")

BUSY = 5
"""What SQLite says when a store is held by somebody else."""

_OPEN: dict[str, "Disk"] = {}
"""Each store of the seed that is running, by its path."""


class Disk:
    """What is left of a service when its process dies: its store."""

    def __init__(self, service: str, path: Path, copied_from: Path, faults: Faults) -> None:
        self.service, self.path, self.faults = service, path, faults
        self.connections: list[InThreadConnection] = []
        self.away = False
        """Whether nobody can reach it, for longer than a moment."""
        self.written: set[str] = set()
        """Statements of the running transaction that change something."""
        self.on_commit: Callable[[set[str]], None] | None = None
        _forget(path)
        shutil.copyfile(copied_from, path)
        _OPEN[str(path)] = self
        self.look = sqlite3.connect(path, isolation_level=None)
        self.look.row_factory = sqlite3.Row

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.path}"

    def rows(self, sql: str, *parameters: object) -> list[sqlite3.Row]:
        """What is stored, read past all product code."""
        return self.look.execute(sql, parameters).fetchall()

    def let_go(self) -> None:
        """As when a process dies: every connection ends, and what was not committed is gone."""
        for connection in self.connections:
            connection.drop()
        self.connections.clear()
        self.written.clear()
        for engine in _engines(str(self.path)):
            engine.sync_engine.dispose(close=False)

    def keep(self, path: Path) -> None:
        """Copy the store as it is now, for others to begin with."""
        self.look.execute("VACUUM INTO ?", (str(path),))

    def close(self) -> None:
        self.let_go()
        self.look.close()
        _OPEN.pop(str(self.path), None)
        _forget(self.path)

    def before_statement(self, sql: str, *, is_first: bool) -> None:
        """`is_first` of its transaction. What a driver says at a new connection is neither."""
        refuse_the_dead()
        writes = sql[:6] in ("INSERT", "UPDATE", "DELETE")
        away = is_first and self.away and self.faults.on
        if away or (
            (is_first or writes) and self.faults.strikes("store out of reach", self.service)
        ):
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = BUSY
            raise error
        if writes:
            self.written.add(sql.split(None, 3)[2 if sql[:6] != "UPDATE" else 1].strip('"'))


class InThreadConnection(OneHopConnection):
    """As the product's, without the thread."""

    def __init__(self, path: str, *, writes: bool = False) -> None:
        super().__init__(path, writes=writes)
        self._disk = _OPEN[path]

    def __await__(self) -> Generator[Any, None, "InThreadConnection"]:
        return self._opened().__await__()

    async def _opened(self) -> "InThreadConnection":
        refuse_the_dead()
        self._connection = self._connector()
        self._disk.connections.append(self)
        return self

    def cursor(self) -> OneHopCursor:
        return _Cursor(self)

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)

    async def _in_thread(self, function: Callable[..., None], *arguments: object) -> None:
        function(*arguments)

    async def commit(self) -> None:
        refuse_the_dead()
        if not self.in_transaction:
            return
        if not self._disk.written:
            await super().commit()
            return
        self._disk.faults.crash_point("store.before_commit")
        await super().commit()
        tables, self._disk.written = self._disk.written, set()
        if self._disk.on_commit is not None:
            self._disk.on_commit(tables)
        self._disk.faults.crash_point("store.after_commit")

    async def rollback(self) -> None:
        if self._connection is not None:
            await super().rollback()
            self._disk.written.clear()

    async def close(self) -> None:
        self.drop()

    def stop(self) -> asyncio.Future[Any] | None:
        self.drop()
        return None

    def drop(self) -> None:
        """End it, and with it a transaction that is open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def before_statement(self, sql: str) -> None:
        self._disk.before_statement(sql, is_first=self.begin_with is not None)


class _Cursor(OneHopCursor):
    _connection: InThreadConnection

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> "_Cursor":
        self._connection.before_statement(sql)
        if sql != "PRAGMA synchronous = FULL":  # processes die here, machines do not
            await super().execute(sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> "_Cursor":
        self._connection.before_statement(sql)
        await super().executemany(sql, parameters)
        return self


@cache
def _engines(path: str) -> tuple[AsyncEngine, AsyncEngine]:
    """Engines outlive processes and seeds: they know statements that were compiled once."""
    return _make_engines(URL.create("sqlite+aiosqlite", database=path))


_make_engines = sqlite.engines


@contextmanager
def in_thread() -> Iterator[None]:
    """Stores that are opened in here use no thread."""
    usual = sqlite.OneHopConnection, sqlite.engines
    sqlite.OneHopConnection = InThreadConnection  # type: ignore[misc]
    sqlite.engines = lambda url: _engines(str(url.database))
    try:
        yield
    finally:
        sqlite.OneHopConnection, sqlite.engines = usual  # type: ignore[misc]


@cache
def folder() -> Path:
    """Where this process keeps its stores; gone when it ends."""
    made = tempfile.TemporaryDirectory(dir=RAM if RAM.is_dir() else None, prefix="simulation-")
    # Not left to the object's own end: a process of a pool ends without it.
    multiprocessing.util.Finalize(None, made.cleanup, exitpriority=1)
    return Path(made.name)


@cache
def templates() -> Mapping[str, Path]:
    """Every store as a first run finds it: migrated, and with the colleagues, areas and venues of
    a demonstration. Made once, with the real connection, by a clock that stands still.
    """
    paths = {service: folder() / f"{service}-template.db" for service in SERVICES}
    with asyncio.Runner() as runner:
        runner.run(_make(paths))
    for path in paths.values():
        whole = sqlite3.connect(path)
        whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole.close()
    return paths


async def _make(paths: Mapping[str, Path]) -> None:
    world, made = FixedWorld(seed=0), {}
    for service, blueprint in blueprints().items():
        url = f"sqlite+aiosqlite:///{paths[service]}"
        await migrations.upgrade(url, service)
        made[service] = Database(url, blueprint.schema, world, keys.keyring(service))
    await seed(made)
    for database in made.values():
        await database.close()


def _forget(path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
