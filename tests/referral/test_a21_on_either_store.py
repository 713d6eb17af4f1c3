"""A21 on SQLite and PostgreSQL: a whole copy of the store, made before an erasure, put back after.

Through real processes and with the broker: `tests/faults/test_a21_older_backup.py`.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.referral import remembering, store
from services.referral.store import SCHEMA
from shared.plumbing.database import Database
from shared.plumbing.ledger import Ledger
from tests.fixtures.databases import connect
from tests.referral.cases import an_open_case
from tests.referral.erasing import erase
from tests.referral.told import facts


@asynccontextmanager
async def copied(database: Database, tmp_path) -> AsyncIterator[Database]:
    """The store as it is now, in a place of its own, whatever becomes of it."""
    if database.dialect == "sqlite":
        async with database.transaction() as session:
            (await session.execute(store.erasures.ERASED.select())).all()
        await database.close()  # what is in the log is written into the file
        path = tmp_path / "backup.db"
        shutil.copy(database.url.database, path)
        yield Database(f"sqlite+aiosqlite:///{path}", SCHEMA, database.world, database.keyring)
        return
    await database.close()
    name = f"{database.url.database}_backup"
    outside = await connect(database.url.set(database="template1"))
    await outside.execute(f'CREATE DATABASE "{name}" TEMPLATE "{database.url.database}"')
    copy = Database(database.url.set(database=name), SCHEMA, database.world, database.keyring)
    try:
        yield copy
    finally:
        await copy.close()
        await outside.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await outside.close()


async def is_readable(database: Database, person_id) -> bool:
    async with database.reading() as session:
        person = await store.people.find(session, person_id)
        found = await store.search.by_email(session, "sam@example.org")
        contact = await store.people.contact_of(session, person_id)
    traces = (person.name == "Sam Example", person_id in found, contact is not None)
    assert len(set(traces)) == 1, traces
    return traces[0]


async def test_a21_an_older_copy_of_the_store_brings_nobody_back(database, ledger, tmp_path):
    case = await an_open_case(database)
    async with copied(database, tmp_path) as older:
        await erase(database, ledger, case.sam)
        assert await is_readable(older, case.sam)

        done = await remembering.settle(older, ledger)

        assert done.again == [case.sam]
        assert not await is_readable(older, case.sam)
        assert (await facts(older))[-1] == "person_erased", "the others are told again"
        async with older.reading() as session:
            assert (await store.people.find(session, case.kim)).name == "Kim Example"
        await older.close()


async def test_a21_without_the_ledger_they_would_be_readable_again(database, ledger, tmp_path):
    case = await an_open_case(database)
    async with copied(database, tmp_path) as older:
        await erase(database, ledger, case.sam)

        await remembering.settle(older, Ledger(tmp_path / "lost"))

        assert await is_readable(older, case.sam), "nothing else keeps them erased"
        await older.close()


@pytest.mark.parametrize("times", [1, 2])
async def test_a_start_with_the_ledger_may_be_repeated(database, ledger, tmp_path, times):
    case = await an_open_case(database)
    async with copied(database, tmp_path) as older:
        await erase(database, ledger, case.sam)
        for _ in range(times):
            await remembering.settle(older, ledger)

        assert (await facts(older)).count("person_erased") == 1
        await older.close()
