"""A store with wrapped keys, and its key file."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from shared.plumbing.sealing import keyfile, keys
from shared.plumbing.sealing.keyring import Keyring, Kind
from shared.plumbing.sealing.wrapping import FileWrapper
from tests.plumbing.ledger import SCHEMA

PEOPLE = [UUID(int=number) for number in range(1, 11)]
KEYS = SCHEMA.tables.sealed_key


@pytest.fixture
def path(tmp_path):
    path = keyfile.path_of(tmp_path / "keys", "ledger")
    keyfile.save(path, keyfile.made("ledger", datetime(2026, 5, 1, tzinfo=UTC)))
    return path


@pytest.fixture
async def store(any_store, path):
    """A store with the keys of ten people."""
    return await with_keys(await any_store(SCHEMA), path)


@pytest.fixture
async def store_in_a_file(sqlite_store, path):
    """The same in a file, which can be copied."""
    return await with_keys(await sqlite_store(SCHEMA), path)


async def with_keys(store, path):
    store.keyring = Keyring("ledger", FileWrapper(path, "ledger"))
    async with store.transaction() as session:
        for person in PEOPLE:
            await keys.new(session, person, Kind.PERSON)
    return store


def rotate(path):
    changed = keyfile.load(path, "ledger").rotated(datetime(2026, 6, 1, tzinfo=UTC))
    keyfile.save(path, changed)
    return [one.kid for one in changed.keys]


async def readable(store, people=PEOPLE):
    """Whether each of these keys can be unwrapped, by a process that has none in memory."""
    store.keyring = Keyring("ledger", FileWrapper(store.keyring.wrapper.path, "ledger"))
    async with store.reading() as session:
        return None not in (await keys.of_all(session, people)).values()


async def marks(store):
    async with store.reading() as session:
        return set((await session.execute(select(KEYS.c.kid).distinct())).scalars())
