"""Killed, or asked to stop, in the middle of its work, again and again."""

import time

import pytest

from tests.faults.experiment import conduct
from tests.fixtures.system import NewSystem

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

AFTER_READY_SECONDS = 2.0


def test_killed_two_seconds_after_every_start_it_keeps_every_promise(new_system: NewSystem):
    with conduct("kill -9 of everything", new_system()) as one:
        for _ in one.rounds(fewest=4):
            time.sleep(AFTER_READY_SECONDS)
            one.system.kill()
            one.system.start()


def test_asked_to_stop_in_the_middle_of_its_work_it_ends_well_and_keeps_every_promise(
    new_system: NewSystem,
):
    with conduct("SIGTERM with work in flight", new_system()) as one:
        for _ in one.rounds(fewest=1):
            one.pause(0.5)
            one.system.stop()
            one.system.start()
