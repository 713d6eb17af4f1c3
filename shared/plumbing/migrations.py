"""Changing the tables of a store that is in use: Alembic, one history for each service.

A service's history lies in `services/<service>/migrations`. Its `env.py` only says which tables
it is about; everything else is here. Each step works on SQLite and on PostgreSQL, and an upgrade
is one transaction on both: it happens as a whole or not at all.

There is no way back, and no step has a downgrade. A change that old code could not live with is
made in two releases instead: first add what the new code needs, later remove what nothing uses.

    python -m shared.plumbing.migrations write referral "who else may answer the phone"

writes the next step from the difference between the history and the tables in the code.
"""

import argparse
import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from alembic import command, context
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Enum, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.types import TypeDecorator

from shared.plumbing.database import Schema, postgresql, sqlite
from shared.plumbing.database.session import lock_key
from shared.plumbing.sealing.keyring import Keyring, no_keys

ROOT = Path(__file__).parents[2]

T = TypeVar("T")

_one_at_a_time = threading.Lock()
"""Alembic keeps what it is at in globals: two upgrades in one process would mix."""


class StoreIsNewer(Exception):
    """The store was last changed by a newer version of the code, which this one does not know."""


@dataclass(frozen=True)
class MigrationState:
    """How far a store has come, beside how far the code has."""

    current: str | None
    head: str | None
    level: Literal["level", "behind", "newer"]

    @property
    def is_behind(self) -> bool:
        return self.level == "behind"

    @property
    def is_newer(self) -> bool:
        return self.level == "newer"


async def upgrade(url: str | URL, service: str, keyring: Keyring | None = None) -> None:
    """Bring a store up to the code. Waits while another process does the same.

    `keyring` seals what an older release had stored in plain text. Raises StoreIsNewer, and
    KeysAway when there is something to seal and no key; on any error the store is as it was.
    """
    config = _config(service)
    config.attributes["keyring"] = keyring or no_keys(service)

    def to_head(connection: Connection) -> None:
        if _state(connection, config).is_newer:
            raise StoreIsNewer(f"The store of {service} was written by a newer version of Parley.")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _check_references(connection)

    await _on(url, service, to_head)
    await _forget_old_pages(url)


async def state(url: str | URL, service: str) -> MigrationState:
    """Whether a store is level with the code, behind it, or changed by a newer one."""
    config = _config(service)
    return await _on(url, service, lambda connection: _state(connection, config))


async def _forget_old_pages(url: str | URL) -> None:
    """Empty SQLite's log: what a step has sealed may still lie in it as it was before."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return
    engine = sqlite.engine_for_migrations(address)
    try:
        async with engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None  # noqa: S101 - it was just opened
            await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        await engine.dispose()


def run_scripts(schema: Schema) -> None:
    """Run the steps that are missing; called by a service's `env.py` and by nothing else."""
    connection: Connection = context.config.attributes["connection"]
    context.config.attributes["schema"] = schema
    if connection.dialect.name == "postgresql":
        # Replicas that start together: the first does the work, the others find it done.
        connection.execute(select(func.pg_advisory_xact_lock(lock_key(f"{schema.name}:migrate"))))
    context.configure(connection=connection, target_metadata=schema.metadata, render_as_batch=True)
    context.run_migrations()


async def write(service: str, what: str) -> Path | None:
    """Write the next step of a service's history; None when the tables need none.

    The history is first run on an empty SQLite, which is then compared with the tables in the
    code. Read what was written: it cannot tell a renamed column from a new one.
    """
    config = _config(service)
    number = f"{len(list(_scripts(config).walk_revisions())) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/{service}.db"
        await upgrade(url, service)
        steps = await _on(url, service, lambda connection: _difference(connection, config))
    if not steps:
        return None
    path = Path(_scripts(config).versions) / f"{number}_{_file_name(what)}.py"
    path.parent.mkdir(exist_ok=True)
    before = _scripts(config).get_current_head()
    path.write_text(
        _STEP.format(what=what[0].upper() + what[1:], number=number, before=before, steps=steps)
    )
    _tidy(path)
    return path


def _config(service: str) -> Config:
    folder = ROOT / "services" / service / "migrations"
    if not (folder / "env.py").exists():
        raise ValueError(f"{service} has no migrations")
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _scripts(config: Config) -> ScriptDirectory:
    return ScriptDirectory.from_config(config)


async def _on(url: str | URL, service: str, work: Callable[[Connection], T]) -> T:
    """Do some work in one transaction, in a thread of its own with a loop of its own."""

    async def in_a_transaction() -> T:
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            engine = sqlite.engine_for_migrations(address)
        else:
            engine, _ = postgresql.engines(address, service)
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()

    def in_its_own_loop() -> T:
        with _one_at_a_time:
            return asyncio.run(in_a_transaction())

    return await asyncio.to_thread(in_its_own_loop)


def _state(connection: Connection, config: Config) -> MigrationState:
    scripts = _scripts(config)
    head = scripts.get_current_head()
    current = MigrationContext.configure(connection).get_current_revision()
    if current == head:
        return MigrationState(current, head, "level")
    if current is None or _knows(scripts, current):
        return MigrationState(current, head, "behind")
    return MigrationState(current, head, "newer")


def _knows(scripts: ScriptDirectory, revision: str) -> bool:
    try:
        return scripts.get_revision(revision) is not None
    except CommandError:
        return False


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            tables = ", ".join(sorted({row[0] for row in broken}))
            raise RuntimeError(f"the new tables would hold references to nothing: {tables}")


_STEP = '''"""{what}."""

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = {before!r}


def upgrade() -> None:
{steps}
'''


def _difference(connection: Connection, config: Config) -> str:
    """The Python that brings the database to where the tables in the code are; empty if level."""
    schema: Schema = config.attributes.get("schema") or _schema_of(connection, config)
    found = produce_migrations(MigrationContext.configure(connection), schema.metadata)
    assert found.upgrade_ops is not None  # noqa: S101 - always there after a comparison
    if found.upgrade_ops.is_empty():
        return ""
    code = render_python_code(found.upgrade_ops, render_as_batch=True, render_item=_in_plain_types)
    return "\n".join(line for line in code.splitlines() if "# ###" not in line)


def _schema_of(connection: Connection, config: Config) -> Schema:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    schema: Schema = config.attributes["schema"]
    return schema


def _in_plain_types(kind: str, thing: object, _context: object) -> str | Literal[False]:
    """Types as SQLAlchemy has them: a step must go on working when our own types change."""
    if kind != "type":
        return False
    if isinstance(thing, Enum) and thing.native_enum:
        raise ValueError(
            f"{thing.name}: store codes as strings. A PostgreSQL type of their own would need a "
            "migration for every new code."
        )
    if isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl!r}"
    return False


def _file_name(what: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", what.lower()).strip("_")


def _tidy(path: Path) -> None:
    ruff = shutil.which("ruff", path=f"{Path(sys.executable).parent}") or shutil.which("ruff")
    if ruff:
        for step in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
            subprocess.run([ruff, *step, str(path)], check=False)  # noqa: S603 - our own file


def main() -> None:
    """`python -m shared.plumbing.migrations write <service> "<what>"`."""
    parser = argparse.ArgumentParser(prog="migrations", description="Write a migration.")
    parser.add_argument("act", choices=["write"])
    parser.add_argument("service")
    parser.add_argument("what", help="what changes, in words: it names the file")
    asked = parser.parse_args()
    path = asyncio.run(write(asked.service, asked.what))
    sys.stdout.write(f"{path}\n" if path else "The tables are level with the migrations.\n")


if __name__ == "__main__":
    main()
