"""An aiosqlite connection that goes to its thread once for each statement, or not at all.

Through SQLAlchemy, plain aiosqlite goes four times: for a cursor, to execute, to fetch and to
close. On a small transaction those journeys are most of the time. Here the thread does all four
in one, and begins the transaction with its first statement.

Whoever holds the only lock for writing waits for nobody until the commit, and its statements take
microseconds: the journey would take ten times as long as the work. They are done on the spot. What
can take long goes to the thread still: reading, waiting for the lock if another process has it,
many rows at once, and the commit, which waits for the disk.
"""

import sqlite3
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import aiosqlite

BUSY_TIMEOUT_MS = 5000
"""How long a writer waits for a writer of another process."""

Row = tuple[Any, ...]


class OneHopConnection(aiosqlite.Connection):
    """As aiosqlite's, with cursors that have fetched everything when `execute` returns."""

    def __init__(self, path: str, *, writes: bool = False) -> None:
        # No isolation level: the driver would begin a write at its first change only, too late
        # to take the lock in turn, and read outside any transaction. Two threads use the
        # connection, one after the other: `_at_rest` sees to that.
        super().__init__(
            lambda: sqlite3.connect(path, isolation_level=None, check_same_thread=False),
            iter_chunk_size=64,
        )
        self._writes = writes
        self._thread.daemon = True  # a store that was not closed must not keep the process alive
        self.begin_with: str | None = None
        """How to begin the transaction, when the next statement is its first."""
        self._at_rest = True

    def cursor(self) -> "OneHopCursor":  # type: ignore[override]  # all SQLAlchemy needs of one
        return OneHopCursor(self)

    async def statement(
        self,
        cursor: "OneHopCursor",
        run: Callable[[sqlite3.Connection], sqlite3.Cursor],
        *,
        is_quick: bool = False,
    ) -> None:
        """Run one statement, and leave all that came of it in `cursor`."""
        begin, self.begin_with = self.begin_with, None
        if is_quick and self._writes and self._at_rest and self._has_the_lock(begin):
            self._run(cursor, run, None)
            return
        self._at_rest = False
        await self._in_thread(self._run, cursor, run, begin)
        self._at_rest = True

    async def say(self, sql: str, values: Sequence[Any]) -> int:
        """Say one statement that gives no rows; how many it touched."""
        cursor = self.cursor()
        await cursor.execute(sql, values)
        return cursor.rowcount

    def _has_the_lock(self, begin: str | None) -> bool:
        """Whether this transaction is the only one that writes; its first statement tries it."""
        if begin is None:
            return self.in_transaction
        self._conn.execute("PRAGMA busy_timeout = 0")
        try:
            self._conn.execute(begin)
        except sqlite3.OperationalError:  # another process has it: the thread waits for that
            return False
        finally:
            self._conn.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        return True

    async def _in_thread(self, function: Callable[..., None], *arguments: object) -> None:
        await super()._execute(function, *arguments)  # type: ignore[no-untyped-call]

    def _run(
        self,
        into: "OneHopCursor",
        run: Callable[[sqlite3.Connection], sqlite3.Cursor],
        begin: str | None,
    ) -> None:
        if begin:
            self._conn.execute(begin)
        cursor = run(self._conn)
        try:
            into.description = cursor.description
            into.rows = cursor.fetchall() if cursor.description else []
            into.rowcount, into.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()

    async def rollback(self) -> None:
        self.begin_with = None
        # A statement that was given up may still be running: only then is it unknown whether
        # there is a transaction.
        if self._at_rest and not self.in_transaction:
            return
        await super().rollback()
        self._at_rest = True

    async def commit(self) -> None:
        self.begin_with = None
        await super().commit()


class OneHopCursor:
    """What one statement gave."""

    arraysize = 1

    def __init__(self, connection: OneHopConnection) -> None:
        self._connection = connection
        self.rows: list[Row] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.rows = []

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        await self._connection.statement(
            self, lambda sqlite: sqlite.execute(sql, parameters), is_quick=True
        )
        return self

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> Self:
        await self._connection.statement(self, lambda sqlite: sqlite.executemany(sql, parameters))
        return self

    async def fetchone(self) -> Row | None:
        return self.rows.pop(0) if self.rows else None

    async def fetchmany(self, size: int | None = None) -> list[Row]:
        size = size or self.arraysize
        some, self.rows = self.rows[:size], self.rows[size:]
        return some

    async def fetchall(self) -> list[Row]:
        every, self.rows = self.rows, []
        return every

    async def close(self) -> None:
        self.rows = []
