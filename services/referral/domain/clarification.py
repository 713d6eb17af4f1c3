"""A clock that stands still: we have asked somebody what they want to know, and wait for them.

UK GDPR art. 12A, which the Data (Use and Access) Act 2025 put in: while it cannot be known without
asking what somebody wants a copy of, the days until they say so do not count. To be confirmed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar
from uuid import UUID

from services.referral.domain.rights import RightKind, RightRequest
from shared.contracts.refusal import Refusal


class NotAskedNow(Refusal):
    """The clock stands already, or runs already."""

    status: ClassVar[int] = 409


@dataclass(frozen=True)
class Clarification:
    """One time that we asked, and when they answered."""

    request_id: UUID
    asked_on: date
    asked_by: UUID
    answered_on: date | None = None


def ask(
    request: RightRequest, earlier: Iterable[Clarification], today: date, by: UUID
) -> Clarification:
    """Stop the clock. Raises NotAskedNow."""
    if not request.is_open or request.kind is not RightKind.ACCESS:
        raise NotAskedNow("Only a request for access that is open can wait to be made clear.")
    for one in earlier:
        if one.answered_on is None:
            raise NotAskedNow("They were asked already; the clock stands until they answer.")
        if one.asked_on == today:
            raise NotAskedNow("They were asked today already.")
    return Clarification(request.id, today, by)


def answer(asked: Iterable[Clarification], today: date) -> Clarification:
    """Let the clock run on. Raises NotAskedNow."""
    for one in asked:
        if one.answered_on is None:
            return replace(one, answered_on=today)
    raise NotAskedNow("Nothing waits to be made clear.")


def due_on(request: RightRequest, asked: Iterable[Clarification], today: date) -> date:
    """The last day for an answer, without the days on which we waited for them.

    While we wait the day moves on with each day.
    """
    waited = timedelta()
    for one in asked:
        waited += (one.answered_on or today) - one.asked_on
    return request.due_on + waited


def waits(asked: Iterable[Clarification]) -> bool:
    """Whether the clock stands."""
    return any(one.answered_on is None for one in asked)


def in_words(request: RightRequest, asked: list[Clarification], today: date) -> str:
    """What the clock says."""
    if not request.is_open:
        return "Decided"
    if waits(asked):
        return "The clock stands: we wait until they have said what they want"
    left = (due_on(request, asked, today) - today).days
    if left < 0:
        return f"Overdue by {_days(-left)}"
    return "Due today" if left == 0 else f"Due within {_days(left)}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
