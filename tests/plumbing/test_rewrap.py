"""Wrapping every key anew: online, cut off anywhere, and never to the loss of anybody's data."""

import asyncio
import shutil
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.plumbing import crash
from shared.plumbing.database import Database
from shared.plumbing.sealing import keyfile, keys, kids
from shared.plumbing.sealing import rewrap as wrapping_anew
from shared.plumbing.sealing.keyring import Keyring
from shared.plumbing.sealing.rewrap import number_left, rewrap
from shared.plumbing.sealing.wrapping import FileWrapper
from tests.plumbing.keyed_store import PEOPLE, marks, path, readable, rotate, store, store_in_a_file
from tests.plumbing.ledger import SCHEMA

__all__ = ["path", "store", "store_in_a_file"]


async def test_wrapping_anew_leaves_everything_readable_and_the_old_key_unused(store, path):
    new, old = rotate(path)
    async with store.transaction() as session:
        await keys.destroy(session, PEOPLE[3])

    steps = [step async for step in rewrap(store, at_once=4)]

    assert [step.wrapped for step in steps] == [4, 4, 1]
    assert await marks(store) == {new, b""}
    assert await number_left(store) == 0
    keyfile.save(path, keyfile.load(path, "ledger").without(old))
    assert await readable(store, [one for one in PEOPLE if one != PEOPLE[3]])
    assert [step async for step in rewrap(store)] == []


async def test_somebody_erased_while_keys_are_wrapped_anew_stays_erased(store, path):
    rotate(path)

    async for _ in rewrap(store, at_once=3):
        async with store.transaction() as session:
            await keys.destroy(session, PEOPLE[0])
            await keys.destroy(session, PEOPLE[5])

    async with store.reading() as session:
        found = await keys.of_all(session, PEOPLE)
    assert [one for one in PEOPLE if found[one] is None] == [PEOPLE[0], PEOPLE[5]]


async def test_an_erasure_between_reading_and_writing_is_not_undone(store, path, monkeypatch):
    """The row that was read is written only if it is still the same."""
    rotate(path)
    steps = rewrap(store, at_once=20)
    write = wrapping_anew._write

    async def erased_first(database, done):
        async with database.transaction() as session:
            await keys.destroy(session, PEOPLE[2])
        await write(database, done)

    monkeypatch.setattr(wrapping_anew, "_write", erased_first)
    [_ async for _ in steps]

    async with store.reading() as session:
        assert (await keys.of_all(session, PEOPLE))[PEOPLE[2]] is None


async def test_keys_nobody_can_unwrap_are_counted_and_left_as_they_are(store, path):
    before = await marks(store)
    path.unlink()
    keyfile.save(path, keyfile.made("ledger", datetime(2026, 6, 1, tzinfo=UTC)))
    store.keyring = Keyring("ledger", FileWrapper(path, "ledger"))

    steps = [step async for step in rewrap(store, at_once=4)]

    assert sum(step.unreadable for step in steps) == len(PEOPLE)
    assert await marks(store) == before
    assert (await kids.trouble(store)).code == "keys_wrong"


@pytest.mark.parametrize(
    "point", ["rewrap.after_read", "rewrap.before_commit", "rewrap.after_commit"]
)
@pytest.mark.parametrize("batch", [1, 2, 3])
async def test_whenever_wrapping_anew_is_cut_off_everything_stays_readable(
    store, path, monkeypatch, point, batch
):
    new, _ = rotate(path)
    reached = []

    def die(name):
        reached.append(name)
        if reached.count(point) == batch and name == point:
            raise ConnectionAbortedError

    monkeypatch.setattr(crash, "hook", die)
    with suppress(ConnectionAbortedError):
        [_ async for _ in rewrap(store, at_once=4)]
    monkeypatch.setattr(crash, "hook", None)

    assert await readable(store)
    assert [_ async for _ in rewrap(store, at_once=4)] or point == "rewrap.after_commit"
    assert await readable(store)
    assert await marks(store) == {new}


KILLED = """
import asyncio, os, sys
from pathlib import Path
from sqlalchemy import event
from shared.plumbing.database import Database
from shared.plumbing.sealing.keyring import Keyring
from shared.plumbing.sealing.rewrap import rewrap
from shared.plumbing.sealing.wrapping import FileWrapper
from tests.plumbing.ledger import SCHEMA

url, path, at = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
seen = 0

def one_more(*_):
    global seen
    seen += 1
    if seen == at:
        os.kill(os.getpid(), 9)

async def main():
    database = Database(url, SCHEMA, keyring=Keyring("ledger", FileWrapper(path, "ledger")))
    for engine in {database._writer.sync_engine, database._reader.sync_engine}:
        event.listen(engine, "before_cursor_execute", one_more)
        event.listen(engine, "after_cursor_execute", one_more)
        event.listen(engine, "commit", one_more)
    async for _ in rewrap(database, at_once=4):
        pass
    print("done")

asyncio.run(main())
"""


async def test_kill_9_at_every_statement_leaves_every_key_readable(store, path):
    new, old = rotate(path)
    url = store.url.render_as_string(hide_password=False)
    survived = False
    for at in range(1, 40):
        done = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", KILLED, url, str(path), str(at)),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await asyncio.wait_for(done.communicate(), 60)
        assert await readable(store)
        survived = said == b"done\n"
        if survived:
            break
        assert done.returncode == -9

    assert survived
    assert at > 5
    assert await marks(store) == {new}
    keyfile.save(path, keyfile.load(path, "ledger").without(old))
    assert await readable(store)


async def test_a_store_from_before_the_rotation_opens_with_the_old_key_only(store_in_a_file, path):
    store = store_in_a_file
    older_keys = path.with_name("older.keys")
    shutil.copy2(path, older_keys)
    await store.close()
    older_file = Path(f"{store.url.database}.older")
    shutil.copy(store.url.database, older_file)
    _, old = rotate(path)
    keyfile.save(path, keyfile.load(path, "ledger").without(old))

    for file, opens in ((path, False), (older_keys, True)):
        ring = Keyring("ledger", FileWrapper(file, "ledger"))
        older = Database(store.url.set(database=str(older_file)), SCHEMA, keyring=ring)
        away = await kids.trouble(older)
        assert (away is None) == opens
        await older.close()
