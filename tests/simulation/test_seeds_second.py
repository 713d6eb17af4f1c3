"""The second half of the seeds: files are what is divided among processes."""

import pytest

from tests.simulation import seeds
from tests.simulation.seeds import EVERY_TIME

pytestmark = pytest.mark.simulation

CHUNK = 25


@pytest.mark.parametrize("first", range(EVERY_TIME // 2 + 1, EVERY_TIME + 1, CHUNK))
def test_whatever_goes_wrong_everything_is_as_it_must_be_in_the_end(first):
    failing = seeds.failing(range(first, first + CHUNK))

    assert not failing, seeds.story(failing[0])
