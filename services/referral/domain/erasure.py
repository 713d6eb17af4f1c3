"""What erasing a person does, what it leaves, and what stands against it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from shared.contracts.refusal import Refusal


class Basis(StrEnum):
    """Why somebody was erased: one word, as the ledger keeps it."""

    REQUEST = "request"
    """They asked, and nothing stood against it."""
    RETENTION = "retention"
    """It was kept for as long as it may be."""


class WasErasedBefore(Refusal):
    """There is nothing left of them to erase, or to decide about."""

    status: ClassVar[int] = 409


class MustBeKept(Refusal):
    """A case of theirs is held: nothing in it may be destroyed."""

    status: ClassVar[int] = 409


class NeedsAnother(Refusal):
    """They are in something that whoever asks may not know of."""

    status: ClassVar[int] = 403


@dataclass(frozen=True)
class Erasure:
    """That somebody was erased: all that is ever kept of it."""

    person_id: UUID
    on: date
    basis: Basis


@dataclass(frozen=True)
class CaseOfTheirs:
    """One referral or case a person is in, as far as erasing them matters."""

    referral_id: UUID
    reference: str
    others: int
    """How many people in it are left when this one is gone."""
    meetings: int
    """How many meetings with them have leave to be held and are not over."""
    is_held: bool


@dataclass(frozen=True)
class Outlook:
    """What whoever decides has to know before anything is destroyed."""

    cases: tuple[CaseOfTheirs, ...]
    works_here: bool

    @property
    def is_held(self) -> bool:
        return any(case.is_held for case in self.cases)

    @property
    def meetings(self) -> int:
        return sum(case.meetings for case in self.cases)


def refuse_unless_free(outlook: Outlook) -> None:
    """Raise MustBeKept while a case of theirs is held."""
    kept = [case.reference for case in outlook.cases if case.is_held]
    if kept:
        raise MustBeKept(
            f"{', '.join(kept)} is under a legal hold, so nothing in it may be destroyed. Refuse "
            "the request with the reason of a legal claim, or have the hold lifted first."
        )
