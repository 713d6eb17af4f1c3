"""Changing the tables of a store that is in use, on both databases."""

import asyncio
import enum
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import inspect, text
from sqlmodel import Field, SQLModel

from shared.plumbing import migrations
from shared.plumbing.columns import UtcDateTime
from shared.plumbing.database import Schema, new_registry
from shared.plumbing.migrations import MigrationState, StoreIsNewer
from tests.plumbing import ledger
from tests.plumbing.ledger import SCHEMA, PageRow

ENV = """
from shared.plumbing import migrations
from tests.plumbing import ledger

migrations.run_scripts(ledger.CURRENT)
"""


@pytest.fixture
def history(tmp_path: Path, monkeypatch) -> Path:
    """The folder of a service called ledger, which has no migrations yet."""
    folder = tmp_path / "services" / "ledger" / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENV)
    monkeypatch.setattr(migrations, "ROOT", tmp_path)
    return folder / "versions"


def a_later_schema() -> Schema:
    """The ledger as it is a release later, with a column and a table more."""

    class Base(SQLModel, registry=new_registry()):
        pass

    class LaterPageRow(Base, table=True):
        __tablename__ = "page"

        id: UUID = Field(primary_key=True)
        number: int
        turned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
        title: str | None = Field(default=None, max_length=80)

    class ShelfRow(Base, table=True):
        __tablename__ = "shelf"

        page_id: UUID = Field(primary_key=True, foreign_key="page.id")

    return Schema("ledger", Base)


async def tables(database) -> set[str]:
    async with database.reading() as session:
        connection = await session.connection()
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_the_first_migration_makes_every_table_of_the_service_and_plumbings(
    any_store, history
):
    database = await any_store(SCHEMA, empty=True)
    await migrations.write("ledger", "first tables")

    before = await migrations.state(database.url, "ledger")
    await migrations.upgrade(database.url, "ledger")
    after = await migrations.state(database.url, "ledger")

    assert before == MigrationState(None, "0001", "behind")
    assert after == MigrationState("0001", "0001", "level")
    assert await tables(database) == {*SCHEMA.metadata.tables, "alembic_version"}


async def test_a_later_step_keeps_what_is_stored(any_store, history, monkeypatch):
    database = await any_store(SCHEMA, empty=True)
    await migrations.write("ledger", "first tables")
    await migrations.upgrade(database.url, "ledger")
    async with database.transaction() as session:
        session.add(PageRow(id=uuid4(), number=7))

    monkeypatch.setattr(ledger, "CURRENT", a_later_schema())
    path = await migrations.write("ledger", "Titles, and shelves!")
    behind = await migrations.state(database.url, "ledger")
    await migrations.upgrade(database.url, "ledger")

    assert path.name == "0002_titles_and_shelves.py"
    assert behind == MigrationState("0001", "0002", "behind")
    async with database.reading() as session:
        found = await session.execute(text("SELECT number, title FROM page"))
        assert found.all() == [(7, None)]
    assert "shelf" in await tables(database)


async def test_nothing_is_written_when_the_tables_are_level(history):
    await migrations.write("ledger", "first tables")

    assert await migrations.write("ledger", "nothing") is None
    assert len(list(history.glob("*.py"))) == 1


async def test_a_migration_needs_no_code_of_ours(history):
    path = await migrations.write("ledger", "first tables")

    written = path.read_text()
    imports = [line for line in written.splitlines() if "import" in line]
    assert imports == ["import sqlalchemy as sa", "from alembic import op"]
    assert "UtcDateTime" not in written
    assert "AutoString" not in written
    assert "sa.DateTime(timezone=True)" in written
    assert "sa.String(length=" in written


async def test_a_code_stored_as_a_type_of_its_own_is_refused(history, monkeypatch):
    class Colour(enum.StrEnum):
        RED = "red"

    class Base(SQLModel, registry=new_registry()):
        pass

    class CarRow(Base, table=True):
        __tablename__ = "car"

        id: int = Field(primary_key=True)
        colour: Colour

    monkeypatch.setattr(ledger, "CURRENT", Schema("ledger", Base))

    with pytest.raises(ValueError, match="store codes as strings"):
        await migrations.write("ledger", "first tables")


async def test_a_store_that_newer_code_changed_is_left_alone(any_store, history):
    database = await any_store(SCHEMA, empty=True)
    await migrations.write("ledger", "first tables")
    await migrations.upgrade(database.url, "ledger")
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '0099'"))

    state = await migrations.state(database.url, "ledger")

    assert state == MigrationState("0099", "0001", "newer")
    with pytest.raises(StoreIsNewer, match="newer version"):
        await migrations.upgrade(database.url, "ledger")


async def test_an_upgrade_that_fails_half_way_leaves_the_store_as_it_was(any_store, history):
    database = await any_store(SCHEMA, empty=True)
    await migrations.write("ledger", "first tables")
    await migrations.upgrade(database.url, "ledger")
    (history / "0002_broken.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        "revision = '0002'\n"
        "down_revision = '0001'\n"
        "def upgrade() -> None:\n"
        "    op.create_table('half', sa.Column('id', sa.Integer()))\n"
        "    raise LookupError\n"
    )

    with pytest.raises(LookupError):
        await migrations.upgrade(database.url, "ledger")

    assert "half" not in await tables(database)
    assert (await migrations.state(database.url, "ledger")).is_behind


async def test_a_step_that_would_leave_references_to_nothing_is_undone(
    sqlite_store, history, monkeypatch
):
    database = await sqlite_store(SCHEMA, empty=True)
    monkeypatch.setattr(ledger, "CURRENT", a_later_schema())
    await migrations.write("ledger", "first tables")
    await migrations.upgrade(database.url, "ledger")
    page = uuid4()
    async with database.transaction() as session:
        await session.execute(
            text("INSERT INTO page (id, number) VALUES (:id, 1)"), {"id": page.hex}
        )
        await session.execute(text("INSERT INTO shelf VALUES (:id)"), {"id": page.hex})
    (history / "0002_careless.py").write_text(
        "from alembic import op\n"
        "revision = '0002'\n"
        "down_revision = '0001'\n"
        "def upgrade() -> None:\n"
        "    op.execute('DELETE FROM page')\n"
    )

    with pytest.raises(RuntimeError, match="references to nothing: shelf"):
        await migrations.upgrade(database.url, "ledger")

    async with database.transaction() as session:
        assert (await session.execute(text("SELECT count(*) FROM page"))).scalar_one() == 1


async def test_a_replica_waits_while_another_one_upgrades(any_store, history):
    database = await any_store(SCHEMA, empty=True)
    await migrations.write("ledger", "first tables")
    async with database.transaction() as session:
        if database.dialect == "sqlite":
            await session.execute(text("SELECT 1"))
        else:
            await session.lock("migrate")
        waiting = asyncio.create_task(migrations.upgrade(database.url, "ledger"))
        await asyncio.sleep(0.5)
        assert not waiting.done()

    await waiting

    assert (await migrations.state(database.url, "ledger")).level == "level"


async def test_upgrades_of_several_services_in_one_process_do_not_mix(any_store, history):
    stores = [await any_store(SCHEMA, empty=True) for _ in range(3)]
    await migrations.write("ledger", "first tables")

    await asyncio.gather(*(migrations.upgrade(store.url, "ledger") for store in stores))

    for store in stores:
        assert (await migrations.state(store.url, "ledger")).level == "level"


async def test_a_service_without_a_history_is_a_mistake_in_the_code(tmp_path, monkeypatch):
    monkeypatch.setattr(migrations, "ROOT", tmp_path)

    with pytest.raises(ValueError, match="ledger has no migrations"):
        await migrations.state("sqlite+aiosqlite:////nowhere.db", "ledger")
