"""Statements that give no rows, said to the driver without the layers in between.

An insert through SQLAlchemy costs more than twice what it costs the driver, and a request or a fact
is mostly inserts. SQLAlchemy still compiles the statement, once, and still begins, commits and
rolls back; what is left out is finding the compiled statement again, a greenlet and a result for
each one.

Only a statement that is made once goes this way: the second time the same object is said, it is
compiled and kept. What is made anew each time, gives rows, or has values that SQLAlchemy works out
while it speaks goes through SQLAlchemy, and so does everything while somebody listens to it.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

from shared.plumbing.database.one_hop import OneHopConnection

Way = Callable[[Any], Any]

_LAST_WORDS = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,  # what it says when it is cut off in the middle of a question
    OSError,
)
"""After these there is no connection any more, though the driver may not know it yet."""
_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, *_LAST_WORDS)


@dataclass(frozen=True)
class Said:
    """One statement as the driver takes it."""

    sql: str
    values: tuple[tuple[str, object, Way | None], ...]
    """In their order: the name, what it is when nobody names it, and how the driver wants it."""

    def of(self, given: Mapping[str, Any]) -> list[Any]:
        found = ((given.get(name, usual), way) for name, usual, way in self.values)
        return [way(value) if way else value for value, way in found]


class Straight:
    """What has been said before on one store."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[UpdateBase, dict[tuple[str, ...], Said | None]] = (
            WeakKeyDictionary()
        )

    def way(
        self, line: AsyncConnection, statement: UpdateBase, given: Mapping[str, Any]
    ) -> Said | None:
        """How to say it straight; None for what has to go through SQLAlchemy."""
        names = tuple(given)
        known = self._known.get(statement)
        if known is None:
            self._known[statement] = {}  # the first time; most are never said again
            return None
        if names not in known:
            known[names] = _compiled(line, statement, names)
        return known[names]

    async def say(self, line: AsyncConnection, said: Said, given: Mapping[str, Any]) -> int:
        """Say it within the transaction this connection has begun; how many rows it touched.

        Raises as SQLAlchemy would.
        """
        assert line.sync_connection is not None  # noqa: S101 - its transaction has begun
        driver = line.sync_connection.connection.driver_connection
        values = said.of(given)
        try:
            if isinstance(driver, OneHopConnection):
                return await driver.say(said.sql, values)
            assert isinstance(driver, asyncpg.Connection)  # noqa: S101 - there are just these two
            status = await driver.execute(said.sql, *values)
            return int(status.rpartition(" ")[2])
        except sqlite3.Error as error:
            raise _of_sqlite(error, said) from error
        except _TROUBLE as error:
            assert driver is not None  # noqa: S101 - it has answered
            if is_gone := driver.is_closed() or isinstance(error, _LAST_WORDS):
                await line.invalidate(error)
            raise _of_postgresql(error, said, is_gone=is_gone) from error


def _of_sqlite(error: sqlite3.Error, said: Said) -> DBAPIError:
    kind = DBAPIError
    if isinstance(error, sqlite3.IntegrityError):
        kind = IntegrityError
    elif isinstance(error, sqlite3.OperationalError):
        kind = OperationalError
    return kind(said.sql, None, error, hide_parameters=True)


def _of_postgresql(error: Exception, said: Said, *, is_gone: bool) -> DBAPIError:
    kind = DBAPIError
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        kind = IntegrityError
    elif not isinstance(error, asyncpg.PostgresError):
        kind = InterfaceError
    return kind(said.sql, None, error, hide_parameters=True, connection_invalidated=is_gone)


def is_listened_to(line: AsyncConnection) -> bool:
    """Whether somebody wants to hear every statement: they would miss what is said straight."""
    connection = line.sync_connection
    return connection is None or bool(connection.dispatch.before_cursor_execute)


def _compiled(line: AsyncConnection, statement: UpdateBase, names: tuple[str, ...]) -> Said | None:
    compiled = statement.compile(dialect=line.dialect, column_keys=list(names))
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - of an insert, update or delete
    left_to_sqlalchemy = (
        compiled.insert_prefetch,
        compiled.update_prefetch,
        compiled.effective_returning,
        compiled.post_compile_params,
        compiled.literal_execute_params,
    )
    if any(left_to_sqlalchemy) or compiled.positiontup is None:
        return None
    binds = [(name, compiled.binds[name]) for name in compiled.positiontup]
    return Said(
        compiled.string,
        tuple(
            (
                name,
                bind.effective_value,
                bind.type.dialect_impl(line.dialect).bind_processor(line.dialect),
            )
            for name, bind in binds
        ),
    )
