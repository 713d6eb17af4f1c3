"""Ending the work on a case, and what somebody means who declines to take part."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.referral.domain.intake import Referral, Status
from services.referral.domain.parties import Party, refuse_unless_open
from services.referral.domain.triage import Case, CaseState
from shared.contracts.lifecycle import CaseClosed, ClosureCode
from shared.contracts.refusal import Refusal


class SaidSoAlready(Refusal):
    """It is on record that they do not want to take part."""

    status: ClassVar[int] = 409


class NeverDeclined(Refusal):
    """There is nothing to take back."""

    status: ClassVar[int] = 409


class HasDeclined(Refusal):
    """They do not want to take part."""


def close(
    referral: Referral, case: Case | None, outcome: ClosureCode, now: datetime
) -> tuple[Referral, Case, CaseClosed]:
    """End the work. Raises CaseNotOpen."""
    case = refuse_unless_open(case)
    closed = replace(
        case, state=CaseState.CLOSED, closed_at=now, outcome=outcome, version=case.version + 1
    )
    ended = replace(referral, status=Status.CLOSED, version=referral.version + 1)
    fact = CaseClosed(case_id=case.id, referral_id=referral.id, outcome=outcome)
    return ended, closed, fact


def decline_to_take_part(party: Party, now: datetime) -> Party:
    """They do not want to take part. Raises SaidSoAlready."""
    if party.declined_at is not None:
        raise SaidSoAlready("That they do not want to take part is recorded already.")
    return replace(party, declined_at=now)


def refuse_declined(parties: Iterable[Party], person_id: UUID) -> None:
    """Nothing is agreed with somebody who does not want to take part. Raises HasDeclined."""
    if any(one.person_id == person_id and one.declined_at is not None for one in parties):
        raise HasDeclined(
            "They do not want to take part. Record first that they do after all, if they said so."
        )


def take_part_after_all(party: Party) -> Party:
    """They came back to us by themselves. Raises NeverDeclined."""
    if party.declined_at is None:
        raise NeverDeclined("They have not declined to take part.")
    return replace(party, declined_at=None)
