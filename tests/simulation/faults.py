"""What may go wrong, how often, and until when.

Each seed has only some of the faults, so that one does not hide what another would show.
"""

import random
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

RATES: dict[str, float] = {
    "crash": 0.008,
    "publish refused": 0.05,
    "acknowledgement of a publish lost": 0.08,
    "acknowledgement of an event lost": 0.06,
    "acknowledgement of an event not confirmed": 0.04,
    "refusal of an event lost": 0.2,
    "event delivered again": 0.06,
    "events of different things reordered": 0.1,
    "question lost": 0.08,
    "answer lost": 0.08,
    "referral does not answer": 0.05,
    "answer to a client lost": 0.2,
    "store out of reach": 0.004,
    "handler broken": 0.03,
    "meanwhile": 0.25,
    "mail server busy": 0.1,
    "mail server down": 0.06,
    "mail server slow": 0.1,
    "address refused": 0.03,
    "letter refused": 0.03,
    "letter taken but nobody told": 0.06,
    "letter lost and nobody told": 0.04,
}
"""How often each happens where it can happen, in a seed that has it."""

STREAM_LOSSES = (
    "stream cut off at its end",
    "stream wiped",
    "stream restored from a copy",
    "consumer made anew",
)
"""Done to the broker as steps of their own."""


class Crashed(BaseException):
    """A process died. Not an Exception: nothing in the product may catch it."""

    def __init__(self, process: Any, place: str) -> None:
        super().__init__(place)
        self.process = process
        self.place = place


acting: ContextVar[Any] = ContextVar("simulated_process", default=None)
"""The process whose code is running right now; none in the simulation's own."""


def refuse_the_dead() -> None:
    """Raise Crashed where code goes on whose process has died: `finally` blocks and side tasks."""
    process = acting.get()
    if process is not None and not process.alive:
        raise Crashed(process, "dead already")


class Faults:
    """Decides, by chance that is seeded, what goes wrong."""

    def __init__(self, chance: random.Random, note: Callable[[str], None]) -> None:
        self.on = True
        self._chance = chance
        self._note = note
        kinds = [*RATES, *STREAM_LOSSES]
        share = chance.choice((0.0, 0.3, 0.6, 0.8, 1.0, 1.0))
        self.kinds = frozenset(kind for kind in kinds if chance.random() < share)
        self._factor = chance.choice((0.5, 1.0, 2.0))

    def strikes(self, kind: str, about: str = "") -> bool:
        """Whether this goes wrong now."""
        if not self.on or kind not in self.kinds or not self._decides(kind):
            return False
        self._note(f"  ! {kind}{': ' if about else ''}{about}")
        return True

    def _decides(self, kind: str) -> bool:
        return self._chance.random() < min(RATES[kind] * self._factor, 0.5)

    def crash_point(self, place: str) -> None:
        """Called at every named place in the product, and around every commit."""
        refuse_the_dead()
        process = acting.get()
        if process is not None and self.strikes("crash", f"{process.name} at {place}"):
            process.alive = False
            raise Crashed(process, place)


class ArmedFaults(Faults):
    """What goes wrong is said beforehand, and then happens once, where it next can."""

    def __init__(self, note: Callable[[str], None]) -> None:
        super().__init__(random.Random(0), note)
        self.kinds = frozenset([*RATES, *STREAM_LOSSES])
        self.armed: list[str] = []

    def _decides(self, kind: str) -> bool:
        if kind not in self.armed:
            return False
        self.armed.remove(kind)
        return True
