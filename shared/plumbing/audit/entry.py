"""One thing somebody did with somebody's data, in ids and coded words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from shared.plumbing.asker import Asker

CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
"""No name, number or sentence of anybody's has this form by accident: no capital, no blank."""


class Verb(StrEnum):
    """What was done: the words of section 62 of the Data Protection Act 2018."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"


class Outcome(StrEnum):
    """What came of it."""

    DONE = "done"
    REFUSED = "refused"
    """A rule of the practice was against it."""
    DENIED = "denied"
    """Whoever asked may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the audit remembers. Who asked, when and under which reference comes by itself.

    Raises ValueError where a word is not a code: a value of somebody's never gets in.
    """

    verb: Verb
    purpose: str
    """Why, as a code: `case_page`, `accept_referral`."""
    fields: tuple[str, ...] = ()
    """The names of what was seen or changed, never what stands in it."""
    person_id: UUID | None = None
    referral_id: UUID | None = None
    case_id: UUID | None = None
    outcome: Outcome = Outcome.DONE
    asker: Asker | None = None
    """Whoever asked, where that is not whoever the transaction is for."""

    def __post_init__(self) -> None:
        for word in (self.purpose, *self.fields):
            if CODE.fullmatch(word) is None:
                raise ValueError("the audit takes coded words only")


def about_each(person_ids: Iterable[UUID], entry: Entry) -> list[Entry]:
    """The same entry for each of these people, each once."""
    return [replace(entry, person_id=person_id) for person_id in dict.fromkeys(person_ids)]


def purpose_of_glass(glass_id: UUID) -> str:
    """Why somebody saw what they may not usually see: by which opening in an emergency."""
    return f"break_glass_{glass_id.hex}"
