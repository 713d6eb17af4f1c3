"""One experiment: a system at work, something done to it, and everything counted at the end.

def test_killed_it_loses_nothing(new_system):
    with conduct("kill -9", new_system()) as one:   # at work from here on
        for _ in one.rounds(fewest=3):
            one.system.kill()
            one.system.start()
    # at rest, compared and written down

However long the rounds go on, each run has a seed: the same seed sends the same referrals.
"""

import os
import random
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psutil

from shared.contracts.catalogue import SERVICES
from tests.faults import invariants, record
from tests.faults.found import INTENTS, Found, look, outbox, rows
from tests.faults.invariants import lost_and_doubled
from tests.faults.load import Load
from tests.fixtures.patience import LONG, eventually
from tests.fixtures.rest import unfinished
from tests.fixtures.system import System

SECONDS = float(os.environ.get("PARLEY_FAULTS_SECONDS", "0"))
"""How long the breaking goes on; when that is shorter than a few rounds, a few rounds."""

REST_PATIENCE_SECONDS = 3 * LONG + 10 * SECONDS
"""A long outage leaves a long queue behind."""

SEED = int(os.environ.get("PARLEY_FAULTS_SEED", "1"))

FEWEST_ANSWERS = 4
"""What has to be answered in a round before something is broken: there has to be work."""


@dataclass
class Experiment:
    """One system at work."""

    name: str
    system: System
    load: Load
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))
    faults: int = 0

    def rounds(self, fewest: int) -> Iterator[int]:
        """Once for each time something is to be broken; there is new work each time."""
        until = time.monotonic() + SECONDS
        while self.faults < fewest or time.monotonic() < until:
            self.work(FEWEST_ANSWERS)
            self.faults += 1
            yield self.faults

    def work(self, answers: int) -> None:
        """Wait until so many more referrals have been taken in."""
        before = self.load.answered
        eventually(lambda: self.load.answered >= before + answers)

    def pause(self, longest: float) -> None:
        """Let some time go by, so that what is broken is broken in another place each time."""
        time.sleep(self.chance.uniform(0, longest))

    def until_it_says(self, code: str) -> None:
        """Wait until health names what is wrong."""
        eventually(lambda: any(code in codes for codes in self.system.ready().values()))

    def until_well(self, within: float = LONG) -> None:
        eventually(lambda: self.system.ready() == {}, within)

    def nats(self) -> psutil.Process:
        """The nats-server, as soon as there is one."""
        return psutil.Process(eventually(self.system.nats_pid))

    def found(self) -> Found:
        """Everything, once nothing moves any more."""
        self.until_well(2 * LONG)
        settled(self.system)
        return look(self.system)


def settled(system: System) -> None:
    """Wait until all that was told is acted on, and what waits to be sent has come to an end."""

    def at_rest() -> bool:
        busy = still_to_send(system) or still_to_tell(system)
        return not busy and not list(unfinished(system.home, system.now()))

    eventually(at_rest, REST_PATIENCE_SECONDS)


def still_to_send(system: System) -> list[str]:
    """Messages that wait, even for later: a permit that nobody could give is asked for again."""
    intents = rows(system.home, "notifications", INTENTS)
    return [row[0] for row in intents if row[4] in {"waiting", "sending"}]


def still_to_tell(system: System) -> list[str]:
    told = [one for service in SERVICES for one in outbox(system.home, service)]
    return [str(one.event) for one in told if not one.is_sent]


def counts(
    load: Load, found: Found, faults: int, known: Collection[UUID] = frozenset()
) -> record.Counts:
    """The figures of one experiment; what was `known` before it has been counted before."""
    promised = set(load.promised.values())
    lost, doubled = lost_and_doubled(promised, list(found.referrals))
    return record.Counts(
        accepted=len(promised.difference(known)),
        found=len(found.referrals.keys() - known),
        doubled=len(doubled) + sum(count - 1 for count in found.letters.values() if count > 1),
        lost=len(lost),
        uncertain=sum(one.referral not in known for one in found.in_state("uncertain")),
        faults=faults,
    )


def compared(
    name: str, told: Sequence[object], found: Sequence[object], kind: record.Kind = "experiment"
) -> tuple[list[object], list[object]]:
    """What is lost and what is doubled of some writes; written down as an experiment too.

    What was never acknowledged may be there all the same, when it was under way: but once only.
    """
    lost, _ = lost_and_doubled(told, found)
    _, doubled = lost_and_doubled(found, found)
    figures = record.Counts(len(told), len(found), len(doubled), len(lost), faults=1)
    record.keep(record.Line(name, SEED, figures, 0.0, kind, broken=len(lost) + len(doubled)))
    return lost, doubled


@contextmanager
def conduct(name: str, system: System, load: Load | None = None) -> Iterator[Experiment]:
    """Put a running system to work, let somebody break it, and compare what is left."""
    began = time.monotonic()
    one = Experiment(name, system, load or Load(system, SEED))
    known = frozenset(one.load.promised.values())
    with one.load.going_on():
        yield one
        eventually(lambda: one.load.decided)
    found = one.found()
    broken = invariants.broken(one.load, found)
    seconds = round(time.monotonic() - began, 1)
    figures = counts(one.load, found, one.faults, known)
    record.keep(record.Line(name, SEED, figures, seconds, broken=len(broken)))
    assert not broken, "\n".join(broken)
