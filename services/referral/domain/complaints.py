"""Complaints about us, and how long the law gives us for each step.

Section 164A of the Data Protection Act 2018, which the Data (Use and Access) Act 2025 put in, wants
a complaint about somebody's data acknowledged "within the period of 30 days beginning when the
complaint is received", and then dealt with without undue delay. We keep all complaints to it.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from shared.contracts.refusal import Refusal

ACKNOWLEDGED_WITHIN = timedelta(days=30)
"""The day on which it came counts as the first: the cautious reading."""

ANSWERED_WITHIN = timedelta(days=90)
"""No law's: after this a complaint counts as overdue here. To be confirmed by the operator."""

DESTROYED = "What stood here was destroyed with the person's data."


class HowCame(StrEnum):
    """By what way a complaint reached us."""

    BY_PHONE = "by_phone"
    IN_PERSON = "in_person"
    BY_EMAIL = "by_email"
    BY_LETTER = "by_letter"
    ANOTHER_WAY = "another_way"


class State(StrEnum):
    """How far a complaint has come."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    CLOSED = "closed"


class Step(StrEnum):
    """What can be done about a complaint."""

    ACKNOWLEDGED = "acknowledged"
    NOTED = "noted"
    ANSWERED = "answered"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What came of it."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    NOT_UPHELD = "not_upheld"
    WITHDRAWN = "withdrawn"


class NotNow(Refusal):
    """The complaint is not that far, or is closed."""

    status: ClassVar[int] = 409


@dataclass(frozen=True)
class Complaint:
    """What somebody was not content with; the words are kept apart from this, sealed."""

    id: UUID
    reference: str
    came_on: date
    how: HowCame
    person_id: UUID | None = None
    """Who complains, where we know them."""
    about_id: UUID | None = None
    """The colleague it is about: they never see it."""
    referral_id: UUID | None = None
    acknowledged_on: date | None = None
    answered_on: date | None = None
    closed_on: date | None = None
    outcome: Outcome | None = None
    version: int = 1

    @property
    def state(self) -> State:
        if self.closed_on is not None:
            return State.CLOSED
        if self.answered_on is not None:
            return State.ANSWERED
        return State.RECEIVED if self.acknowledged_on is None else State.ACKNOWLEDGED

    @property
    def subject_id(self) -> UUID:
        """Under whose key the words are: the person's, so that they go when the person goes."""
        return self.person_id or self.id


@dataclass(frozen=True)
class Clock:
    """What is due, in words."""

    words: str
    overdue: bool = False


def clock(complaint: Complaint, today: date) -> Clock:
    """What has to be done by when."""
    came = (today - complaint.came_on).days
    match complaint.state:
        case State.CLOSED:
            return Clock("Closed")
        case State.ANSWERED:
            return Clock("Answered. Close it when nothing is left to do")
        case State.ACKNOWLEDGED:
            late = came >= ANSWERED_WITHIN.days
            words = f"Answer without undue delay: it came {_days(came)} ago"
            return Clock(f"Overdue. {words}" if late else words, late)
    left = (acknowledge_by(complaint) - today).days
    if left < 0:
        return Clock(f"Overdue. It had to be acknowledged {_days(-left)} ago", overdue=True)
    if left == 0:
        return Clock("Acknowledge it today: this is the last day")
    return Clock(f"Acknowledge it within {_days(left)}")


def acknowledge_by(complaint: Complaint) -> date:
    """The last day on which it can be acknowledged in time."""
    return complaint.came_on + ACKNOWLEDGED_WITHIN - timedelta(days=1)


def overdue_since(today: date) -> tuple[date, date]:
    """What came before the first and is not acknowledged, or before the second and is not
    answered, is overdue."""
    return (
        today - ACKNOWLEDGED_WITHIN + timedelta(days=1),
        today - ANSWERED_WITHIN + timedelta(days=1),
    )


def take(complaint: Complaint, step: Step, today: date, outcome: Outcome | None) -> Complaint:
    """The complaint after this step. Raises NotNow."""
    if complaint.state is State.CLOSED:
        raise NotNow("This complaint is closed. Record a new one if there is more to it.")
    after = replace(complaint, version=complaint.version + 1)
    match step:
        case Step.ACKNOWLEDGED:
            if complaint.acknowledged_on is not None:
                raise NotNow("This complaint was acknowledged before.")
            return replace(after, acknowledged_on=today)
        case Step.ANSWERED:
            # An answer tells them that it has come, too.
            return replace(
                after, answered_on=today, acknowledged_on=complaint.acknowledged_on or today
            )
        case Step.CLOSED:
            return _close(after, today, outcome)
    return after


def _close(complaint: Complaint, today: date, outcome: Outcome | None) -> Complaint:
    if outcome is None:
        raise NotNow("Say what came of it before you close it.")
    if complaint.answered_on is None and outcome is not Outcome.WITHDRAWN:
        raise NotNow("Answer the complaint before you close it, unless it was withdrawn.")
    return replace(complaint, closed_on=today, outcome=outcome)


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
