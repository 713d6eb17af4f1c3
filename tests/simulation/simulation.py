"""One seed: what people do and what goes wrong, then everything healed, then looked at."""

import hashlib
import random
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import structlog

from shared.contracts.catalogue import SERVICES
from shared.plumbing import crash
from tests.fixtures.clock import NOW, FixedWorld
from tests.simulation import clock, invariants, steps, stores
from tests.simulation.faults import Faults
from tests.simulation.house import Beginning, House
from tests.simulation.people import clients, coordinator, office, planner, stories
from tests.simulation.people.clients import Clients
from tests.simulation.process import referral_app
from tests.simulation.secrets_drawn import drawn_from
from tests.simulation.witness import Witness

Step = Callable[["Simulation"], Awaitable[object]]

STEPS: tuple[tuple[int, Step], ...] = (
    (3, clients.refer_somebody),
    (3, clients.try_again),
    (2, clients.send_twice),
    (1, clients.use_a_key_twice),
    (3, coordinator.accept),
    (2, coordinator.decline),
    (4, coordinator.add_other_party),
    (3, coordinator.change_contact),
    (1, coordinator.ask_no_contact),
    (1, coordinator.ask_contact_again),
    (6, coordinator.agree),
    (2, coordinator.withdraw),
    (4, coordinator.colleague_joins),
    (8, coordinator.colleague_leaves),
    (13, coordinator.rename_area),
    (3, coordinator.send_again),
    (5, planner.book),
    (4, planner.move),
    (9, planner.cancel),
    (5, planner.record_outcome),
    (3, planner.send_again),
    (1, office.try_again),
    (1, office.ring),
    (1, office.reach),
    (1, office.leave_be),
    (9, stories.a_case_takes_its_course),
    (4, stories.a_meeting_comes_round),
    (7, stories.everything_flows),
    (14, steps.let_time_go_by),
    (10, steps.relay),
    (1, steps.reconcile),
    (21, steps.deliver),
    (8, steps.send),
    (2, steps.retry_parked),
    (1, steps.restart),
    (8, steps.break_or_mend_a_handler),
    (2, steps.harm_the_broker),
    (3, steps.look_at_health),
)
WEIGHTS = tuple(weight for weight, _ in STEPS)

MEANWHILE: tuple[Step, ...] = (
    coordinator.change_contact,
    coordinator.ask_no_contact,
    coordinator.withdraw,
    coordinator.decline,
    planner.cancel,
    steps.deliver,
    steps.deliver,
    steps.deliver,
)
"""What may happen while somebody waits for the network."""

LONGEST_HEALING = 400

EVERY_LONG = 5
"""Every so many seeds one is long."""


@dataclass
class Outcome:
    """What became of one seed."""

    seed: int
    trace: list[str]
    violations: list[invariants.Violation]
    digest: str


@dataclass
class Simulation:
    """Everything that is known while one seed runs."""

    seed: int
    beginning: Beginning
    make_faults: Callable[[random.Random, Callable[[str], None]], Faults] = Faults
    chance: random.Random = field(init=False)
    trace: list[str] = field(default_factory=list)
    clients: Clients = field(default_factory=Clients)
    forms: list[Any] = field(default_factory=list)
    """Staff forms nobody has answered yet."""
    bookings: list[Any] = field(default_factory=list)
    """Forms of the diary nobody has answered yet."""
    addresses: int = 0
    """How many addresses were given out: no two are the same."""
    lost: set[str] = field(default_factory=set)
    """Streams that have lost something."""
    unexplained: list[str] = field(default_factory=list)
    """Events that were missing although nothing was lost."""
    false_health: list[str] = field(default_factory=list)
    """What health said, or did not say, against the truth."""
    quiet: bool = False
    """Whether everything came to rest after it was healed."""

    def __post_init__(self) -> None:
        self.chance = random.Random(f"parley {self.seed}")
        later = timedelta(hours=self.chance.randrange(24, 24 * 300)) if self.seed else timedelta()
        begin = NOW + later
        self.world = FixedWorld(begin, seed=self.seed + 1)
        self.faults = self.make_faults(self.chance, self.note)
        # Most are short, so that there can be many; some mistakes show in a long one alone.
        is_long = self.seed % EVERY_LONG == 0
        self.referrals = self.chance.choice((4, 6, 8, 12) if is_long else (3, 3, 4, 5))
        self.length = self.chance.choice((50, 70, 100) if is_long else (12, 18, 25, 40))
        self.house = House(self.world, self.faults, self.note, self.beginning)
        self.witness = Witness(self.house, self.world)
        self.referral = self.house.disks["referral"]
        self.scheduling = self.house.disks["scheduling"]
        self.notifications = self.house.disks["notifications"]
        self.reporting = self.house.disks["reporting"]

    def note(self, text: str) -> None:
        self.trace.append(text)

    async def live(self) -> None:
        """The whole seed, up to the moment at which it can be looked at."""
        await self.house.open()
        self.house.something_else = self.something_else
        for _ in range(self.length):
            await self.chance.choices(STEPS, WEIGHTS)[0][1](self)
        await self.heal()

    async def come_to_rest(self) -> None:
        """Nothing but what there is to do at the beginning."""
        await self.house.open()
        await self.heal()

    async def something_else(self) -> None:
        self.note("  meanwhile:")
        await self.chance.choice(MEANWHILE)(self)

    async def heal(self) -> None:
        """Everything works again from now on, and goes on until nothing is left to do."""
        self.note("everything is healed")
        self.faults.on = False
        self.house.broken.clear()
        for _ in range(LONGEST_HEALING):
            if not await self._some_more() and not await self._compared():
                self.quiet = True
                return

    async def _compared(self) -> bool:
        """At the end of all things to do: whether some stream still lacks something."""
        return any([await steps.reconcile(self, name) for name in SERVICES])

    async def _some_more(self) -> bool:
        """Do what there is to do; False when there was nothing, and nothing will come."""
        worked = 0
        for key in self.clients.unanswered:
            await clients.send(self, key)
            worked += 1
        for _ in range(len(self.forms)):
            await coordinator.send_again(self)
        for _ in range(len(self.bookings)):
            await planner.send_again(self)
        for name in SERVICES:
            worked += await steps.relay(self, name)
        for name in self.house.broker.consumers:
            while await self.house.deliver(name):
                worked += 1
        # Last, as when somebody comes back to it days later: what was told since has been heard.
        worked += await steps.retry_parked(self)
        worked += await steps.send(self)
        return bool(worked) or self._wait()

    def _wait(self) -> bool:
        """Let time go by until something is due; False when nothing ever will be."""
        due = [one.pending.again_at for one in self.house.broker.consumers.values() if one.pending]
        due += self.witness.letters_due()
        if not due:
            return False
        later = max(min(due), self.world.now() + timedelta(seconds=1))
        self.world.advance(later - self.world.now())
        return True

    def digest(self) -> str:
        """One hash of everything that is in the four stores."""
        whole = hashlib.sha256()
        for name in SERVICES:
            for line in self.house.disks[name].look.iterdump():
                if not line.startswith("CREATE INDEX"):  # made in the order of a set
                    whole.update(line.encode())
        return whole.hexdigest()


@contextmanager
def silence() -> Iterator[None]:
    """Nothing is logged in here: a seed's trace says more."""
    usual = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    try:
        yield
    finally:
        structlog.configure(**usual)


@cache
def beginning() -> Beginning:
    """A first run that has come to rest: everybody has heard of the colleagues and the areas.

    Made once. So a seed need not begin with telling them, and is half as long.
    """
    referral_app()  # it sets up logging, which is silenced after that
    with drawn_from(0):
        fresh = Beginning(stores.templates())
    with stores.in_thread(), silence(), drawn_from(0):
        sim = Simulation(0, fresh)
        sim.faults.on = False
        try:
            clock.run(sim.world, sim.come_to_rest())
            kept = {name: stores.folder() / f"{name}-settled.db" for name in SERVICES}
            for name, path in kept.items():
                sim.house.disks[name].keep(path)
            told = {name: stream.events for name, stream in sim.house.broker.streams.items()}
            return Beginning(kept, told)
        finally:
            sim.house.close()


def run(seed: int) -> Outcome:
    """Run one seed from its beginning to the look at what came of it."""
    settled = beginning()
    with stores.in_thread(), silence(), drawn_from(seed):
        sim = Simulation(seed, settled)
        crash.hook = sim.faults.crash_point
        try:
            violations = _live_and_look(sim)
            return Outcome(seed, sim.trace, violations, sim.digest())
        finally:
            crash.hook = None
            sim.house.close()


def _live_and_look(sim: Simulation) -> list[invariants.Violation]:
    try:
        clock.run(sim.world, sim.live())
        crash.hook = None
        return clock.run(sim.world, invariants.look(sim))
    except Exception as error:
        sim.trace += traceback.format_exception(error)
        return [invariants.Violation("fell over", f"{type(error).__name__}: {error}")]
