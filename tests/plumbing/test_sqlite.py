"""What is particular to SQLite: durability, one writer, other processes."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, text, update

from shared.plumbing.database import Database
from shared.plumbing.database.one_hop import OneHopConnection
from tests.plumbing.ledger import SCHEMA, PageRow


async def test_a_commit_survives_a_power_cut(sqlite_store):
    database = await sqlite_store(SCHEMA)

    async with database.transaction() as session:
        pragmas = {
            name: await session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


async def test_a_transaction_takes_its_turn_before_it_reads(sqlite_store):
    database = await sqlite_store(SCHEMA)

    async with database.transaction() as session:
        await session.scalar(select(func.count()).select_from(PageRow))
        other = sqlite3.connect(database.url.database, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


async def test_a_transaction_holds_nobody_up_before_its_first_statement(sqlite_store):
    database = await sqlite_store(SCHEMA)

    async with database.transaction():
        other = sqlite3.connect(database.url.database, timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.execute("COMMIT")
        other.close()


async def test_reading_goes_on_while_somebody_writes(sqlite_store):
    database = await sqlite_store(SCHEMA)

    async with database.transaction() as writing:
        await writing.execute(insert(PageRow).values(id=uuid4(), number=1))
        async with asyncio.timeout(4), database.reading() as reading:
            assert await reading.scalar(select(func.count()).select_from(PageRow)) == 0


async def test_writers_of_several_processes_do_not_find_the_database_locked(sqlite_store):
    database = await sqlite_store(SCHEMA)
    page = uuid4()
    async with database.transaction() as session:
        session.add(PageRow(id=page, number=0))
    script = textwrap.dedent("""
        import asyncio, sys
        from sqlalchemy import select, update
        from shared.plumbing.database import Database
        from tests.plumbing.ledger import SCHEMA, PageRow

        async def main():
            database = Database(sys.argv[1], SCHEMA)
            for _ in range(50):
                async with database.transaction() as session:
                    number = (await session.execute(select(PageRow.number))).scalar_one()
                    await session.execute(update(PageRow).values(number=number + 1))
            await database.close()

        asyncio.run(main())
    """)
    command = [sys.executable, "-c", script, str(database.url)]
    others = [
        await asyncio.create_subprocess_exec(*command, env={**os.environ, "PYTHONPATH": "."})
        for _ in range(2)
    ]
    for _ in range(50):
        async with database.transaction() as session:
            number = (await session.execute(select(PageRow.number))).scalar_one()
            await session.execute(update(PageRow).values(number=number + 1))

    assert [await other.wait() for other in others] == [0, 0]
    async with database.reading() as session:
        assert (await session.execute(select(PageRow.number))).scalar_one() == 150


async def test_writers_of_one_process_take_their_turns_in_the_order_they_came(sqlite_store):
    database = await sqlite_store(SCHEMA)
    turns = []

    async def write(number: int) -> None:
        async with database.transaction() as session:
            session.add(PageRow(id=uuid4(), number=number))
            await session.flush()
            turns.append(number)

    await asyncio.gather(*(write(number) for number in range(30)))

    assert turns == list(range(30))


async def test_a_statement_that_was_given_up_is_still_rolled_back(tmp_path):
    path = str(tmp_path / "store.db")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    connection = await OneHopConnection(path)
    await connection.cursor().execute("PRAGMA busy_timeout = 5000")
    connection.begin_with = "BEGIN IMMEDIATE"
    waiting = asyncio.create_task(connection.cursor().execute("SELECT 1"))
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    other.execute("COMMIT")

    await connection.rollback()
    await connection.cursor().execute("SELECT 1")

    assert not connection.in_transaction
    await connection.close()
    other.close()


@asynccontextmanager
async def who_works(path, *, writes):
    """A connection with a transaction to begin, and whether its next statement is done here."""
    connection = await OneHopConnection(path, writes=writes)
    await connection.create_function("who", 0, threading.get_ident)
    connection.begin_with = "BEGIN IMMEDIATE" if writes else "BEGIN"

    async def is_done_here() -> bool:
        cursor = connection.cursor()
        await cursor.execute("SELECT who()")
        return cursor.rows == [(threading.get_ident(),)]

    yield is_done_here
    await connection.close()


@pytest.mark.parametrize("writes", [True, False])
async def test_only_what_waits_for_nobody_is_done_where_everybody_is_served(tmp_path, writes):
    async with who_works(str(tmp_path / "store.db"), writes=writes) as is_done_here:
        # Whoever only reads may read for long.
        assert [await is_done_here(), await is_done_here()] == [writes, writes]


async def test_whoever_waits_for_another_process_does_not_hold_everybody_up(tmp_path):
    path = str(tmp_path / "store.db")
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    # Only when nobody is served any more: then the lock is free, and taken on the spot.
    rescue = threading.Timer(2, other.execute, ["COMMIT"])
    rescue.start()
    async with who_works(path, writes=True) as is_done_here:
        waiting = asyncio.create_task(is_done_here())
        await asyncio.sleep(0.1)
        rescue.cancel()
        if other.in_transaction:
            other.execute("COMMIT")

        assert [await waiting, await is_done_here()] == [False, True]
    other.close()


async def test_many_rows_and_what_an_insert_returns_come_back_whole(sqlite_store):
    database = await sqlite_store(SCHEMA)
    rows = [{"id": uuid4(), "number": number} for number in range(500)]

    async with database.transaction() as session:
        await session.execute(insert(PageRow), rows)
        returned = await session.execute(
            insert(PageRow).returning(PageRow.number), {"id": uuid4(), "number": 500}
        )
        assert returned.scalar_one() == 500
        changed = await session.execute(update(PageRow).values(number=PageRow.number + 1))
        assert changed.rowcount == 501

    async with database.reading() as session:
        found = await session.execute(select(PageRow.number).order_by(PageRow.number))
        assert found.scalars().all() == list(range(1, 502))
        first = (await session.execute(select(PageRow).order_by(PageRow.number))).scalars().first()
        assert first.number == 1
        streamed = await session.stream(select(PageRow.number).order_by(PageRow.number))
        assert [number async for (number,) in streamed] == list(range(1, 502))


async def test_a_savepoint_undoes_only_what_came_after_it(sqlite_store):
    database = await sqlite_store(SCHEMA)

    async with database.transaction() as session:
        await session.execute(insert(PageRow).values(id=uuid4(), number=1))
        savepoint = await session.begin_nested()
        await session.execute(insert(PageRow).values(id=uuid4(), number=2))
        await savepoint.rollback()

    async with database.reading() as session:
        assert (await session.execute(select(PageRow.number))).scalars().all() == [1]


def test_a_store_in_memory_is_refused():
    with pytest.raises(ValueError, match="needs a file"):
        Database("sqlite+aiosqlite://", SCHEMA)


async def test_a_process_that_forgot_to_close_its_store_still_ends(sqlite_store):
    database = await sqlite_store(SCHEMA)
    script = textwrap.dedent("""
        import asyncio, sys
        from shared.plumbing.database import Database
        from tests.plumbing.ledger import SCHEMA, tell_many

        asyncio.run(tell_many(Database(sys.argv[1], SCHEMA), 1))
    """)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-W", "ignore", "-c", script, str(database.url)],
        env={**os.environ, "PYTHONPATH": "."},
        timeout=60,
    )

    assert done.returncode == 0
