"""What planning does: decide, store, tell. Whoever calls opens the transaction, and commits it."""

from services.scheduling.actions import (
    booking,
    cases,
    erasure,
    outcomes,
    people,
    record,
    standings,
    venues,
)

__all__ = [
    "booking",
    "cases",
    "erasure",
    "outcomes",
    "people",
    "record",
    "standings",
    "venues",
]
