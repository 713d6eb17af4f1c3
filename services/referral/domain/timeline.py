"""What has happened in a case, in coded words: the timeline holds no names and no free text."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.referral.domain.agreement import HowTold
from shared.contracts.words import Channel, Purpose


class Happening(StrEnum):
    """One kind of entry on the timeline of a case page."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    PARTY_ADDED = "party_added"
    AGREED = "agreed"
    AGREEMENT_WITHDRAWN = "agreement_withdrawn"
    MEETINGS_ENDED = "meeting_stopped"
    """Leave to hold meetings was taken back, for however many; stored under its first name."""
    ASKED_NO_CONTACT = "asked_no_contact"
    ASKED_CONTACT_AGAIN = "asked_contact_again"
    SAFE_CONTACT_CHANGED = "safe_contact_changed"
    ALLOCATED = "allocated"
    RELEASED = "released"
    CONFLICT_DECLARED = "conflict_declared"
    CONFLICT_LIFTED = "conflict_lifted"
    GLASS_BROKEN = "glass_broken"
    GLASS_CLOSED = "glass_closed"
    CASE_CLOSED = "case_closed"
    DECLINED_TO_TAKE_PART = "declined_to_take_part"
    TAKES_PART_AFTER_ALL = "takes_part_after_all"
    MONITORING_ANSWERED = "monitoring_answered"
    HOLD_PLACED = "hold_placed"
    HOLD_LIFTED = "hold_lifted"
    PERSON_REDUCED = "person_reduced"
    """All that was kept of them is gone but for three coded answers that lead to nobody."""
    ERASED = "erased"


@dataclass(frozen=True)
class Entry:
    """Something that happened to a referral or its case."""

    id: UUID
    referral_id: UUID
    at: datetime
    happening: Happening
    person_id: UUID | None = None
    """Whom it concerns, where it concerns one person."""
    recorded_by: UUID | None = None
    """The member of staff who recorded it; nobody for what came from outside."""
    how: HowTold | None = None
    """By what way we were told, where somebody told us."""


class Ending(StrEnum):
    """How a message ended."""

    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    RECALLED = "recalled"


@dataclass(frozen=True)
class MessageNote:
    """How one message about a referral or case ended, as notifications told it."""

    message_id: UUID
    person_id: UUID
    purpose: Purpose
    ending: Ending
    at: datetime
    sequence: int
    """The message's version when it was told: a later ending corrects an earlier one."""
    referral_id: UUID | None = None
    case_id: UUID | None = None
    channel: Channel | None = None
    reason: str | None = None
    """The coded reason, where it was not sent."""


def corrects(news: MessageNote, known: MessageNote | None) -> bool:
    """Whether `news` is later than what is known; facts may come again, or out of order."""
    return known is None or news.sequence > known.sequence
