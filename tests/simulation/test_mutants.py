"""The simulation finds every planted mistake: a test of the tests."""

import pytest

from tests.fixtures import backends
from tests.simulation import planted
from tests.simulation.mutants import MUTANTS

pytestmark = pytest.mark.simulation


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_planted_mistake_is_found_within_a_hundred_seeds(mutant):
    seed = planted.known()[mutant.name]  # the others need not be run to know that this one does
    found_by = planted.found_by(mutant, seed)

    assert found_by, (
        f"Seed {seed} does not find it any more. If another does, `make simulate PLANTED=yes` "
        "writes down which."
    )
    assert seed <= planted.SEEDS
    backends.measured(f"planted: {mutant}", f"found by {', '.join(found_by)}, first in seed {seed}")


def test_there_are_enough_planted_mistakes_and_no_two_are_called_alike():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 20
