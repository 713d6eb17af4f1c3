"""Putting right what is kept about somebody: article 16 of the UK GDPR.

The old value is kept, under the person's own key, so that what was acted on can be understood; it
goes when the person goes.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.referral.domain.people import Newcomer, Person, SafeContact


class Corrected(StrEnum):
    """What of a person can be put right."""

    NAME = "name"
    BORN = "born"
    CONTACT = "contact"


@dataclass(frozen=True)
class Correction:
    """One value that was put right."""

    id: UUID
    person_id: UUID
    at: datetime
    by: UUID
    what: Corrected
    because: str


@dataclass(frozen=True)
class Before:
    """What was known until now; only what is no longer so."""

    what: Corrected
    was: str | SafeContact | None
    """A date of birth as ISO 8601; None where nothing was known."""


def differing(person: Person, contact: SafeContact | None, now_known: Newcomer) -> list[Before]:
    """What a correction changes, and what was known before."""
    found = []
    if person.name != now_known.name:
        found.append(Before(Corrected.NAME, person.name))
    if person.born != now_known.born:
        found.append(Before(Corrected.BORN, person.born.isoformat() if person.born else None))
    if contact != now_known.safe_contact:
        found.append(Before(Corrected.CONTACT, contact))
    return found
