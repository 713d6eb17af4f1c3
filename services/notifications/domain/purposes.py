"""What messages are for: who they go to, and how long the fact behind one may be news."""

from datetime import datetime, timedelta

from shared.contracts.words import Purpose

WINDOW: dict[Purpose, timedelta] = {
    Purpose.REFERRAL_RECEIVED: timedelta(days=7),
    Purpose.REFERRAL_ACCEPTED: timedelta(days=7),
    Purpose.REFERRAL_DECLINED: timedelta(days=7),
    Purpose.MEETING_BOOKED: timedelta(days=7),
    Purpose.MEETING_MOVED: timedelta(days=7),
    Purpose.MEETING_CANCELLED: timedelta(days=7),
    Purpose.STAFF_NEW_REFERRAL: timedelta(days=2),
    Purpose.STAFF_MEETING_BOOKED: timedelta(days=7),
    Purpose.STAFF_MEETING_MOVED: timedelta(days=7),
    Purpose.STAFF_MEETING_CANCELLED: timedelta(days=7),
}
"""A fact older than this starts no message, so that no replay of old facts ever writes to anybody.

Long enough for a broker that was down over a bank holiday; staff see new referrals on their list
anyway, so theirs is shorter.
"""

LASTS: dict[Purpose, timedelta] = {
    purpose: (timedelta(days=3) if purpose is Purpose.STAFF_NEW_REFERRAL else timedelta(days=14))
    for purpose in Purpose
}
"""How long after the fact a message that is no longer on time may still wait to be sent."""

BOOKED = frozenset({Purpose.MEETING_BOOKED, Purpose.STAFF_MEETING_BOOKED})
MOVED = frozenset({Purpose.MEETING_MOVED, Purpose.STAFF_MEETING_MOVED})
CANCELLED = frozenset({Purpose.MEETING_CANCELLED, Purpose.STAFF_MEETING_CANCELLED})
ANNOUNCES_A_MEETING = BOOKED | MOVED
"""Whoever was told one of these expects a meeting to take place."""
ABOUT_A_MEETING = ANNOUNCES_A_MEETING | CANCELLED

UNTRUE_ONCE_DECLINED = frozenset({Purpose.REFERRAL_RECEIVED, Purpose.STAFF_NEW_REFERRAL})
"""Messages that promise that somebody will look at a referral."""

TO_STAFF = frozenset(purpose for purpose in Purpose if purpose.value.startswith("staff_"))


def is_news(purpose: Purpose, happened_at: datetime, now: datetime) -> bool:
    """Whether a fact of `happened_at` may still start a message for `purpose`."""
    return now - happened_at <= WINDOW[purpose]
