"""How each fact changes what is counted. Pure, so that a rebuild counts exactly like the day.

Every function takes what is known so far, or nothing, and gives what is known now. Each fills in
only what its own fact says, so facts may come in any order and more than once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.reporting.domain.period import month_of
from shared.contracts.fact import Fact
from shared.contracts.referral import (
    AreaNamed,
    ReferralAccepted,
    ReferralDeclined,
    ReferralReceived,
)
from shared.contracts.scheduling import SessionCancelled, SessionCompleted, SessionMissed
from shared.contracts.words import Attendance


@dataclass(frozen=True)
class ReferralCount:
    """One referral, as far as funders need to know it."""

    referral_id: UUID
    received_at: datetime | None = None
    month: date | None = None
    """The month it was received in, in London: the month it is counted in for good."""
    source: str | None = None
    matter: str | None = None
    area_id: UUID | None = None
    heard_about: str | None = None
    outcome: str | None = None
    """`accepted` or `declined`; none while it waits."""
    decided_at: datetime | None = None
    decline_reason: str | None = None
    case_id: UUID | None = None


@dataclass(frozen=True)
class CaseCount:
    """One case: which referral it came from and when its people first met somebody."""

    case_id: UUID
    referral_id: UUID | None = None
    first_met_at: datetime | None = None


@dataclass(frozen=True)
class MeetingCount:
    """One meeting that was held, missed or called off."""

    session_id: UUID
    case_id: UUID
    kind: str
    outcome: str
    """`completed`, `missed` or `cancelled`."""
    month: date
    """The month it was held in; for the others, the month in which that became known."""
    took_part: int = 0
    """How many of those invited came, late or not."""


@dataclass(frozen=True)
class AreaLabel:
    """What an area is called; the newest naming wins, in whatever order they arrive."""

    area_id: UUID
    label: str
    version: int


Counted = ReferralCount | CaseCount | MeetingCount | AreaLabel

HEARD: tuple[type[Fact], ...] = (
    ReferralReceived,
    ReferralAccepted,
    ReferralDeclined,
    AreaNamed,
    SessionCompleted,
    SessionMissed,
    SessionCancelled,
)
"""Every fact that changes a count."""


@dataclass(frozen=True)
class Change:
    """What one fact does to one count."""

    kind: type[Counted]
    key: UUID
    become: Callable[[Any], Counted]
    """From what is known so far, or nothing, to what is known now."""
    begins: bool = False
    """Whether nothing is known under this id, unless facts came twice or in another order."""


def changes(fact: Fact, at: datetime, version: int) -> tuple[Change, ...]:
    """Everything `fact`, told `at` that time as that version of its aggregate, changes."""
    match fact:
        case ReferralReceived():
            return (_referral(fact, lambda known: referral_received(known, fact, at), begins=True),)
        case ReferralAccepted():
            return (
                _referral(fact, lambda known: referral_accepted(known, fact, at)),
                Change(
                    CaseCount, fact.case_id, lambda known: case_opened(known, fact), begins=True
                ),
            )
        case ReferralDeclined():
            return (_referral(fact, lambda known: referral_declined(known, fact, at)),)
        case AreaNamed():
            return (
                Change(AreaLabel, fact.area_id, lambda known: area_named(known, fact, version)),
            )
        case SessionCompleted():
            return (
                _meeting(fact, lambda _known: meeting_held(fact)),
                Change(CaseCount, fact.case_id, lambda known: case_met(known, fact)),
            )
        case SessionMissed() | SessionCancelled():
            return (_meeting(fact, lambda _known: meeting_ended(fact, at)),)
        case _:
            return ()


def _referral(
    fact: ReferralReceived | ReferralAccepted | ReferralDeclined,
    become: Callable[[Any], Counted],
    *,
    begins: bool = False,
) -> Change:
    return Change(ReferralCount, fact.referral_id, become, begins)


def _meeting(
    fact: SessionCompleted | SessionMissed | SessionCancelled, become: Callable[[Any], Counted]
) -> Change:
    return Change(MeetingCount, fact.session_id, become, begins=True)


def referral_received(
    known: ReferralCount | None, fact: ReferralReceived, at: datetime
) -> ReferralCount:
    """Count the referral in the month it was received in."""
    return replace(
        known or ReferralCount(fact.referral_id),
        received_at=at,
        month=month_of(at),
        source=fact.source.value,
        matter=fact.matter.value,
        area_id=fact.area_id,
        heard_about=fact.heard_about.value,
    )


def referral_accepted(
    known: ReferralCount | None, fact: ReferralAccepted, at: datetime
) -> ReferralCount:
    """Count it as accepted, in the month it was *received* in."""
    return replace(
        known or ReferralCount(fact.referral_id),
        outcome="accepted",
        decided_at=at,
        case_id=fact.case_id,
    )


def referral_declined(
    known: ReferralCount | None, fact: ReferralDeclined, at: datetime
) -> ReferralCount:
    """Count it as declined, in the month it was *received* in."""
    return replace(
        known or ReferralCount(fact.referral_id),
        outcome="declined",
        decided_at=at,
        decline_reason=fact.reason.value,
    )


def case_opened(known: CaseCount | None, fact: ReferralAccepted) -> CaseCount:
    """Tie the case to the referral it came from."""
    return replace(known or CaseCount(fact.case_id), referral_id=fact.referral_id)


def case_met(known: CaseCount | None, fact: SessionCompleted) -> CaseCount:
    """Keep the earliest meeting that was held, of either kind."""
    case = known or CaseCount(fact.case_id)
    if case.first_met_at is not None and case.first_met_at <= fact.started_at:
        return case
    return replace(case, first_met_at=fact.started_at)


def meeting_held(fact: SessionCompleted) -> MeetingCount:
    """Count a meeting in the month it was held in, with how many took part."""
    came = (Attendance.ATTENDED, Attendance.LATE)
    return MeetingCount(
        session_id=fact.session_id,
        case_id=fact.case_id,
        kind=fact.kind.value,
        outcome="completed",
        month=month_of(fact.started_at),
        took_part=sum(1 for person in fact.attended if person.attendance in came),
    )


def meeting_ended(fact: SessionMissed | SessionCancelled, at: datetime) -> MeetingCount:
    """Count a meeting that was not held, in the month that became known."""
    return MeetingCount(
        session_id=fact.session_id,
        case_id=fact.case_id,
        kind=fact.kind.value,
        outcome="missed" if isinstance(fact, SessionMissed) else "cancelled",
        month=month_of(at),
    )


def area_named(known: AreaLabel | None, fact: AreaNamed, version: int) -> AreaLabel:
    """Take the label unless a newer one is known."""
    if known is not None and known.version >= version:
        return known
    return AreaLabel(area_id=fact.area_id, label=fact.label, version=version)
