"""A15: in a store made by the migrations, too, nothing recorded can be changed or removed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.contracts.catalogue import SERVICES
from shared.plumbing import audit, migrations
from shared.plumbing.audit_tables import KEYS
from tests.architecture.stores import schema_of
from tests.plumbing.audited import an_entry

TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}


async def guards(store) -> dict[str, str]:
    async with store.reading() as session:
        rows = await session.execute(text(TRIGGERS[store.dialect]))
        return {row[0]: row[1] for row in rows if "audit" in row[0]}


@pytest.mark.parametrize("service", SERVICES)
async def test_a15_a_migrated_store_refuses_what_the_code_says_it_refuses(any_store, service):
    schema = schema_of(service)
    migrated, made = await any_store(schema, empty=True), await any_store(schema)
    await migrations.upgrade(migrated.url, service)
    async with migrated.transaction() as session:
        await audit.record(session, an_entry())

    for act in ("UPDATE audit_entry SET role = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(DBAPIError, match="the audit is only added to"):
            async with migrated.transaction() as session:
                await session.execute(text(act))

    assert await guards(migrated) == await guards(made)
    assert len(await guards(made)) == len(KEYS) * (3 if made.dialect == "sqlite" else 1)


async def test_looks_recorded_before_become_entries(sqlite_store):
    """In which role somebody looked was not noted then, and is not made up now."""
    from alembic import command

    store = await sqlite_store(schema_of("referral"), empty=True)
    config = migrations._config("referral")

    def to_first(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for number, seen in enumerate(("name", "address")):
            connection.execute(
                text("INSERT INTO look VALUES (:id, '2026-03-02 09:00:00', :staff, :who, :seen)"),
                {"id": f"{number:032x}", "staff": "b" * 32, "who": "c" * 32, "seen": seen},
            )

    await migrations._on(store.url, "referral", to_first)
    await migrations.upgrade(store.url, "referral")

    async with store.reading() as session:
        rows = (
            await session.execute(
                text("SELECT verb, fields, purpose, role FROM audit_entry ORDER BY id")
            )
        ).all()
    assert [tuple(row) for row in rows] == [
        ("consultation", "name", "name_cards", "staff"),
        ("disclosure", "contact", "contact_permit", "staff"),
    ]
