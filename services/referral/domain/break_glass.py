"""Opening one case in an emergency: for an hour, with a reason, and somebody else looks at why."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.glass import BreakGlassEnded, BreakGlassOpened
from shared.contracts.refusal import Refusal

OPEN_FOR = timedelta(minutes=60)

SHORTEST_REASON, LONGEST_REASON = 20, 1000
"""In characters. A reason that says nothing cannot be reviewed."""

LONDON = ZoneInfo("Europe/London")

REVIEWED_WITHIN = 2
"""Working days, Monday to Friday: bank holidays are not known here, so that a review is asked for
sooner rather than later."""


class MayNotReview(Refusal):
    """Nobody looks at their own reason."""


class AlreadyReviewed(Refusal):
    """Somebody was faster."""

    status: ClassVar[int] = 409


class AlreadyOver(Refusal):
    """There is nothing to end."""

    status: ClassVar[int] = 409


class SayWhy(Refusal):
    """What was not justified needs a word about what follows from it."""


@dataclass(frozen=True)
class Review:
    """What somebody else made of it."""

    at: datetime
    by: UUID
    justified: bool
    note: str


@dataclass(frozen=True)
class BreakGlass:
    """One case that one colleague opened in an emergency."""

    id: UUID
    referral_id: UUID
    person_id: UUID
    """The colleague."""
    reason: str | None
    """None once what belongs to the case was destroyed."""
    opened_at: datetime
    until: datetime
    review_due_at: datetime
    version: int = 1
    ended_at: datetime | None = None
    """When it was ended before its time; never when the time ran out."""
    ended_by: UUID | None = None
    review: Review | None = None

    def is_open(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.until

    def is_late(self, now: datetime) -> bool:
        """Whether it should have been reviewed by now."""
        return self.review is None and now >= self.review_due_at


def break_glass(
    glass_id: UUID, referral_id: UUID, person_id: UUID, reason: str, now: datetime
) -> tuple[BreakGlass, BreakGlassOpened]:
    """Open a case to a colleague from now on."""
    opened = BreakGlass(
        id=glass_id,
        referral_id=referral_id,
        person_id=person_id,
        reason=reason,
        opened_at=now,
        until=now + OPEN_FOR,
        review_due_at=review_due_at(now),
    )
    told = BreakGlassOpened(
        glass_id=glass_id, referral_id=referral_id, person_id=person_id, until=opened.until
    )
    return opened, told


def end(glass: BreakGlass, by: UUID, now: datetime) -> tuple[BreakGlass, BreakGlassEnded]:
    """Close it before its time. Raises AlreadyOver."""
    if not glass.is_open(now):
        raise AlreadyOver("This is closed already.")
    ended = replace(glass, ended_at=now, ended_by=by, version=glass.version + 1)
    told = BreakGlassEnded(
        glass_id=glass.id,
        referral_id=glass.referral_id,
        person_id=glass.person_id,
        until=glass.until,
    )
    return ended, told


def review(glass: BreakGlass, said: Review) -> BreakGlass:
    """Say whether it was justified. Raises MayNotReview, AlreadyReviewed or SayWhy."""
    if said.by == glass.person_id:
        raise MayNotReview("Somebody else has to review this: you opened the case yourself.")
    if glass.review is not None:
        raise AlreadyReviewed("Somebody has reviewed this already.")
    if not said.justified and not said.note:
        raise SayWhy("Say why it was not justified, and what follows from that.")
    return replace(glass, review=said, version=glass.version + 1)


def review_due_at(opened_at: datetime) -> datetime:
    """The end of the second working day in London after the day it was opened."""
    day, left = opened_at.astimezone(LONDON).date(), REVIEWED_WITHIN
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return datetime.combine(day + timedelta(days=1), time(), LONDON).astimezone(opened_at.tzinfo)


def month_began_at(now: datetime) -> datetime:
    """The first moment of this month in London: openings are counted by month."""
    first = now.astimezone(LONDON).date().replace(day=1)
    return datetime.combine(first, time(), LONDON).astimezone(now.tzinfo)
