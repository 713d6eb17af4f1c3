"""The same world once more, played by Hypothesis, which shrinks what it finds to a few steps."""

import asyncio
import random
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from shared.plumbing import crash
from tests.fixtures import backends
from tests.simulation import clock, invariants, simulation, steps, stores
from tests.simulation.faults import RATES, ArmedFaults
from tests.simulation.mutants import MUTANTS
from tests.simulation.people import clients, stories
from tests.simulation.simulation import STEPS, Simulation

pytestmark = pytest.mark.simulation

DOING = {f"{step.__module__.rpartition('.')[2]}.{step.__name__}": step for _, step in STEPS}
"""Everything that can happen, by a name that is fit to print."""

OFTEN = (
    *(stories.a_case_takes_its_course, stories.everything_flows, stories.a_meeting_comes_round),
    *(clients.refer_somebody, steps.relay, steps.deliver, steps.send, steps.let_time_go_by),
)

USUAL = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


SOUGHT = (
    "leave for a meeting is not asked for",
    "no idempotency key",
    "any hour is safe",
    "take nothing back",
    "tell before the commit",
    "acknowledge before the commit",
)
ENOUGH = 4


class Model(RuleBasedStateMachine):
    """One world; the rules are what people do and what goes wrong."""

    def __init__(self) -> None:
        super().__init__()
        beginning = simulation.beginning()
        self.around = ExitStack()
        self.around.enter_context(stores.in_thread())
        self.around.enter_context(simulation.silence())
        self.sim = Simulation(1, beginning, lambda _, note: ArmedFaults(note))
        self.sim.referrals = 6
        crash.hook = self.sim.faults.crash_point
        loop = asyncio.Runner(loop_factory=lambda: clock.VirtualLoop(self.sim.world))
        self.runner = self.around.enter_context(loop)
        self.runner.run(self.sim.house.open())
        self.sim.house.something_else = self.sim.something_else

    @rule(what=st.sampled_from(sorted(DOING)), choice=st.integers(0, 7))
    def something_happens(self, what: str, choice: int) -> None:
        self._do(DOING[what], choice)

    @rule(what=st.sampled_from(OFTEN), choice=st.integers(0, 7))
    def something_usual_happens(self, what: simulation.Step, choice: int) -> None:
        self._do(what, choice)

    @rule(kind=st.sampled_from(sorted(RATES)))
    def something_is_about_to_go_wrong(self, kind: str) -> None:
        self.sim.faults.armed.append(kind)

    def _do(self, step: simulation.Step, choice: int) -> None:
        self.sim.chance = random.Random(choice)
        self.runner.run(step(self.sim))

    def teardown(self) -> None:
        try:
            self.runner.run(self.sim.heal())
            crash.hook = None
            wrong = self.runner.run(invariants.look(self.sim))
            assert not wrong, "\n".join([*self.sim.trace, *map(str, wrong)])
        finally:
            crash.hook = None
            self.around.close()
            self.sim.house.close()


def test_whatever_is_done_and_goes_wrong_everything_is_as_it_must_be_in_the_end():
    run_state_machine_as_test(Model, settings=USUAL)


@pytest.mark.timeout(300)
def test_planted_mistakes_are_found_in_this_way_too():
    found: list[str] = []
    planted = {mutant.name: mutant for mutant in MUTANTS}
    for name in SOUGHT:
        looking = settings(USUAL, max_examples=60, phases=[Phase.generate])
        try:
            with planted[name].plant():
                run_state_machine_as_test(Model, settings=looking)
        except AssertionError:
            found.append(name)
        if len(found) == ENOUGH:
            break
    backends.measured("planted mistakes the model found", ", ".join(found))

    assert len(found) == ENOUGH, found
