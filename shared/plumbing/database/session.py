"""One transaction, and the time, ids and cause that go with it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Connection,
    CursorResult,
    Executable,
    Insert,
    Result,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.sql.dml import UpdateBase
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession as SQLModelSession

from shared.contracts.fact import Envelope
from shared.plumbing.asker import SERVICE, Asker
from shared.plumbing.database.straight import Straight
from shared.plumbing.sealing.keyring import SubjectKey

if TYPE_CHECKING:
    from shared.plumbing.database.database import Database


def lock_key(name: str) -> int:
    """The number by which PostgreSQL knows an advisory lock."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


_LOCK = select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger)))

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


def _say(connection: Connection, statement: Executable, values: Values) -> Result[*tuple[Any, ...]]:
    return connection.execute(statement, values)


def _is_on_models(statement: Executable) -> bool:
    return bool(getattr(statement, "_propagate_attrs", None))  # how SQLAlchemy's session knows


@cache
def _insert(row: type[SQLModel]) -> Insert:
    """Made once for each table: making a statement costs more than saying it."""
    return insert(row.__table__)  # type: ignore[attr-defined] # SQLModel sets it on every table


class Session(SQLModelSession):
    """One transaction on one service's store. `Database` makes it, commits it or rolls it back.

    Product code reads and writes with it, and never commits.
    """

    def __init__(self, database: "Database", engine: AsyncEngine, *, writes: bool = True) -> None:
        super().__init__(bind=engine, expire_on_commit=False)
        self.database = database
        self.writes = writes
        self.schema = database.schema
        self.envelope: Envelope | None = None
        """The event being acted on; none at the edge."""
        self.asker: Asker = SERVICE
        """For whom this is done: the edge says so where somebody asks."""
        self.told: set[tuple[UUID, int]] = set()
        """Aggregate and version of each fact recorded in this transaction."""
        self.keys: dict[UUID, SubjectKey] = {}
        """Keys that were made or read in this transaction: `sealing/keys.py`."""
        self._after_commit: list[Callable[[], None]] = []
        self._line: AsyncConnection | None = None
        """The connection this transaction has, once it has begun."""
        self._straight: Straight | None = None
        """The short way to the driver, where there is one."""

    def now(self) -> datetime:
        return self.database.world.now()

    def new_id(self) -> UUID:
        return self.database.world.new_id()

    async def execute(
        self,
        statement: Executable,
        params: Values = None,
        **options: Any,  # noqa: ANN401 - SQLAlchemy's own
    ) -> Result[*tuple[Any, ...]]:
        """Say a statement; models are for `exec`, here are tables and plain rows.

        A statement on tables goes straight to the connection: on its way through the session it
        would cost twice as much.
        """
        if options or _is_on_models(statement):
            return await AsyncSession.execute(self, statement, params, **options)
        if self._line is None:
            self._line = await self.connection()
            self._straight = self.database.straight_on(self._line)
        return await self._line.run_sync(_say, statement, params)

    async def change(self, statement: UpdateBase, values: Mapping[str, Any]) -> int:
        """Say an insert, update or delete that gives no rows; how many rows it touched.

        Best for a statement that is made once: the driver then gets it at once (`straight.py`).
        """
        if self._line is not None and self._straight is not None:  # its transaction has begun
            said = self._straight.way(self._line, statement, values)
            if said is not None:
                return await self._straight.say(self._line, said, values)
        result = await self.execute(statement, values)
        assert isinstance(result, CursorResult)  # noqa: S101 - such statements give nothing else
        return result.rowcount

    async def commit(self) -> None:
        self._line = None
        await super().commit()

    async def rollback(self) -> None:
        self._line = None
        await super().rollback()

    async def insert(self, row: type[SQLModel], values: Mapping[str, Any]) -> None:
        """Store a new row, of which no object is needed: at once, and at half the work of `add`."""
        await self.change(_insert(row), values)

    async def lock(self, *names: str) -> None:
        """Be the only transaction that holds these names, until this one ends.

        For rules that no constraint can hold ("nobody is booked twice"): read, decide and write
        under one lock. SQLite has one writer at a time, so there it costs nothing. Always lock
        everything in one call: two calls can wait for each other in a circle.
        """
        if self.database.dialect == "postgresql":
            for key in sorted({lock_key(f"{self.schema.name}:{name}") for name in names}):
                await self.execute(_LOCK, {"key": key})

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` once this transaction is durable; never if it is rolled back.

        A crash in between loses the call: it may wake somebody up, it may not be the work itself.
        """
        self._after_commit.append(callback)

    def take_after_commit(self) -> list[Callable[[], None]]:
        """The callbacks, which are then forgotten here."""
        callbacks, self._after_commit = self._after_commit, []
        return callbacks
