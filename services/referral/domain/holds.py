"""Keeping a matter from being destroyed while the law may ask for it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.contracts.lifecycle import HoldLifted, HoldPlaced
from shared.contracts.refusal import Refusal


class HeldAlready(Refusal):
    """One hold is enough: it keeps everything until it is lifted."""

    status: ClassVar[int] = 409


class NotHeld(Refusal):
    """There is no hold to lift."""

    status: ClassVar[int] = 409


class IsHeld(Refusal):
    """What is held may not be destroyed, whoever asks for it."""

    status: ClassVar[int] = 409


@dataclass(frozen=True)
class Hold:
    """A matter kept from destruction; a hold that was lifted stays on record."""

    id: UUID
    referral_id: UUID
    placed_at: datetime
    placed_by: UUID
    reason: str
    lifted_at: datetime | None = None
    lifted_by: UUID | None = None
    lifted_reason: str | None = None


def held(holds: Iterable[Hold]) -> bool:
    """Whether any of these keeps what it is about. It is no permission to look, and ends none."""
    return any(hold.lifted_at is None for hold in holds)


def refuse_held(holds: Iterable[Hold]) -> None:
    """Raises IsHeld."""
    if held(holds):
        raise IsHeld("A legal hold keeps this: lift it first, with the reason.")


def place(holds: Iterable[Hold], new: Hold, case_id: UUID | None) -> HoldPlaced:
    """Raises HeldAlready."""
    if held(holds):
        raise HeldAlready("This is held already.")
    return HoldPlaced(referral_id=new.referral_id, case_id=case_id)


def lift(
    holds: Iterable[Hold], case_id: UUID | None, *, by: UUID, reason: str, at: datetime
) -> tuple[Hold, HoldLifted]:
    """Raises NotHeld."""
    standing = next((hold for hold in holds if hold.lifted_at is None), None)
    if standing is None:
        raise NotHeld("This is not held.")
    lifted = replace(standing, lifted_at=at, lifted_by=by, lifted_reason=reason)
    return lifted, HoldLifted(referral_id=standing.referral_id, case_id=case_id)
