"""The first half of the seeds: files are what is divided among processes."""

import pytest

from tests.simulation import seeds
from tests.simulation.seeds import EVERY_TIME

pytestmark = pytest.mark.simulation

CHUNK = 25


@pytest.mark.parametrize("first", range(1, EVERY_TIME // 2 + 1, CHUNK))
def test_whatever_goes_wrong_everything_is_as_it_must_be_in_the_end(first):
    failing = seeds.failing(range(first, first + CHUNK))

    assert not failing, seeds.story(failing[0])


def test_what_went_wrong_once_does_not_go_wrong_again():
    failing = seeds.failing(seeds.kept())

    assert not failing, seeds.story(failing[0])


def test_seeds_are_read_as_people_write_them():
    assert list(seeds.read("17")) == [17]
    assert list(seeds.read("1-3, 9")) == [1, 2, 3, 9]
