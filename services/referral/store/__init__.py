"""Where the referral service keeps what it knows; the only SQL it has."""

from services.referral.store import (
    accounts,
    agreements,
    areas,
    cases,
    grants,
    intake,
    people,
    reach,
    rights,
    search,
    sessions,
    staff,
    standings,
    timeline,
)
from services.referral.store.base import SCHEMA

__all__ = [
    "SCHEMA",
    "accounts",
    "agreements",
    "areas",
    "cases",
    "grants",
    "intake",
    "people",
    "reach",
    "rights",
    "search",
    "sessions",
    "staff",
    "standings",
    "timeline",
]
