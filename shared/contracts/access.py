"""The roles an account may hold: what somebody may be here, as far as access goes."""

from enum import StrEnum


class AccessRole(StrEnum):
    """What an account is for.

    Coordinators, facilitators and managers work with people, and are told as `StaffJoined`.
    Funders and ops never are: nobody plans with them and no message is about them.
    """

    COORDINATOR = "coordinator"
    FACILITATOR = "facilitator"
    MANAGER = "manager"
    FUNDER = "funder"
    OPS = "ops"
