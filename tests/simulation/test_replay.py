"""A seed goes the same way every time, to the last byte of the four stores."""

import os
import subprocess
import sys

import pytest

from tests.architecture.code import ROOT
from tests.simulation import simulation

pytestmark = pytest.mark.simulation

SHORT = 13
"""A seed that is over soon."""


def test_one_seed_a_hundred_times_gives_one_and_the_same_end():
    ends = {simulation.run(SHORT).digest for _ in range(100)}

    assert len(ends) == 1


def test_each_seed_gives_the_same_end_whatever_ran_before_it():
    once = [simulation.run(seed).digest for seed in range(1, 11)]
    backwards = [simulation.run(seed).digest for seed in range(10, 0, -1)]
    again = [simulation.run(seed).digest for seed in range(1, 11)]

    assert once == again == backwards[::-1]
    assert len(set(once)) == len(once), "different seeds go different ways"


def test_another_process_with_other_hashes_comes_to_the_same_end():
    said = [_in_a_process_of_its_own(hashes) for hashes in ("1", "2")]

    assert said == [simulation.run(3).digest] * 2


def _in_a_process_of_its_own(hashes: str) -> str:
    code = "from tests.simulation import simulation; print(simulation.run(3).digest)"
    environment = {**os.environ, "PYTHONHASHSEED": hashes}
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.split()[-1]
