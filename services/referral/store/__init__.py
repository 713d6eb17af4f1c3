"""Where the referral service keeps what it knows; the only SQL it has."""

from services.referral.store import (
    agreements,
    areas,
    cases,
    grants,
    intake,
    people,
    reach,
    search,
    staff,
    standings,
    timeline,
)
from services.referral.store.base import SCHEMA

__all__ = [
    "SCHEMA",
    "agreements",
    "areas",
    "cases",
    "grants",
    "intake",
    "people",
    "reach",
    "search",
    "staff",
    "standings",
    "timeline",
]
