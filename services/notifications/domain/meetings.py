"""What notifications has to know about meetings: when, what became of them, who expects them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from services.notifications.domain.purposes import ANNOUNCES_A_MEETING, CANCELLED, TO_STAFF
from shared.contracts.scheduling import SessionScheduled
from shared.contracts.words import Purpose, RecallReason

ON_ITS_WAY = datetime.max.replace(tzinfo=UTC)
"""Sorts what somebody is being told this moment after all they were told."""


@dataclass(frozen=True)
class Meeting:
    """A meeting as far as messages about it go; never where it is, or what it is about."""

    id: UUID
    case_id: UUID | None = None
    replaces: UUID | None = None
    starts_at: datetime | None = None
    """None while only its end has been heard of."""
    ended: RecallReason | None = None
    """Called off or moved: no message may announce it any more."""
    ended_by: UUID | None = None
    """The event that ended it."""
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Told:
    """Somebody was told something about a meeting, or is being told it right now."""

    person_id: UUID
    purpose: Purpose
    session_id: UUID
    told_at: datetime | None
    """None while the message is on its way."""


@dataclass(frozen=True)
class Expecting:
    """Somebody who, for all we know, expects a meeting to take place."""

    person_id: UUID
    as_staff: bool
    session_id: UUID
    """The meeting they were last told of: an earlier one than today's if it was moved since."""
    certain: bool
    """False while the message that would tell them is on its way."""


def expecting(told: Iterable[Told]) -> list[Expecting]:
    """Who expects a meeting, from all that was told about it and the ones it was moved from.

    What somebody was told last is what they believe. Being told that it was called off ends it.
    """
    last: dict[tuple[UUID, bool], Told] = {}
    for one in sorted(told, key=lambda one: one.told_at or ON_ITS_WAY):
        last[one.person_id, one.purpose in TO_STAFF] = one
    return [
        Expecting(person_id, as_staff, one.session_id, certain=one.told_at is not None)
        for (person_id, as_staff), one in last.items()
        if one.purpose in ANNOUNCES_A_MEETING
    ]


@dataclass(frozen=True)
class Addressee:
    """Somebody to write to, and what about."""

    person_id: UUID
    purpose: Purpose


def booking_letters(booked: SessionScheduled, before: Iterable[Expecting]) -> list[Addressee]:
    """Whom to tell of a new meeting, given who expects the one it was moved from.

    Somebody who never heard of the earlier one hears of an appointment, not of a change. Somebody
    who expects the earlier one and is not asked to this one hears that theirs is off.
    """
    expected = {(one.person_id, one.as_staff) for one in before}
    invited = [(person_id, False) for person_id in booked.participant_ids]
    invited += [(person_id, True) for person_id in booked.facilitator_ids]
    news = [
        Addressee(who[0], purpose_of("moved" if who in expected else "booked", as_staff=who[1]))
        for who in dict.fromkeys(invited)
    ]
    return news + [
        Addressee(person_id, purpose_of("cancelled", as_staff=as_staff))
        for person_id, as_staff in sorted(expected - set(invited))
    ]


def cancelling_letters(before: Iterable[Expecting]) -> list[Addressee]:
    """Whom to tell that a meeting is off: those who expect it, and nobody else."""
    return [
        Addressee(one.person_id, purpose_of("cancelled", as_staff=one.as_staff)) for one in before
    ]


def purpose_of(what: Literal["booked", "moved", "cancelled"], *, as_staff: bool) -> Purpose:
    """What a message about a meeting is for, to somebody who takes part or who runs it."""
    return Purpose(f"staff_meeting_{what}" if as_staff else f"meeting_{what}")


def matters_until(purpose: Purpose, meetings: Iterable[Meeting], otherwise: datetime) -> datetime:
    """Until when a message about the first of `meetings` is worth sending.

    An announcement, until it starts. That it is off, until the last of the times anybody was given.
    """
    starts = [one.starts_at for one in meetings if one.starts_at is not None]
    if not starts:
        return otherwise
    return max(starts) if purpose in CANCELLED else starts[0]
