"""SQLite, set so that what is committed survives a power cut and writers queue instead of failing.

WAL with `synchronous=FULL`: the popular `NORMAL` loses the last commits at a power cut.
"""

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.plumbing.database.one_hop import BUSY_TIMEOUT_MS, OneHopConnection

WRITER_PATIENCE_SECONDS = 20
"""How long a transaction waits for the others of this process before it."""

READERS_KEPT, READERS_AT_MOST = 2, 10


def engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    """An engine that writes and one that reads.

    SQLite has one writer at a time. One connection for all of them makes them queue in order,
    in this process, without polling a lock.
    """
    if url.database in (None, "", ":memory:"):
        raise ValueError("A store needs a file: writers and readers have connections of their own.")
    return (
        _engine(url, "BEGIN IMMEDIATE", pool_size=1, pool_at_most=1),
        _engine(url, "BEGIN", read_only=True, pool_size=READERS_KEPT, pool_at_most=READERS_AT_MOST),
    )


def engine_for_migrations(url: URL) -> AsyncEngine:
    """An engine that does not check references: SQLite changes a table by replacing it.

    Whoever uses it checks them before the commit (`PRAGMA foreign_key_check`).
    """
    return _engine(url, "BEGIN IMMEDIATE", pool_size=1, pool_at_most=1, references=False)


def _engine(
    url: URL,
    begin: str,
    *,
    pool_size: int,
    pool_at_most: int,
    read_only: bool = False,
    references: bool = True,
) -> AsyncEngine:
    path = str(url.database)

    def connect(*_: object, **__: object) -> OneHopConnection:
        return OneHopConnection(path, writes=not read_only)

    engine = create_async_engine(
        url,
        connect_args={"async_creator_fn": connect},
        pool_size=pool_size,
        max_overflow=pool_at_most - pool_size,
        pool_timeout=WRITER_PATIENCE_SECONDS,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in _pragmas(read_only=read_only, references=references):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, OneHopConnection)  # noqa: S101 - made above
        driver.begin_with = begin

    return engine


def _pragmas(*, read_only: bool, references: bool) -> tuple[str, ...]:
    return (
        f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        f"PRAGMA foreign_keys = {int(references)}",
        f"PRAGMA query_only = {int(read_only)}",
        # A key that was destroyed, or a value that was replaced, must not stay in a free page.
        "PRAGMA secure_delete = ON",
    )
