"""Coming in from the organisation's own sign-in: who may, and as what."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.referral.domain.staff import Colleague, LastCoordinator
from shared.contracts.access import AccessRole
from shared.contracts.referral import StaffJoined, StaffLeft
from shared.contracts.words import Role


class NotIn(StrEnum):
    """Why somebody whom their organisation knows does not come in here."""

    NO_GROUP = "no_group"
    """None of their groups may do anything here, or not any more."""
    UNKNOWN = "unknown"
    """No colleague of ours, or not any more, or one that nobody has linked them to."""
    LAST_COORDINATOR = "last_coordinator"
    """Their groups no longer let them coordinate, and nobody else here does."""


@dataclass(frozen=True)
class Arrival:
    """Somebody whom another sign-in vouches for."""

    outside_digest: bytes
    roles: frozenset[AccessRole]
    """What their groups may be here."""
    name_digest: bytes | None = None
    """Of their address, where the other sign-in has seen to it that it is theirs."""
    invitation: bytes | None = None
    """Digest of the invitation they followed."""


def change_roles(
    colleague: Colleague, wanted: frozenset[Role], coordinators: int
) -> list[StaffJoined | StaffLeft]:
    """What is told when somebody is to hold just these roles from now on.

    Raises LastCoordinator when nobody would see new referrals any more.
    """
    gone = colleague.roles - wanted
    if Role.COORDINATOR in gone and coordinators <= 1:
        raise LastCoordinator("This is the only coordinator.")
    who: UUID = colleague.person_id
    joined = [
        StaffJoined(person_id=who, role=one) for one in Role if one in wanted - colleague.roles
    ]
    left = [StaffLeft(person_id=who, role=one) for one in Role if one in gone]
    return [*joined, *left]
