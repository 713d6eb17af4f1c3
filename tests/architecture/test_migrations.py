"""Migrations build exactly the tables that the stores say there are, on both databases."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect

from shared.contracts.catalogue import SERVICES
from shared.plumbing import migrations
from shared.plumbing.database import Database, Schema
from tests.architecture.stores import schema_of
from tests.fixtures import backends

MADE_BY_HAND = ("ex_held_time_overlap",)
"""Constraints that only a migration makes, because tables in Python cannot say them on both
databases. Each has a test of its own beside the service's other tests."""


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_build_exactly_the_tables_in_the_code(any_store, service):
    schema = schema_of(service)
    if schema is None:
        backends.could_not_run(f"the migrations of {service}", "it has no store yet")
        pytest.skip(f"{service} has no store yet")
    migrated = await any_store(schema, empty=True)
    made = await any_store(schema)

    await migrations.upgrade(migrated.url, service)

    advice = f'python -m shared.plumbing.migrations write {service} "what changes"'
    assert await looked_at(migrated, lambda sync: differences(sync, schema)) == [], advice
    different = await looked_at(migrated, tables) ^ await looked_at(made, tables)
    assert {line for line in different if not is_made_by_hand(line)} == set(), advice


def is_made_by_hand(line: str) -> bool:
    return any(f"name={name}," in line for name in MADE_BY_HAND)


async def looked_at(database: Database, look: Callable[[Connection], Any]) -> Any:
    async with database.transaction() as session:
        return await (await session.connection()).run_sync(look)


def differences(connection: Connection, schema: Schema) -> list[Any]:
    """What Alembic itself would still change."""
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True}
    )
    return compare_metadata(context, schema.metadata)


def tables(connection: Connection) -> set[str]:
    """Everything the database says about its tables, a line each, names of constraints too."""
    inspector = inspect(connection)
    return {
        f"{table}: {kind}: {in_words(thing)}"
        for table in set(inspector.get_table_names()) - {"alembic_version"}
        for kind, things in {
            "column": inspector.get_columns(table),
            "key": [inspector.get_pk_constraint(table)],
            "reference": inspector.get_foreign_keys(table),
            "unique": inspector.get_unique_constraints(table),
            "check": inspector.get_check_constraints(table),
            "index": inspector.get_indexes(table),
        }.items()
        for thing in things
    }


def in_words(thing: Mapping[str, Any]) -> str:
    """The same words for the same thing: expressions and types have no other way to be equal."""
    return ", ".join(
        f"{key}={{{in_words(value)}}}" if isinstance(value, Mapping) else f"{key}={value!s}"
        for key, value in sorted(thing.items())
    )
