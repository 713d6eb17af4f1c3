"""Which cases wait to be planned, who their parties are, and since when they wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.scheduling.domain.meetings import Meeting, State
from shared.contracts.words import Matter, MeetingKind, Side


@dataclass(frozen=True)
class Party:
    """A person in a case, known here by an id and a side alone."""

    person_id: UUID
    side: Side


@dataclass(frozen=True)
class Case:
    """A case that was opened for planning."""

    id: UUID
    referral_id: UUID
    matter: Matter
    area_id: UUID
    opened_at: datetime
    waiting_since: datetime | None
    """Since when nothing is planned for it; none while a meeting is booked or all is done."""


def waiting_since(opened_at: datetime, meetings: Iterable[Meeting]) -> datetime | None:
    """Since when a case waits to be planned, or none when it does not.

    It waits from the day it was opened, and again after each meeting that left nothing booked,
    until its joint meeting has been held.
    """
    since = opened_at
    for meeting in meetings:
        if meeting.state is State.SCHEDULED:
            return None
        if meeting.state is State.COMPLETED and meeting.kind is MeetingKind.JOINT:
            return None
        if meeting.ended_at is not None:
            since = max(since, meeting.ended_at)
    return since


def days_waiting(since: datetime, now: datetime) -> int:
    """Whole days between; never below zero, even where two clocks differ a little."""
    return max((now - since).days, 0)


def prepared(meetings: Iterable[Meeting]) -> frozenset[UUID]:
    """The people who have had a preparation meeting."""
    return frozenset(
        person_id
        for meeting in meetings
        if meeting.state is State.COMPLETED and meeting.kind is MeetingKind.PREPARATION
        for person_id in meeting.participant_ids
    )
