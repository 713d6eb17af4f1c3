"""What a service's work in the background says of itself: is it done, or does it only fail?

A loop that fails is tried again for ever, so without this nothing but the log would show it.
"""

import time
from collections.abc import Callable
from datetime import timedelta

FAILS_TOO_LONG = timedelta(seconds=30)
"""A loop that has failed for longer makes the service not ready."""

STEADY = timedelta(seconds=30)
"""A loop that was started again and has run for so long without falling over is well."""


class Loops:
    """The loops of one service that fail, and since when."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._fails_since: dict[str, float] = {}
        self._runs_since: dict[str, float] = {}

    def failed(self, name: str) -> None:
        """Say that the loop failed, and will be tried again."""
        if self._is_steady(name):
            self._fails_since.pop(name, None)
        self._runs_since.pop(name, None)
        self._fails_since.setdefault(name, self._now())

    def well(self, name: str) -> None:
        """Say that the loop has done a whole round of its work."""
        self._fails_since.pop(name, None)
        self._runs_since.pop(name, None)

    def runs_again(self, name: str) -> None:
        """Say that the loop was started again; it may now wait long for its turn to lead."""
        self._runs_since[name] = self._now()

    def failing(self) -> list[str]:
        """The loops that have failed for too long."""
        longest = FAILS_TOO_LONG.total_seconds()
        return sorted(
            name
            for name, since in self._fails_since.items()
            if self._now() - since > longest and not self._is_steady(name)
        )

    def _is_steady(self, name: str) -> bool:
        since = self._runs_since.get(name)
        return since is not None and self._now() - since >= STEADY.total_seconds()
