"""How long to wait before trying again, and when to stop."""

from datetime import datetime, timedelta

KEEP_TRYING_FOR = timedelta(hours=4)
"""From the first attempt; a mail server that is busy for longer needs a person, not patience."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 30))
"""After the first, second, … attempt; the last one repeats."""

SILENCES = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 30, 60))
"""Before asking for a permit again when nobody answered; the last one repeats."""

SHORTEST_WAIT = timedelta(seconds=30)
"""When told to ask later, never sooner than this: two clocks may differ."""


def next_attempt(round_began_at: datetime, attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` that met a busy server; none when it is time to stop.

    The last attempt comes exactly when KEEP_TRYING_FOR ends, not up to a pause before it.
    """
    end = round_began_at + KEEP_TRYING_FOR
    if now >= end:
        return None
    return min(now + PAUSES[min(attempts, len(PAUSES)) - 1], end)


def ask_again(silences: int, now: datetime) -> datetime:
    """When to ask for a permit again after `silences` in a row."""
    return now + SILENCES[min(silences, len(SILENCES)) - 1]


def not_sooner(not_before: datetime, now: datetime) -> datetime:
    """When to ask again after being told `not_before`."""
    return max(not_before, now + SHORTEST_WAIT)
