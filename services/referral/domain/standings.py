"""Who works on a matter, and who stands too near to it to know of it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.contracts.access import WALLS, Relation
from shared.contracts.refusal import Refusal
from shared.contracts.standings import (
    ConflictDeclared,
    ConflictLifted,
    FacilitatorAllocated,
    FacilitatorReleased,
)
from shared.contracts.words import Role


class NotAFacilitator(Refusal):
    """They do not facilitate here, or no longer."""


class TooNear(Refusal):
    """They stand too near to the matter to work on it."""


class NotOfThisCase(Refusal):
    """The party is not one of this case."""


class NotOnIt(Refusal):
    """They do not work on the matter."""

    status: ClassVar[int] = 409


class AlreadyNoted(Refusal):
    """It stands there already."""

    status: ClassVar[int] = 409


class NotStaff(Refusal):
    """A wall is for somebody who works here."""


ON_IT = frozenset({Relation.ALLOCATED, Relation.PARTYS_FACILITATOR})


@dataclass(frozen=True)
class Standee:
    """One colleague and how they stand to one matter now."""

    person_id: UUID
    roles: frozenset[Role]
    relations: frozenset[Relation] = frozenset()


def allocate(
    referral_id: UUID, colleague: Standee, party_id: UUID | None, parties: frozenset[UUID]
) -> FacilitatorAllocated:
    """Let a facilitator work on the case, for all its parties or for one.

    Raises NotAFacilitator, TooNear or NotOfThisCase. Somebody who is on it already works for
    whom it says from now on.
    """
    if Role.FACILITATOR not in colleague.roles:
        raise NotAFacilitator("Choose somebody who facilitates here.")
    if colleague.relations & WALLS:
        raise TooNear("They stand too near to this matter. Choose another facilitator.")
    if party_id is not None and party_id not in parties:
        raise NotOfThisCase("Choose a party of this case, or all of them.")
    return FacilitatorAllocated(
        referral_id=referral_id, person_id=colleague.person_id, party_id=party_id
    )


def release(referral_id: UUID, colleague: Standee) -> FacilitatorReleased:
    """End a facilitator's work on the case; they see it no more. Raises NotOnIt."""
    if not colleague.relations & ON_IT:
        raise NotOnIt("This facilitator does not work on the case any more.")
    return FacilitatorReleased(referral_id=referral_id, person_id=colleague.person_id)


def declare_conflict(
    referral_id: UUID, colleague: Standee
) -> tuple[ConflictDeclared, FacilitatorReleased | None]:
    """Hide the matter from a colleague, or from the partner officer who referred it.

    Whoever worked on it does so no more. Raises NotStaff or AlreadyNoted.
    """
    if not colleague.roles and Relation.OWN_REFERRAL not in colleague.relations:
        raise NotStaff("Choose somebody who works here.")
    if Relation.CONFLICT in colleague.relations:
        raise AlreadyNoted("This is noted already.")
    declared = ConflictDeclared(referral_id=referral_id, person_id=colleague.person_id)
    on_it = bool(colleague.relations & ON_IT)
    return declared, release(referral_id, colleague) if on_it else None


def lift_conflict(referral_id: UUID, colleague: Standee) -> ConflictLifted:
    """Let a colleague know of the matter again. Raises NotOnIt."""
    if Relation.CONFLICT not in colleague.relations:
        raise NotOnIt("There is no such note any more.")
    return ConflictLifted(referral_id=referral_id, person_id=colleague.person_id)
