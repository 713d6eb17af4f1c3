"""What people ask of us about their own data, and by when the law wants an answer.

The clock is that of UK GDPR art. 12(3): one month from the day it was received, and two more where
it is complex or there are many. A month ends on the same day of the next one, or on its last day;
that this day may be a Sunday gives nobody longer here, so that a date shown is never too late.
"""

import calendar
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.referral.domain.agreement import HowTold
from shared.contracts.refusal import Refusal

MONTHS, MONTHS_MORE = 1, 2
"""How long an answer may take, and by how much longer after an extension."""


class RightKind(StrEnum):
    """Which right somebody uses."""

    ERASURE = "erasure"
    ACCESS = "access"
    RECTIFICATION = "rectification"


class RequestState(StrEnum):
    """What has become of it."""

    OPEN = "open"
    CARRIED_OUT = "carried_out"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ExtensionReason(StrEnum):
    """The two reasons the law knows for taking longer."""

    COMPLEX = "complex"
    MANY = "many"


class RefusalReason(StrEnum):
    """Why it was not done."""

    EXPRESSION = "expression"
    """Art. 17(3)(a): freedom of expression and information."""
    LEGAL_OBLIGATION = "legal_obligation"
    """Art. 17(3)(b): a law has us keep it, or a task in the public interest."""
    PUBLIC_HEALTH = "public_health"
    """Art. 17(3)(c)."""
    ARCHIVING = "archiving"
    """Art. 17(3)(d): archives, research or statistics in the public interest."""
    LEGAL_CLAIMS = "legal_claims"
    """Art. 17(3)(e): it is needed to make, pursue or answer a legal claim."""
    UNFOUNDED_OR_EXCESSIVE = "unfounded_or_excessive"
    """Art. 12(5)."""


REFUSALS: dict[RightKind, tuple[RefusalReason, ...]] = {
    RightKind.ERASURE: tuple(RefusalReason)[:5],
    RightKind.ACCESS: (RefusalReason.UNFOUNDED_OR_EXCESSIVE,),
    RightKind.RECTIFICATION: (RefusalReason.UNFOUNDED_OR_EXCESSIVE,),
}
"""The reasons for which each may be refused."""


class AlreadyDecided(Refusal):
    """Somebody has decided it since."""

    status: ClassVar[int] = 409


class AlreadyAsked(Refusal):
    """They have asked for the same, and that is still open."""

    status: ClassVar[int] = 409


class NotYet(Refusal):
    """A day that has not come."""


class TooLateToExtend(Refusal):
    """Whoever takes longer has to say so within the first month."""

    status: ClassVar[int] = 409


class NoSuchReason(Refusal):
    """The law does not know this reason for this right."""


class NeedsSomebodyElse(Refusal):
    """Whoever recorded what was asked does not carry it out as well."""

    status: ClassVar[int] = 403


@dataclass(frozen=True)
class RightRequest:
    """One thing somebody asked for about their own data."""

    id: UUID
    person_id: UUID
    kind: RightKind
    received_on: date
    """The day on which it reached us, wherever and to whomever: the clock starts then."""
    received_by: HowTold
    recorded_by: UUID
    due_on: date
    """The last day for an answer, an extension counted in."""
    state: RequestState = RequestState.OPEN
    extended: ExtensionReason | None = None
    extended_on: date | None = None
    decided_on: date | None = None
    decided_by: UUID | None = None
    """None for what was carried out after a store was restored: nobody decided it twice."""
    reason: RefusalReason | None = None

    @property
    def is_open(self) -> bool:
        return self.state is RequestState.OPEN

    def days_left(self, today: date) -> int:
        """Days until the answer is due; 0 on the last day, below 0 when it is overdue."""
        return (self.due_on - today).days


def receive(
    request_id: UUID,
    person_id: UUID,
    kind: RightKind,
    received_on: date,
    received_by: HowTold,
    *,
    by: UUID,
    today: date,
) -> RightRequest:
    """Somebody has asked. Raises NotYet."""
    if received_on > today:
        raise NotYet("The day on which they asked cannot lie ahead.")
    due_on = months_after(received_on, MONTHS)
    return RightRequest(request_id, person_id, kind, received_on, received_by, by, due_on)


def extend(request: RightRequest, why: ExtensionReason, today: date) -> RightRequest:
    """Take two months longer, once. Raises AlreadyDecided or TooLateToExtend."""
    _refuse_unless_open(request)
    if request.extended is not None:
        raise AlreadyDecided("This was extended before; the law allows it once.")
    if request.days_left(today) < 0:
        raise TooLateToExtend("The month is over: it can only be extended, and said so, within it.")
    due_on = months_after(request.received_on, MONTHS + MONTHS_MORE)
    return replace(request, extended=why, extended_on=today, due_on=due_on)


def carry_out(request: RightRequest, today: date, *, by: UUID, alone: bool = False) -> RightRequest:
    """Note that what was asked for is done.

    `alone` where the operator says that there is only one person who could.
    Raises AlreadyDecided or NeedsSomebodyElse.
    """
    _refuse_unless_open(request)
    if by == request.recorded_by and not alone and request.kind is RightKind.ERASURE:
        raise NeedsSomebodyElse(
            "You recorded this request yourself. It cannot be undone, so somebody else has to "
            "carry it out."
        )
    return _decided(request, RequestState.CARRIED_OUT, today, by)


def refuse(request: RightRequest, why: RefusalReason, today: date, *, by: UUID) -> RightRequest:
    """Note that it is not done, and why. Raises AlreadyDecided or NoSuchReason."""
    _refuse_unless_open(request)
    if why not in REFUSALS[request.kind]:
        raise NoSuchReason("The law does not know this reason here. Choose another.")
    return replace(_decided(request, RequestState.REFUSED, today, by), reason=why)


def withdraw(request: RightRequest, today: date, *, by: UUID) -> RightRequest:
    """Note that they no longer ask for it. Raises AlreadyDecided."""
    _refuse_unless_open(request)
    return _decided(request, RequestState.WITHDRAWN, today, by)


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or the last day of it where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _decided(request: RightRequest, state: RequestState, today: date, by: UUID) -> RightRequest:
    return replace(request, state=state, decided_on=today, decided_by=by)


def _refuse_unless_open(request: RightRequest) -> None:
    if not request.is_open:
        raise AlreadyDecided("This has been decided since you opened the page.")
