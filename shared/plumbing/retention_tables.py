"""The tables of retention in one service's store: what is marked, and how the nights went."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, Uuid

from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime


@dataclass(frozen=True)
class RetentionTables:
    """What one service keeps of what it is about to destroy."""

    mark: Table
    night: Table


def add_to(metadata: MetaData) -> RetentionTables:
    """Add them to a service's own tables."""
    mark = Table(
        "retention_mark",
        metadata,
        _column("record_class", String(40), primary_key=True),
        _column("subject_id", Uuid, primary_key=True),
        _column("marked_at", UtcDateTime),
        _column("destroy_after", UtcDateTime, index=True),
        _column("night", Integer),
    )
    night = Table(
        "retention_night",
        metadata,
        # One row, of the service itself.
        _column("service", String(40), primary_key=True),
        _column("number", Integer),
        _column("ran_at", UtcDateTime),
        _column("refused_at", UtcDateTime, nullable=True),
    )
    return RetentionTables(mark, night)


def _column(name: str, kind: Any, **more: Any) -> Column[Any]:  # noqa: ANN401 - as Column has
    more.setdefault("nullable", False)
    return Column(name, kind, **{**NOT_PERSONAL, **more})
