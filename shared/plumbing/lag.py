"""Whether a consumer stands still while events wait in it.

A consumer can be there, and its reader gone or stuck. What counts is progress: one that catches
up, or reads everything again, moves on all the time and does not lag however much still waits.
"""

import time
from collections.abc import Callable
from datetime import timedelta

LAGS_AFTER = timedelta(seconds=60)
"""How long events may wait while none is acted on. One that fails is parked well before."""


class Lag:
    """Remembers since when each consumer has stood at the same event, with others waiting."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._stands: dict[str, tuple[int, float]] = {}

    def lags(self, consumer: str, acted_on: int, waiting: int) -> bool:
        """Take note of how far a consumer has come; whether it has stood still too long.

        `acted_on` is the place up to which everything has been acted on, `waiting` how many
        events have not.
        """
        now = self._now()
        if not waiting:
            self._stands.pop(consumer, None)
            return False
        at, since = self._stands.get(consumer, (acted_on, now))
        if at != acted_on:
            since = now
        self._stands[consumer] = (acted_on, since)
        return now - since > LAGS_AFTER.total_seconds()

    def forget(self) -> None:
        """While the server is out of reach nothing can move on: begin anew when it is back."""
        self._stands.clear()
