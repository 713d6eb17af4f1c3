"""What is particular to PostgreSQL: settings that would lose work, and a server that goes away."""

import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from shared.plumbing.database import Database, NotDurable
from tests.fixtures.databases import connect
from tests.plumbing.ledger import SCHEMA, PageRow

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
"""Ends every connection to a database, as a restart or a fail-over would."""


async def test_a_server_that_forgets_what_it_acknowledged_is_refused(
    postgres_store, postgres_server
):
    database = await postgres_store(SCHEMA)
    admin = await connect(postgres_server.url)
    await admin.execute(f'ALTER DATABASE "{database.url.database}" SET synchronous_commit = off')
    await admin.close()

    with pytest.raises(NotDurable, match="synchronous_commit=off"):
        await database.ping()


async def test_after_the_server_dropped_every_connection_the_next_transaction_works(
    postgres_store, postgres_server
):
    database = await postgres_store(SCHEMA)
    async with database.transaction() as session:
        session.add(PageRow(id=uuid4(), number=1))
    admin = await connect(postgres_server.url)
    await admin.execute(CUT, database.url.database)
    await admin.close()
    await asyncio.sleep(0.2)  # until the news is here

    async with database.transaction() as session:
        session.add(PageRow(id=uuid4(), number=2))

    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(PageRow)) == 2


@pytest.mark.parametrize("when", ["before the news", "after the news"])
async def test_an_error_from_a_cut_connection_says_that_it_was_cut(
    postgres_store, postgres_server, when
):
    database = await postgres_store(SCHEMA)

    async def write() -> None:
        async with database.transaction() as session:
            await session.execute(insert(PageRow).values(id=uuid4(), number=1))
            admin = await connect(postgres_server.url)
            await admin.execute(CUT, database.url.database)
            await admin.close()
            await asyncio.sleep(0.2 if when == "after the news" else 0)
            await session.execute(insert(PageRow).values(id=uuid4(), number=2))

    with pytest.raises(DBAPIError) as caught:
        await write()

    assert caught.value.connection_invalidated


async def test_who_is_connected_can_be_seen_by_service(postgres_store):
    database = await postgres_store(SCHEMA)

    async with database.reading() as session:
        name = await session.scalar(select(func.current_setting("application_name")))

    assert name == "parley-ledger"


async def test_a_server_that_is_not_there_is_an_error_and_not_a_wait():
    database = Database("postgresql+asyncpg://postgres@127.0.0.1:1/parley", SCHEMA)

    with pytest.raises(OSError, match="Connect call failed"):
        await database.ping()
    await database.close()


async def test_every_reading_transaction_has_one_fixed_view_even_on_a_new_connection(
    postgres_store,
):
    database = await postgres_store(SCHEMA)

    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(database.reading()) for _ in range(3)]
        levels = [
            await session.scalar(select(func.current_setting("transaction_isolation")))
            for session in sessions
        ]

    assert levels == ["repeatable read"] * 3
