"""Sealing what an older release had stored in plain text: a part of the migrations `0002_sealing`.

It happens in the migration's own transaction: killed at any point the store is as it was, and the
next start does it again. It says in words of its own what goes where, as migrations have to go on
working when the code around them changes: do not make it follow the stores.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from shared.plumbing.sealing import cipher
from shared.plumbing.sealing.keyring import SERVICE_ID, Keyring, Kind, SubjectKey
from shared.plumbing.world import REAL

AT_ONCE = 500
"""Rows read and changed together: a store of any size fits into memory."""

KEYS = sa.table(
    "sealed_key",
    sa.column("subject_id", sa.Uuid()),
    sa.column("kind", sa.String()),
    sa.column("kid", sa.LargeBinary()),
    sa.column("wrapped", sa.LargeBinary()),
    sa.column("made_at", sa.DateTime(timezone=True)),
)


class Sealing:
    """Seals the rows of one store, as it was before."""

    def __init__(self) -> None:
        keyring = op.get_context().config.attributes["keyring"]  # type: ignore[union-attr]
        assert isinstance(keyring, Keyring)  # noqa: S101 - migrations.upgrade gives it
        self.keyring = keyring
        self._service_key: SubjectKey | None = None

    def parked_events(self) -> None:
        """Seal what was parked, with a key of the service."""
        columns = (("headers", sa.Text()), ("body", sa.LargeBinary()), ("reason", sa.Text()))
        note_what_parked_events_are_about()
        self.column_pairs("parked_event", columns, nullable={"reason"})

    def column_pairs(
        self,
        table: str,
        columns: tuple[tuple[str, sa.types.TypeEngine[Any]], ...],
        nullable: set[str],
    ) -> None:
        """Seal columns of one table with the service's key, in buckets of 256 bytes."""
        add_columns(table, [name for name, _ in columns])
        for row in rows_of(table, "id", columns):
            sealed = {
                f"{name}_sealed": self.seal(table, name, row.id, self.service_key(), value, 256)
                for name, _ in columns
                if (value := getattr(row, name)) is not None
            }
            change(table, "id", row.id, sealed)
        for name, _ in columns:
            take_the_place_of_plain(table, name, nullable=name in nullable)
        rewrite(table)

    def new_key(self, subject: UUID, kind: Kind) -> SubjectKey:
        made = self.keyring.new(subject, kind)
        row = {"subject_id": subject, "kind": kind.value, "kid": made.kid, "wrapped": made.wrapped}
        op.get_bind().execute(KEYS.insert(), row | {"made_at": REAL.now()})
        return made.ready

    def service_key(self) -> SubjectKey:
        if self._service_key is None:
            self._service_key = self.new_key(SERVICE_ID, Kind.SERVICE)
        return self._service_key

    def seal(
        self,
        table: str,
        column: str,
        row: UUID,
        key: SubjectKey,
        value: str | bytes,
        bucket: int,
    ) -> bytes:
        plain = value.encode() if isinstance(value, str) else value
        about = f"{self.keyring.service}|{table}|{column}|{row}|{key.subject}|1"
        return bytes(cipher.seal(key.key, cipher.padded(plain, bucket), about.encode()))


def note_what_parked_events_are_about() -> None:
    """What is asked for by an id cannot be looked for in what is sealed."""
    op.add_column("parked_event", sa.Column("about_id", sa.Uuid(), nullable=True))
    op.create_index("ix_parked_event_about_id", "parked_event", ["about_id"], unique=False)
    table = sa.table("parked_event", sa.column("id", sa.Uuid()), sa.column("about_id", sa.Uuid()))
    for row in rows_of("parked_event", "id", (("headers", sa.Text()),)):
        try:
            about = UUID(json.loads(row.headers).get("ce-subject", ""))
        except ValueError:
            continue
        this = sa.update(table).where(table.c.id == row.id)
        op.get_bind().execute(this.values(about_id=about))


def add_key_table() -> None:
    op.create_table(
        "sealed_key",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("kid", sa.LargeBinary(length=4), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name="pk_sealed_key"),
    )
    op.create_index("ix_sealed_key_kid", "sealed_key", ["kid"], unique=False)


def add_columns(table: str, names: list[str]) -> None:
    """Add the columns that the sealed values go into first."""
    for name in names:
        op.add_column(table, sa.Column(f"{name}_sealed", sa.LargeBinary(), nullable=True))


def take_the_place_of_plain(table: str, name: str, *, nullable: bool = False) -> None:
    """Drop the plain column and let the sealed one have its name."""
    with op.batch_alter_table(table) as batch:
        batch.drop_column(name)
    with op.batch_alter_table(table) as batch:
        batch.alter_column(
            f"{name}_sealed",
            new_column_name=name,
            existing_type=sa.LargeBinary(),
            nullable=nullable,
        )


def rewrite(table: str) -> None:
    """Write the whole table anew: PostgreSQL leaves what was dropped in the old rows.

    SQLite has made a new table for it, and clears the pages of the old one (`secure_delete`).
    """
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f'CLUSTER "{table}" USING "pk_{table}"')
        op.execute(f'ALTER TABLE "{table}" SET WITHOUT CLUSTER')


def rows_of(
    name: str, key: str, columns: tuple[tuple[str, sa.types.TypeEngine[Any]], ...]
) -> Iterator[sa.Row[Any]]:
    """Every row of a table, a few at a time, in the order of its key."""
    table = sa.table(name, sa.column(key, sa.Uuid()), *(sa.column(*one) for one in columns))
    statement = sa.select(table).order_by(table.c[key]).limit(AT_ONCE)
    some = op.get_bind().execute(statement).all()
    while some:
        yield from some
        after = statement.where(table.c[key] > getattr(some[-1], key))
        some = op.get_bind().execute(after).all()


def change(name: str, key: str, row: UUID, values: dict[str, Any]) -> None:
    """Write values into one row."""
    if values:
        columns = [sa.column(one, sa.LargeBinary()) for one in values]
        table = sa.table(name, sa.column(key, sa.Uuid()), *columns)
        op.get_bind().execute(sa.update(table).where(table.c[key] == row).values(values))
