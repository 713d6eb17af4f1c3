"""The tables plumbing keeps in every service's own store.

They are added to the service's own metadata: four services in one process then have four of
each, and a service's migrations build them with its own tables.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.types import TypeEngine

from shared.plumbing import audit_tables, retention_tables
from shared.plumbing.audit_tables import AuditTables
from shared.plumbing.columns import NOT_PERSONAL, PERSONAL, SealedBytes, UtcDateTime
from shared.plumbing.retention_tables import RetentionTables

SERIAL = BigInteger().with_variant(Integer(), "sqlite")
"""Counts up by itself on both databases; SQLite does so only for a plain INTEGER."""


_Kind = TypeEngine[Any] | type[TypeEngine[Any]]


@dataclass(frozen=True)
class Tables:
    """Plumbing's tables in one service's metadata."""

    outbox: Table
    inbox: Table
    parked_event: Table
    failing_event: Table
    idempotency_key: Table
    heartbeat: Table
    audit: AuditTables
    sealed_key: Table
    bucket: Table
    opened_record: Table
    alarm: Table
    retention: RetentionTables


def add_to(metadata: MetaData) -> Tables:
    """Add plumbing's tables to a service's own; once for each metadata."""
    return Tables(
        outbox=_outbox(metadata),
        inbox=_inbox(metadata),
        parked_event=_parked_event(metadata),
        failing_event=_failing_event(metadata),
        idempotency_key=_idempotency_key(metadata),
        heartbeat=_heartbeat(metadata),
        audit=audit_tables.add_to(metadata),
        sealed_key=_sealed_key(metadata),
        bucket=_bucket(metadata),
        opened_record=_opened_record(metadata),
        alarm=_alarm(metadata),
        retention=retention_tables.add_to(metadata),
    )


def _column(name: str, kind: _Kind, **more: Any) -> Column[Any]:  # noqa: ANN401 - as Column has
    more.setdefault("nullable", False)
    return Column(name, kind, **{**NOT_PERSONAL, **more})


def _outbox(metadata: MetaData) -> Table:
    """Facts in the order they were recorded; never aged out, because they hold nobody."""
    table = Table(
        "outbox",
        metadata,
        _column("id", SERIAL, primary_key=True, autoincrement=True),
        _column("event_id", Uuid, unique=True),
        _column("source", String(40)),
        _column("subject", String(120)),
        _column("aggregate_id", Uuid),
        _column("version", Integer),
        _column("recorded_at", UtcDateTime),
        _column("correlation", Uuid),
        _column("causation", Uuid, nullable=True),
        _column("traceparent", String(64), nullable=True),
        _column("body", LargeBinary),
        _column("attempts", Integer, server_default="0"),
        _column("last_error", String(80), nullable=True),
        _column("sent_at", UtcDateTime, nullable=True),
        _column("stream_seq", BigInteger, nullable=True),
        UniqueConstraint("source", "aggregate_id", "version"),
    )
    unsent = table.c.sent_at.is_(None)
    Index("ix_outbox_unsent", table.c.id, sqlite_where=unsent, postgresql_where=unsent)
    return table


def _inbox(metadata: MetaData) -> Table:
    """Which events each consumer has acted on, and how far along the stream it was."""
    table = Table(
        "inbox",
        metadata,
        _column("consumer", String(80), primary_key=True),
        _column("event_id", Uuid, primary_key=True),
        _column("stream_seq", BigInteger, nullable=True),
        _column("heard_at", UtcDateTime),
    )
    Index("ix_inbox_position", table.c.consumer, table.c.stream_seq)
    return table


def _parked_event(metadata: MetaData) -> Table:
    """Events a consumer gave up on. What came in may be anything, so it counts as personal."""
    return Table(
        "parked_event",
        metadata,
        _column("id", Uuid, primary_key=True),
        _column("consumer", String(80)),
        _column("event_key", String(80)),
        _column("subject", Text),
        _column("stream_seq", BigInteger),
        _column("about_id", Uuid, nullable=True, index=True),
        _column("headers", SealedBytes, **PERSONAL),
        _column("body", SealedBytes, **PERSONAL),
        _column("error_code", String(200)),
        _column("state", String(20)),
        _column("parked_at", UtcDateTime),
        _column("changed_at", UtcDateTime),
        _column("reason", SealedBytes, nullable=True, **PERSONAL),
        UniqueConstraint("consumer", "event_key"),
        Index("ix_parked_event_state", "state", "parked_at"),
    )


def _failing_event(metadata: MetaData) -> Table:
    """How often an event has failed in a row, and whether it is being tried: `attempts.py`."""
    return Table(
        "failing_event",
        metadata,
        _column("consumer", String(80), primary_key=True),
        _column("event_key", String(80), primary_key=True),
        _column("attempts", Integer),
        _column("last_failed_at", UtcDateTime, nullable=True),
        _column("begun_at", UtcDateTime, nullable=True),
    )


def _idempotency_key(metadata: MetaData) -> Table:
    """What a request with a key was answered; the key itself and the request are only digests."""
    return Table(
        "idempotency_key",
        metadata,
        _column("key_digest", LargeBinary(32), primary_key=True),
        _column("salt", LargeBinary(16)),
        _column("fingerprint", LargeBinary(32)),
        _column("status", Integer),
        _column("body", LargeBinary),
        _column("remembered_at", UtcDateTime),
    )


def _heartbeat(metadata: MetaData) -> Table:
    """One row, written again and again to see that the store can be written: `heartbeat.py`."""
    return Table(
        "heartbeat",
        metadata,
        _column("service", String(40), primary_key=True),
        _column("beaten_at", UtcDateTime),
    )


def _sealed_key(metadata: MetaData) -> Table:
    """The keys of people, cases and the service, wrapped: `sealing/keys.py`.

    A table of its own, to which nothing refers, so that a backup can leave it out and keep it
    apart. An empty kid and key are those of somebody whose data was erased.
    """
    return Table(
        "sealed_key",
        metadata,
        _column("subject_id", Uuid, primary_key=True),
        _column("kind", String(10)),
        _column("kid", LargeBinary(4), index=True),
        _column("wrapped", LargeBinary),
        _column("made_at", UtcDateTime),
    )


def _bucket(metadata: MetaData) -> Table:
    """How much of each limit is used up: `limits.py`. A row whose time has come says nothing."""
    return Table(
        "bucket",
        metadata,
        _column("key_digest", LargeBinary(32), primary_key=True),
        _column("full_at", BigInteger, index=True),
    )


def _opened_record(metadata: MetaData) -> Table:
    """Which records each member of staff opened within the last hour: `reads.py`."""
    return Table(
        "opened_record",
        metadata,
        _column("staff_id", Uuid, primary_key=True),
        _column("record_id", Uuid, primary_key=True),
        _column("opened_at", UtcDateTime, index=True),
    )


def _alarm(metadata: MetaData) -> Table:
    """What somebody has to look into: `alarms.py`."""
    return Table(
        "alarm",
        metadata,
        _column("id", Uuid, primary_key=True),
        _column("kind", String(40)),
        _column("about", Uuid, nullable=True),
        _column("raised_at", UtcDateTime, index=True),
    )
