"""Which trouble passes by itself, told apart on real stores."""

import asyncio
import errno
import socket

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.plumbing.database import Database
from shared.plumbing.unreachable import is_unreachable
from tests.fixtures.databases import connect
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    a_house,
    baked,
    parked_events,
    rows_of,
    services,
    shop_hearing,
    tell,
    until_shelved,
)


async def error_of(database: Database, *statements: str) -> Exception:
    try:
        async with database.transaction() as session:
            for statement in statements:
                await session.execute(text(statement))
    except Exception as error:
        return error
    finally:
        await database.close()
    raise AssertionError("nothing went wrong")


@pytest.mark.parametrize(
    "mistake",
    [
        "INSERT INTO nowhere VALUES (1)",
        "SELECT nothing FROM shelf",
        "THIS IS NOT SQL",
        "INSERT INTO shelf (place) VALUES (1)",
    ],
)
async def test_a_mistake_in_the_code_does_not_pass(any_store, mistake):
    error = await error_of(await any_store(SHOP), mistake)

    assert isinstance(error, DBAPIError)
    assert not is_unreachable(error)


async def test_a_store_that_somebody_else_has_locked_passes(sqlite_store):
    store = await sqlite_store(SHOP)
    async with aiosqlite.connect(store.url.database, isolation_level=None) as other:
        await other.execute("BEGIN IMMEDIATE")

        error = await error_of(store, "PRAGMA busy_timeout = 0", "DELETE FROM shelf")

    assert is_unreachable(error)


async def test_a_store_that_cannot_be_opened_passes(tmp_path):
    store = Database(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/store.db", SHOP)

    assert is_unreachable(await error_of(store, "SELECT 1"))


async def test_a_connection_the_server_ended_passes(postgres_store):
    store = await postgres_store(SHOP)

    error = await error_of(store, "SELECT pg_terminate_backend(pg_backend_pid())")

    assert is_unreachable(error)


async def test_a_deadlock_passes(postgres_store):
    store = await postgres_store(SHOP)

    error = await error_of(
        store, "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$"
    )

    assert is_unreachable(error)


async def test_a_server_that_is_not_there_passes():
    store = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing", SHOP)

    assert is_unreachable(await error_of(store, "SELECT 1"))


async def test_a_database_that_is_not_there_does_not_pass_unseen(postgres_store):
    """Wrong settings: nothing can be counted in such a store, so nothing is parked either."""
    store = await postgres_store(SHOP)
    elsewhere = Database(store.url.set(database="no_such_database"), SHOP)

    assert await error_of(elsewhere, "SELECT 1") is not None


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (PoolTimeout(), True),
        (socket.gaierror(), True),
        (OSError(errno.EHOSTUNREACH, "no route"), True),
        (OSError("Multiple exceptions: [Errno 111] one, [Errno 111] two"), True),
        (FileNotFoundError(errno.ENOENT, "no template"), False),
        (PermissionError(errno.EACCES, "no"), False),
        (OSError("something else"), False),
        (RuntimeError(), False),
        (KeyError(), False),
        (IntegrityError("insert", {}, Exception()), False),
    ],
)
def test_what_passes_and_what_does_not(error, passes):
    assert is_unreachable(error) is passes


def test_what_was_raised_from_trouble_that_passes_passes_too():
    def ask() -> None:
        try:
            raise ConnectionResetError
        except ConnectionResetError as away:
            raise RuntimeError("no answer") from away

    with pytest.raises(RuntimeError) as raised:
        ask()

    assert is_unreachable(raised.value)


async def test_while_postgresql_ends_every_connection_nothing_is_counted_and_all_is_acted_on(
    parley_broker, postgres_store, sqlite_store, quick_retries
):
    store = await postgres_store(SHOP)
    hearing = shop_hearing()
    async with a_house(await parley_broker(services(hearing))) as house:
        await house.bus("shop", store, hearing)
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))
        outside = await connect(store.url.set(database="postgres"))
        try:
            for number in range(30):
                await tell(bakery, baked(number))
                await outside.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = $1 AND pid <> pg_backend_pid()",
                    store.url.database,
                )
                await asyncio.sleep(0.01)
        finally:
            await outside.close()

        assert await until_shelved(store, 30) == list(range(30))
        assert await rows_of(store, "failing_event") == 0
        assert await parked_events(store) == []
