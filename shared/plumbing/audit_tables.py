"""The tables of the audit in one service's store. Rows are added, and never changed or removed.

The database holds to that too: triggers refuse everything else. They stop a mistake and slow down
whoever means harm; what *shows* a change is the chain, and the anchors outside the store.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    event,
)
from sqlalchemy.types import TypeEngine

from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime

REFUSED = "the audit is only added to"

FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$
"""

KEYS = {
    "audit_entry": ("id",),
    "audit_link": ("n", "entry_id"),
    "audit_head": ("n",),
    "audit_anchor": ("n",),
}
"""By which columns a row of each table is known."""


@dataclass(frozen=True)
class AuditTables:
    """What one service keeps of who did what, and of the proof."""

    entry: Table
    link: Table
    head: Table
    anchor: Table


def add_to(metadata: MetaData) -> AuditTables:
    """Add them, with what guards them, to a service's own tables."""
    tables = AuditTables(_entry(metadata), _link(metadata), _head(metadata), _anchor(metadata))
    for table in (tables.entry, tables.link, tables.head, tables.anchor):
        for dialect in ("sqlite", "postgresql"):
            for statement in guards(table.name, dialect):
                ddl = DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call] # SQLAlchemy's own
                event.listen(table, "after_create", ddl)
    return tables


def guards(table: str, dialect: str) -> tuple[str, ...]:
    """The statements that let a table be added to and nothing else."""
    if dialect == "postgresql":
        return (
            FUNCTION,
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
        )
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    known = " OR ".join(f"{key} = NEW.{key}" for key in KEYS[table])
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        # INSERT OR REPLACE deletes without asking the trigger on DELETE.
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - our own names
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {known}) {refuse}",
    )


def _column(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]], **more: Any) -> Column[Any]:  # noqa: ANN401 - as Column has
    more.setdefault("nullable", False)
    return Column(name, kind, **{**NOT_PERSONAL, **more})


def _entry(metadata: MetaData) -> Table:
    """Who did what with whose data: ids and coded words only, whatever the data was."""
    table = Table(
        "audit_entry",
        metadata,
        _column("id", Uuid, primary_key=True),
        _column("at", UtcDateTime),
        _column("actor_id", Uuid, nullable=True),
        _column("role", String(120)),
        _column("verb", String(20)),
        _column("referral_id", Uuid, nullable=True),
        _column("case_id", Uuid, nullable=True),
        _column("person_id", Uuid, nullable=True),
        _column("fields", Text),
        _column("purpose", String(60)),
        _column("outcome", String(10)),
        _column("reference", Uuid, nullable=True),
    )
    for name in ("referral_id", "case_id", "person_id"):
        known = table.c[name].is_not(None)
        Index(
            f"ix_audit_entry_{name}",
            table.c[name],
            table.c.id,
            sqlite_where=known,
            postgresql_where=known,
        )
    return table


def _link(metadata: MetaData) -> Table:
    """The entries in one order, each tied to the one before by a hash."""
    return Table(
        "audit_link",
        metadata,
        _column("n", BigInteger, primary_key=True, autoincrement=False),
        # No key to the entry: a store put back in parts must still show what is missing.
        _column("entry_id", Uuid, unique=True),
        _column("digest", LargeBinary(32)),
        _column("prev", LargeBinary(32)),
        _column("hash", LargeBinary(32)),
    )


def _head(metadata: MetaData) -> Table:
    """How far the chain had come at a moment, signed."""
    return Table(
        "audit_head",
        metadata,
        _column("n", BigInteger, primary_key=True, autoincrement=False),
        _column("hash", LargeBinary(32)),
        _column("at", UtcDateTime),
        _column("key_id", String(16)),
        _column("signature", LargeBinary(64)),
    )


def _anchor(metadata: MetaData) -> Table:
    """Which heads lie outside this store as well, and where in the stream of anchors."""
    return Table(
        "audit_anchor",
        metadata,
        _column("n", BigInteger, primary_key=True, autoincrement=False),
        _column("stream_seq", BigInteger),
        _column("at", UtcDateTime),
    )
