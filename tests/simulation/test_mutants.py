"""The simulation finds every planted mistake: a test of the tests."""

import pytest

from tests.fixtures import backends
from tests.simulation import simulation
from tests.simulation.mutants import MUTANTS

pytestmark = pytest.mark.simulation

SEEDS = 100


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_planted_mistake_is_found_within_a_hundred_seeds(mutant):
    with mutant.plant():
        for seed in range(1, SEEDS + 1):
            violations = simulation.run(seed).violations
            if violations:
                seeds = "seed" if seed == 1 else "seeds"
                found_by = ", ".join(dict.fromkeys(one.invariant for one in violations))
                backends.measured(f"planted: {mutant}", f"found by {found_by} in {seed} {seeds}")
                return
    pytest.fail(f"nobody notices: {mutant}")


def test_there_are_enough_planted_mistakes_and_no_two_are_called_alike():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 20
