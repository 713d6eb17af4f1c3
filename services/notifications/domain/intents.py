"""Which message a fact starts: one for each event, person and purpose, and never a late one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notifications.domain.message import Message, Subject, intent_id
from services.notifications.domain.purposes import LASTS, is_news
from shared.contracts.words import DeclineReason, Purpose

SAYS_NOTHING = frozenset(
    {
        DeclineReason.REFERRER_WITHDREW,
        DeclineReason.DUPLICATE,
        DeclineReason.ADMINISTRATIVE_ERROR,
    }
)
"""Declined for a reason the person knows, or that has nothing to do with them: no message."""


@dataclass(frozen=True)
class Cause:
    """The event behind a message."""

    id: UUID
    happened_at: datetime


def intent(
    cause: Cause,
    person_id: UUID,
    purpose: Purpose,
    subject: Subject,
    now: datetime,
    matters_until: datetime | None = None,
) -> Message | None:
    """The message this event starts, due at once; none when it is no longer news or of use."""
    until = matters_until or cause.happened_at + LASTS[purpose]
    if not is_news(purpose, cause.happened_at, now) or now >= until:
        return None
    return Message(
        id=intent_id(cause.id, person_id, purpose),
        event_id=cause.id,
        person_id=person_id,
        purpose=purpose,
        subject=subject,
        created_at=now,
        changed_at=now,
        due_at=now,
        matters_until=until,
    )


def tells_of_decline(reason: DeclineReason) -> bool:
    """Whether the person is written to about a referral declined for this reason."""
    return reason not in SAYS_NOTHING
