"""Accepting a referral, or declining it with a reason."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.referral.domain.intake import Referral, Status
from shared.contracts.lifecycle import ClosureCode
from shared.contracts.referral import ReferralAccepted, ReferralDeclined
from shared.contracts.refusal import Refusal
from shared.contracts.words import DeclineReason


class AlreadyDecided(Refusal):
    """Somebody accepted or declined it before."""

    status: ClassVar[int] = 409


class CaseState(StrEnum):
    """Whether work on a case goes on."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Case:
    """An accepted referral: the one matter we work on with its parties."""

    id: UUID
    referral_id: UUID
    opened_at: datetime
    state: CaseState = CaseState.OPEN
    version: int = 0
    """Grows with every fact told about the case."""
    closed_at: datetime | None = None
    outcome: ClosureCode | None = None
    """Why work on it ended; none while it is open."""


def accept(
    referral: Referral, case_id: UUID, now: datetime
) -> tuple[Referral, Case, ReferralAccepted]:
    """Take the referral on and open a case. Raises AlreadyDecided."""
    _refuse_decided(referral)
    accepted = replace(
        referral, status=Status.ACCEPTED, decided_at=now, version=referral.version + 1
    )
    fact = ReferralAccepted(
        referral_id=referral.id,
        case_id=case_id,
        person_id=referral.person_id,
        side=referral.request.side,
        matter=referral.request.matter,
        area_id=referral.request.area_id,
    )
    return accepted, Case(id=case_id, referral_id=referral.id, opened_at=now), fact


def decline(
    referral: Referral, reason: DeclineReason, now: datetime
) -> tuple[Referral, ReferralDeclined]:
    """End the referral before a case is opened. Raises AlreadyDecided."""
    _refuse_decided(referral)
    declined = replace(
        referral,
        status=Status.DECLINED,
        decided_at=now,
        decline_reason=reason,
        version=referral.version + 1,
    )
    return declined, ReferralDeclined(
        referral_id=referral.id, person_id=referral.person_id, reason=reason
    )


def _refuse_decided(referral: Referral) -> None:
    if referral.status is not Status.WAITING:
        raise AlreadyDecided(f"This referral was already {referral.status.value}.")
