"""An event that a release before this one could not act on: parked, and asked to be tried again."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from deploy.parts import blueprints
from shared.contracts.fact import Envelope
from shared.plumbing.envelope import to_headers
from shared.plumbing.sealing import keyfile
from shared.plumbing.sealing.fields import LONG, Field
from shared.plumbing.sealing.keyring import SERVICE_ID, Keyring, Kind
from shared.plumbing.sealing.wrapping import FileWrapper
from tests.faults.found import rows
from tests.fixtures.patience import eventually
from tests.fixtures.system import System

READER = "reporting-referral"

HEARD = f"SELECT event_id, stream_seq FROM inbox WHERE consumer = '{READER}' ORDER BY stream_seq"
TOLD = """
    SELECT event_id, source, subject, aggregate_id, version, recorded_at, correlation, body
    FROM outbox WHERE event_id = '{event}'
"""
SERVICE_KEY = "SELECT wrapped FROM sealed_key WHERE kind = 'service'"
STATES = "SELECT id FROM parked_event WHERE state = '{state}'"


def park_one(system: System) -> None:
    """Make reporting forget the last referral it counted, and park the event. It must not run."""
    events = dict(rows(system.home, "reporting", HEARD))
    for event in reversed(events):
        [row] = rows(system.home, "referral", TOLD.format(event=event))
        if row[2] == "referral.referral_received.v1":
            _park(system, row, events[event])
            return
    raise AssertionError("nothing has been counted")


def _park(system: System, row: tuple[Any, ...], place: int) -> None:
    event, source, subject, about, version, at, correlation, body = row
    envelope = Envelope(
        id=UUID(event),
        source=source,
        type=subject,
        subject=UUID(about),
        sequence=version,
        time=datetime.fromisoformat(at).replace(tzinfo=UTC),
        correlation=UUID(correlation),
    )
    sealed = _sealed(system, UUID(event), to_headers(envelope), body)
    now = at
    with closing(sqlite3.connect(system.home.stores / "reporting.db")) as store, store:
        store.execute("DELETE FROM inbox WHERE event_id = ?", (event,))
        store.execute("DELETE FROM referral_counted WHERE referral_id = ?", (about,))
        store.execute(
            "INSERT INTO parked_event (id, consumer, event_key, subject, stream_seq, headers,"
            " body, error_code, state, parked_at, changed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'retry_asked', ?, ?)",
            (
                event,
                READER,
                str(UUID(event)),
                subject,
                place,
                *sealed,
                "AMistakeOfThen",
                now,
                now,
            ),
        )


def _sealed(system: System, row: UUID, headers: dict[str, str], body: bytes) -> tuple[bytes, bytes]:
    """As the service seals what it parks, with the key of the service itself."""
    file = keyfile.path_of(system.home.sealing, "reporting")
    keyring = Keyring("reporting", FileWrapper(file, "reporting"))
    [(wrapped,)] = rows(system.home, "reporting", SERVICE_KEY) or [(None,)]
    if wrapped is None:
        made = keyring.new(SERVICE_ID, Kind.SERVICE)
        key = made.ready
        with closing(sqlite3.connect(system.home.stores / "reporting.db")) as store, store:
            values = (SERVICE_ID.hex, "service", made.kid, made.wrapped, "2026-01-01 00:00:00")
            store.execute("INSERT INTO sealed_key VALUES (?, ?, ?, ?, ?)", values)
    else:
        key = keyring.unwrap(SERVICE_ID, Kind.SERVICE, wrapped)
    table = blueprints()["reporting"].schema.tables.parked_event
    fields = [Field.of("reporting", table.c[name], LONG) for name in ("headers", "body")]
    return fields[0].seal(key, row, json.dumps(headers)), fields[1].seal(key, row, body)


def try_again(system: System) -> None:
    """What was cut off while it was tried is tried again when somebody asks, and resolved."""
    eventually(lambda: not rows(system.home, "reporting", STATES.format(state="retry_asked")))
    for (parked,) in rows(system.home, "reporting", STATES.format(state="parked")):
        asked = system.command("parked", "retry", str(UUID(parked)))
        assert asked.returncode == 0, asked.stderr
    eventually(lambda: rows(system.home, "reporting", STATES.format(state="resolved")))
