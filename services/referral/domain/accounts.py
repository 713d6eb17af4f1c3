"""Signing in: what an account is, how long a session and an invitation last, which codes count."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from shared.contracts.access import AccessRole
from shared.contracts.refusal import Refusal
from shared.contracts.words import Role

IDLE = timedelta(minutes=15)
"""A session nobody used for so long has ended."""

LONGEST = timedelta(hours=8)
"""No session lasts longer, however busy: a working day."""

NOTED = timedelta(minutes=1)
"""A session is noted as used once in this time, not at every page."""

STEPPED_UP = timedelta(minutes=5)
"""How long a code that was shown once more is good for."""

INVITED = timedelta(hours=72)
"""How long an invitation is good for."""

STEP_SECONDS = 30
"""How long one code of an authenticator lasts (RFC 6238)."""

RECOVERY_CODES = 10


class InvitationOver(Refusal):
    """An invitation that was used, ran out, or never was: the same words for all."""

    status: ClassVar[int] = 404


class AddressTaken(Refusal):
    """Two people with one address could not be told apart at sign-in."""

    status: ClassVar[int] = 409


class Means(StrEnum):
    """How somebody signed in."""

    PASSWORD = "password"  # noqa: S105 - not one
    RECOVERY_CODE = "recovery_code"
    INVITATION = "invitation"
    DEMONSTRATION = "demonstration"
    OUTSIDE = "outside"
    """By the sign-in of the organisation, over OpenID Connect."""


class WayIn(StrEnum):
    """What somebody signs in with."""

    OUTSIDE = "outside"
    HERE = "here"
    NONE_YET = "none_yet"
    """They have not followed their invitation, or have none."""


class InvitedTo(StrEnum):
    """What a link that is good once leads to."""

    SET_UP = "set_up"
    DEMONSTRATION = "demonstration"


@dataclass(frozen=True)
class Account:
    """What one person signs in with. Without a password they cannot sign in here yet."""

    person_id: UUID
    password_hash: str | None = None
    code_secret: str | None = None
    """What the person's authenticator and we know: base32."""
    last_step: int | None = None
    """The step of the last code that was taken; it and all before are void."""


@dataclass(frozen=True)
class SignIn:
    """One session of one person."""

    id: UUID
    person_id: UUID
    created_at: datetime
    last_seen_at: datetime
    means: Means
    stepped_up_until: datetime | None = None

    def is_alive(self, now: datetime) -> bool:
        """Whether it still counts; a clock that was put back ends it too."""
        used = timedelta() <= now - self.last_seen_at < IDLE
        return used and timedelta() <= now - self.created_at < LONGEST

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to note that it is in use."""
        return now - self.last_seen_at >= NOTED


def steps_at(now: datetime) -> tuple[int, int, int]:
    """The steps whose codes are taken: this one and, for clocks that are off, its neighbours."""
    step = int(now.timestamp()) // STEP_SECONDS
    return step - 1, step, step + 1


def told_roles(roles: frozenset[AccessRole]) -> frozenset[Role]:
    """Those that are told to the other services."""
    return frozenset(Role(role.value) for role in roles if role.value in set(Role))


def untold_roles(roles: frozenset[AccessRole]) -> frozenset[AccessRole]:
    """Those that only say what somebody may see."""
    return frozenset(role for role in roles if role.value not in set(Role))
