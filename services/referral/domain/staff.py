"""Who works here, and as what."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.contracts.access import AccessRole
from shared.contracts.referral import StaffJoined, StaffLeft
from shared.contracts.refusal import Refusal
from shared.contracts.words import Role


class NoRole(Refusal):
    """A colleague without a role could do nothing."""


class NotWorkingHere(Refusal):
    """They do not hold this role, or no longer."""

    status: ClassVar[int] = 409


class LastCoordinator(Refusal):
    """Somebody must be there whom new referrals reach."""

    status: ClassVar[int] = 409


class BeyondOwnAreas(Refusal):
    """Nobody opens to others what is not open to themselves."""

    status: ClassVar[int] = 409


@dataclass(frozen=True)
class Newcomer:
    """Somebody who is to work here and to sign in."""

    name: str
    email: str
    roles: frozenset[AccessRole]
    area_ids: frozenset[UUID] = frozenset()
    """None means all areas."""


@dataclass(frozen=True)
class Colleague:
    """A member of staff and the roles they hold now."""

    person_id: UUID
    roles: frozenset[Role]


def join(person_id: UUID, roles: frozenset[Role]) -> list[StaffJoined]:
    """Somebody starts to work here: one fact for each role. Raises NoRole."""
    if not roles:
        raise NoRole("Choose at least one role.")
    return [StaffJoined(person_id=person_id, role=role) for role in Role if role in roles]


def refuse_beyond(own: frozenset[UUID], given: frozenset[UUID]) -> None:
    """Raise BeyondOwnAreas when somebody who works in some areas reaches for others, or for all.

    In both, none means all areas.
    """
    if own and not (given and given <= own):
        raise BeyondOwnAreas(
            "You work in some areas yourself: you can choose among those, and have to choose one."
        )


def leave(colleague: Colleague, coordinators: int) -> list[StaffLeft]:
    """Somebody stops working here in every role they hold.

    Raises NotWorkingHere, or LastCoordinator when nobody would see new referrals any more.
    """
    if not colleague.roles:
        raise NotWorkingHere("This colleague has already left.")
    if Role.COORDINATOR in colleague.roles and coordinators <= 1:
        raise LastCoordinator(
            "This is the only coordinator. Add another one first, so that new referrals are seen."
        )
    return [
        StaffLeft(person_id=colleague.person_id, role=role)
        for role in Role
        if role in colleague.roles
    ]
