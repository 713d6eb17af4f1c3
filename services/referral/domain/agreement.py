"""Whether a party agrees to a joint meeting. It is theirs to give and to take back at any time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.referral.domain.people import Person
from shared.contracts.refusal import Refusal


class AgreementState(StrEnum):
    """What the party last said."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class HowTold(StrEnum):
    """How the party told us."""

    IN_PERSON = "in_person"
    BY_PHONE = "by_phone"
    IN_WRITING = "in_writing"


class NothingToRecord(Refusal):
    """The party said the same before."""

    status: ClassVar[int] = 409


class AskedNotToBeContacted(Refusal):
    """The person must not be contacted, so nothing can be agreed with them."""


@dataclass(frozen=True)
class Told:
    """How we know what a party said: by what way, when, and who on our side heard it."""

    how: HowTold
    at: datetime
    by: UUID


@dataclass(frozen=True)
class Agreement:
    """One version of what one party said about meeting; earlier versions are kept."""

    case_id: UUID
    person_id: UUID
    version: int
    state: AgreementState
    told: Told

    @property
    def in_force(self) -> bool:
        """Whether a joint meeting may rest on it."""
        return self.state is AgreementState.GIVEN


def agree(person: Person, case_id: UUID, latest: Agreement | None, told: Told) -> Agreement:
    """Record that the party agrees to a joint meeting.

    Raises AskedNotToBeContacted, or NothingToRecord when it is in force already.
    """
    if person.asked_no_contact_at is not None:
        raise AskedNotToBeContacted("This person has asked not to be contacted.")
    if latest is not None and latest.in_force:
        raise NothingToRecord("This agreement is recorded already.")
    version = latest.version + 1 if latest else 1
    return Agreement(case_id, person.id, version, AgreementState.GIVEN, told)


def withdraw(latest: Agreement | None, told: Told) -> Agreement:
    """Record that the party no longer agrees; no reason is asked for.

    Raises NothingToRecord when there is no agreement in force.
    """
    if latest is None or not latest.in_force:
        raise NothingToRecord("There is no agreement to take back.")
    return Agreement(
        latest.case_id, latest.person_id, latest.version + 1, AgreementState.WITHDRAWN, told
    )
