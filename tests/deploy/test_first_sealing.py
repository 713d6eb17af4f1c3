"""A store from a release that sealed nothing is sealed by the migration, whole or not at all."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import text

from services.referral import store
from services.referral.store import SCHEMA
from services.scheduling import store as scheduling
from shared.contracts.words import Channel
from shared.plumbing import migrations, parked
from shared.plumbing.database import Database
from shared.plumbing.sealing import first_sealing
from shared.plumbing.sealing.trouble import KeysAway
from tests.fixtures import keys
from tests.fixtures.databases import connect

CANARY = "Zebedee Canary"
PEOPLE = [UUID(int=number) for number in range(1, 8)]
PARKED, VENUE = UUID(int=100), UUID(int=200)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
DETAILS = {
    **{"routes": [["email", "zebedee@canary.example"], ["text", "+447700900982"]]},
    **{"days": ["monday"], "opens_minute": 0, "closes_minute": 1440, "who_else": "nobody"},
    **{"voicemail": False, "avoid": ["canary"]},
}


async def as_before(database: Database, service: str) -> None:
    """Bring a store to the release before, with something personal in it."""
    config = migrations._config(service)

    def to_first(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    await migrations._on(database.url, service, to_first)
    now = NOW.replace(tzinfo=None) if database.dialect == "sqlite" else NOW
    async with database.transaction() as session:

        async def say(statement, **values):
            if database.dialect == "sqlite":
                values = {k: v.hex if isinstance(v, UUID) else v for k, v in values.items()}
            await session.execute(text(statement), values)

        await say(
            "INSERT INTO parked_event VALUES"
            " (:id, 'x', 'y', 'z', 1, :text, :body, 'E', 'parked', :now, :now, :text)",
            id=PARKED,
            text=json.dumps({"x": CANARY}),
            body=CANARY.encode(),
            now=now,
        )
        if service == "scheduling":
            await say(
                "INSERT INTO venue (id, label, kind, safety_note, step_free, retired, version)"
                " VALUES (:id, 'Hall', 'neutral', :note, true, false, 1)",
                id=VENUE,
                note=CANARY,
            )
        for number, person in enumerate(PEOPLE if service == "referral" else []):
            await say(
                "INSERT INTO person (id, name, version) VALUES (:id, :name, 3)",
                id=person,
                name=f"{CANARY} {number}",
            )
            await say(
                "INSERT INTO safe_contact (person_id, changed_at, details)"
                " VALUES (:id, :now, :details)",
                id=person,
                now=now,
                details=json.dumps(DETAILS),
            )


async def raw(database: Database) -> bytes:
    """Everything in the files of a SQLite store, or in the tables of PostgreSQL."""
    if database.dialect == "sqlite":
        path = Path(str(database.url.database))
        return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    server = await connect(database.url)
    found = []
    for (name,) in await server.fetch("SELECT relname FROM pg_class WHERE relkind IN ('r', 't')"):
        if name in ("person", "safe_contact", "venue", "parked_event"):
            found.append(str(await server.fetch(f'SELECT * FROM "{name}"')).encode())
    await server.close()
    return b"".join(found)


@pytest.fixture
async def older(any_store):
    database = await any_store(SCHEMA, empty=True)
    await as_before(database, "referral")
    return database


async def test_an_older_store_is_sealed_and_says_the_same_to_whoever_has_the_keys(
    older, monkeypatch
):
    monkeypatch.setattr(first_sealing, "AT_ONCE", 3)
    assert CANARY.encode() in await raw(older)

    await migrations.upgrade(older.url, "referral", keys.keyring("referral"))

    async with older.reading() as session:
        known = await store.people.known(session, PEOPLE)
        contacts = await store.people.contacts_of(session, PEOPLE)
        event = await parked.find(session, PARKED)
        found = await store.search.by_phone(session, "+447700900982")
        by_email = await store.search.by_email(session, "Zebedee@Canary.example")
    assert [known[one].name for one in PEOPLE] == [f"{CANARY} {n}" for n in range(len(PEOPLE))]
    assert {contacts[one].route_by(Channel.TEXT).address for one in PEOPLE} == {"+447700900982"}
    assert (event.headers, event.body) == ({"x": CANARY}, CANARY.encode())
    assert sorted(found) == sorted(by_email) == PEOPLE
    await older.close()
    assert CANARY.encode() not in await raw(older)
    assert b"canary.example" not in await raw(older)


async def test_an_older_store_is_not_touched_while_there_are_no_keys(older):
    with pytest.raises(KeysAway):
        await migrations.upgrade(older.url, "referral")

    state = await migrations.state(older.url, "referral")
    assert (state.current, state.level) == ("0001", "behind")
    assert CANARY.encode() in await raw(older)


@pytest.mark.parametrize("at", [1, 4, 7])
async def test_sealing_that_is_cut_off_leaves_the_store_as_it_was_and_is_done_again(
    older, monkeypatch, at
):
    change, done = first_sealing.change, []

    def cut_off(*arguments):
        done.append(arguments)
        if len(done) == at:
            raise ConnectionAbortedError
        change(*arguments)

    monkeypatch.setattr(first_sealing, "change", cut_off)
    with pytest.raises(ConnectionAbortedError):
        await migrations.upgrade(older.url, "referral", keys.keyring("referral"))
    assert (await migrations.state(older.url, "referral")).current == "0001"
    monkeypatch.setattr(first_sealing, "change", change)

    await migrations.upgrade(older.url, "referral", keys.keyring("referral"))

    async with older.reading() as session:
        assert len(await store.people.known(session, PEOPLE)) == len(PEOPLE)


async def test_notes_on_venues_are_sealed_with_the_services_own_key(any_store):
    database = await any_store(scheduling.SCHEMA, empty=True)
    await as_before(database, "scheduling")

    await migrations.upgrade(database.url, "scheduling", keys.keyring("scheduling"))

    async with database.reading() as session:
        assert (await scheduling.venues.find(session, VENUE)).safety_note == CANARY
        assert (await parked.find(session, PARKED)).body == CANARY.encode()
    await database.close()
    assert CANARY.encode() not in await raw(database)


async def test_a_store_with_nothing_personal_in_it_needs_no_keys(any_store):
    database = await any_store(SCHEMA, empty=True)

    await migrations.upgrade(database.url, "referral")

    assert (await migrations.state(database.url, "referral")).level == "level"
