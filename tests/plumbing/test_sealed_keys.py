"""Keys in the store: made with what they seal, destroyed for good, wrapped anew at any time."""

import os

import pytest
from sqlalchemy import delete, func, select, text

from shared.plumbing import parked
from shared.plumbing.database import Database
from shared.plumbing.sealing import keys
from shared.plumbing.sealing.keyring import Keyring
from shared.plumbing.sealing.trouble import Damaged, KeysAway, WasErased
from shared.plumbing.sealing.wrapping import FileWrapper
from tests.plumbing.keyed_store import KEYS, PEOPLE, path, store
from tests.plumbing.ledger import SCHEMA

__all__ = ["path", "store"]

CANARY = b"Zebedee Canary"


async def test_the_keys_of_a_whole_page_cost_one_statement(store, monkeypatch):
    async with store.reading() as session:
        said = []
        execute = session.execute

        async def counted(*arguments, **options):
            said.append(arguments)
            return await execute(*arguments, **options)

        monkeypatch.setattr(session, "execute", counted)
        found = await keys.of_all(session, PEOPLE)

    assert len(said) == 1
    assert set(found) == set(PEOPLE)


async def test_a_destroyed_key_reads_as_erased_and_never_comes_back(store):
    async with store.transaction() as session:
        await keys.destroy(session, PEOPLE[0])
        await keys.destroy(session, PEOPLE[0])

    async with store.transaction() as session:
        assert (await keys.of_all(session, PEOPLE))[PEOPLE[0]] is None
        with pytest.raises(WasErased):
            await keys.of(session, PEOPLE[0])
    async with store.reading() as session:
        row = (await session.execute(select(KEYS).where(KEYS.c.subject_id == PEOPLE[0]))).one()
    assert (row.kid, row.wrapped) == (b"", b"")


async def test_another_process_stops_using_a_key_as_soon_as_it_is_destroyed(store):
    other = Database(store.url, SCHEMA, keyring=store.keyring)
    async with other.reading() as session:
        assert await keys.of(session, PEOPLE[0])
    async with store.transaction() as session:
        await session.execute(keys._destroy(KEYS), {"gone": PEOPLE[0]})

    async with other.reading() as session:
        with pytest.raises(WasErased):
            await keys.of(session, PEOPLE[0])
    await other.close()


async def test_a_key_that_was_lost_is_told_from_one_that_was_destroyed(store):
    async with store.transaction() as session:
        await session.execute(delete(KEYS).where(KEYS.c.subject_id == PEOPLE[0]))

    async with store.reading() as session:
        with pytest.raises(KeysAway) as why:
            await keys.of(session, PEOPLE[0])
    assert why.value.code == "keys_missing"


async def test_two_keys_that_were_swapped_in_the_store_do_not_unwrap(store):
    async with store.transaction() as session:
        found = await session.execute(select(KEYS.c.subject_id, KEYS.c.wrapped).limit(2))
        (one, its_key), (other, others_key) = found.all()
        for subject, wrapped in ((one, others_key), (other, its_key)):
            changed = KEYS.update().where(KEYS.c.subject_id == subject).values(wrapped=wrapped)
            await session.execute(changed)

    store.keyring.forget(one)
    async with store.reading() as session:
        with pytest.raises(Damaged):
            await keys.of(session, one)


async def test_f38_without_keys_nothing_is_parked_and_the_event_stays_in_its_stream(store, path):
    os.rename(path, path.with_name("away"))
    store.keyring = Keyring("ledger", FileWrapper(path, "ledger"))

    with pytest.raises(KeysAway):
        async with store.transaction() as session:
            await parked.park(session, "reader", {}, CANARY, "library.x.v1", 1, "X")

    async with store.reading() as session:
        table = SCHEMA.tables.parked_event
        assert await session.scalar(select(func.count()).select_from(table)) == 0


async def test_what_is_parked_cannot_be_read_in_the_store(store):
    async with store.transaction() as session:
        parked_id = await parked.park(
            session, "reader", {"x": CANARY.decode()}, CANARY, "library.x.v1", 1, "X"
        )
        await parked.ask_discard(session, parked_id, CANARY.decode())

    async with store.reading() as session:
        row = (await session.execute(select(SCHEMA.tables.parked_event))).one()
        whole = b"".join(one for one in row if isinstance(one, bytes))
        event = await parked.find(session, parked_id)
    assert CANARY not in whole
    assert (event.body, event.reason) == (CANARY, CANARY.decode())


async def test_two_processes_that_need_the_services_key_first_keep_one(store):
    ring = Keyring("ledger", FileWrapper(store.keyring.wrapper.path, "ledger"))
    other = Database(store.url, SCHEMA, keyring=ring)
    async with store.transaction() as session:
        one = await keys.of_service(session)
    async with other.transaction() as session:
        another = await keys.of_service(session)
    await other.close()

    assert one.key.kid == another.key.kid
    async with store.reading() as session:
        count = text("SELECT count(*) FROM sealed_key WHERE kind = 'service'")
        assert await session.scalar(count) == 1
