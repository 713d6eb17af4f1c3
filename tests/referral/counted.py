"""What a store is made to do while something happens."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, func, select

from services.referral.store import SCHEMA
from shared.plumbing.database import Database


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """The statements that are said from now on, each cut down to its first words."""
    said: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        said.append(" ".join(statement.split()[:3]))

    engines = {database._writer.sync_engine, database._reader.sync_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


async def rows_of(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    async with database.reading() as session:
        return {
            table.name: await session.scalar(select(func.count()).select_from(table)) or 0
            for table in SCHEMA.metadata.sorted_tables
        }
