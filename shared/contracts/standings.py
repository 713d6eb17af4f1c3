"""What referral tells of who works on a matter, and who may know nothing of it."""

from typing import ClassVar
from uuid import UUID

from shared.contracts.access import Relation, Standing
from shared.contracts.fact import Fact


class FacilitatorAllocated(Fact):
    """A facilitator works on the matter from now on: for all its parties, or for one of them."""

    subject: ClassVar[str] = "referral.facilitator_allocated.v1"
    about: ClassVar[str] = "referral_id"

    referral_id: UUID
    person_id: UUID
    party_id: UUID | None = None
    """The one party they work with; none when it is all of them."""


class FacilitatorReleased(Fact):
    """A facilitator no longer works on the matter, and need not see it any more."""

    subject: ClassVar[str] = "referral.facilitator_released.v1"
    about: ClassVar[str] = "referral_id"

    referral_id: UUID
    person_id: UUID


class ConflictDeclared(Fact):
    """A colleague stands too near to the matter: for them it is not there from now on."""

    subject: ClassVar[str] = "referral.conflict_declared.v1"
    about: ClassVar[str] = "referral_id"

    referral_id: UUID
    person_id: UUID


class ConflictLifted(Fact):
    """What stood between a colleague and the matter was noted in error, or is over."""

    subject: ClassVar[str] = "referral.conflict_lifted.v1"
    about: ClassVar[str] = "referral_id"

    referral_id: UUID
    person_id: UUID


StandingFact = FacilitatorAllocated | FacilitatorReleased | ConflictDeclared | ConflictLifted


def standings(fact: StandingFact, version: int) -> tuple[Standing, ...]:
    """What a fact says of how somebody stands to the matter: what is so, and what no longer is."""
    if isinstance(fact, ConflictDeclared | ConflictLifted):
        holds = {Relation.CONFLICT: isinstance(fact, ConflictDeclared)}
        party_id = None
    else:
        party_id = fact.party_id if isinstance(fact, FacilitatorAllocated) else None
        on_it = isinstance(fact, FacilitatorAllocated)
        holds = {
            Relation.ALLOCATED: on_it and party_id is None,
            Relation.PARTYS_FACILITATOR: on_it and party_id is not None,
        }
    return tuple(
        Standing(fact.referral_id, fact.person_id, relation, version, is_so, party_id)
        for relation, is_so in holds.items()
    )
