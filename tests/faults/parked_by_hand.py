"""An event that a release before this one could not act on: parked, and asked to be tried again."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.contracts.fact import Envelope
from shared.plumbing.envelope import to_headers
from tests.faults.found import rows
from tests.fixtures.patience import eventually
from tests.fixtures.system import System

READER = "reporting-referral"

HEARD = f"SELECT event_id, stream_seq FROM inbox WHERE consumer = '{READER}' ORDER BY stream_seq"
TOLD = """
    SELECT event_id, source, subject, aggregate_id, version, recorded_at, correlation, body
    FROM outbox WHERE event_id = '{event}'
"""
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
    now = at
    with closing(sqlite3.connect(system.home.stores / "reporting.db")) as store, store:
        store.execute("DELETE FROM inbox WHERE event_id = ?", (event,))
        store.execute("DELETE FROM referral_counted WHERE referral_id = ?", (about,))
        store.execute(
            "INSERT INTO parked_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'retry_asked', ?, ?, NULL)",
            (
                event,
                READER,
                str(UUID(event)),
                subject,
                place,
                json.dumps(to_headers(envelope)),
                body,
                "AMistakeOfThen",
                now,
                now,
            ),
        )


def try_again(system: System) -> None:
    """What was cut off while it was tried is tried again when somebody asks, and resolved."""
    eventually(lambda: not rows(system.home, "reporting", STATES.format(state="retry_asked")))
    for (parked,) in rows(system.home, "reporting", STATES.format(state="parked")):
        asked = system.command("parked", "retry", str(UUID(parked)))
        assert asked.returncode == 0, asked.stderr
    eventually(lambda: rows(system.home, "reporting", STATES.format(state="resolved")))
