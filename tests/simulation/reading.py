"""What SQLite keeps, read as what it means."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.stores import Disk


def moment(text: str) -> datetime:
    """A stored time, which is in UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def facts_of(disk: "Disk", subject: str) -> Iterator[tuple[str, datetime, dict[str, Any], str]]:
    """What a service told on this subject: the event's id, when, the fact and its thing's id."""
    for row in disk.rows("SELECT * FROM outbox WHERE subject=? ORDER BY id", subject):
        yield (
            row["event_id"],
            moment(row["recorded_at"]),
            json.loads(row["body"]),
            row["aggregate_id"],
        )


def heard_at(disk: "Disk") -> dict[str, datetime]:
    """When each event was acted on, by its id."""
    rows = disk.rows("SELECT event_id, heard_at FROM inbox")
    return {row["event_id"]: moment(row["heard_at"]) for row in rows}
