"""What our own code says to the store, as the driver gets it: the limit says the same again."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from shared.plumbing.database import Database


@dataclass(frozen=True)
class Statement:
    """One statement and its values."""

    sql: str
    values: Any
    many: bool

    @property
    def gives_rows(self) -> bool:
        return self.sql.lstrip().startswith("SELECT") or " RETURNING " in self.sql


Transaction = tuple[Statement, ...]


@contextmanager
def recorded(database: Database) -> Iterator[list[Transaction]]:
    """Every transaction that writes, or may, and is committed while the block lasts, in order."""
    transactions: list[Transaction] = []
    open_ones: dict[int, list[Statement]] = {}

    def on_statement(
        connection: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: bool
    ) -> None:
        open_ones.setdefault(id(connection), []).append(Statement(sql, values, many))

    def on_commit(connection: Any) -> None:
        transactions.append(tuple(open_ones.pop(id(connection), ())))

    def on_rollback(connection: Any) -> None:
        open_ones.pop(id(connection), None)

    engine = database._writer.sync_engine
    heard = [
        ("before_cursor_execute", on_statement),
        ("commit", on_commit),
        ("rollback", on_rollback),
    ]
    for name, listener in heard:
        event.listen(engine, name, listener)
    try:
        yield transactions
    finally:
        for name, listener in heard:
            event.remove(engine, name, listener)


class Echo:
    """What our code said in transactions of one kind, to be said again, once each."""

    def __init__(self, transactions: list[Transaction], words: str, *but_not: str) -> None:
        self._transactions, self._heard = transactions, 0
        self._words, self._but_not = words, but_not
        self._left: deque[Transaction] = deque()

    def gather(self) -> None:
        """Look through what was said meanwhile; before the clock starts, as it takes a while."""
        for transaction in self._transactions[self._heard :]:
            said = [" ".join(one.sql.split()) for one in transaction]
            if self._is_one(said):
                self._left.append(transaction)
        self._heard = len(self._transactions)

    def next(self) -> Transaction:
        """The oldest one that was not given yet."""
        if not self._left:
            self.gather()
        return self._left.popleft()

    def _is_one(self, said: list[str]) -> bool:
        return any(one.startswith(self._words) for one in said) and not any(
            one.startswith(words) for one in said for words in self._but_not
        )
