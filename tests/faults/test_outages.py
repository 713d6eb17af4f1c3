"""The broker killed and kept away, and processes that stop dead and go on without knowing it."""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.plumbing.delivery import ACK_WAIT
from tests.faults.experiment import SECONDS, SEED, conduct
from tests.faults.load import Load
from tests.faults.replica import beside
from tests.fixtures.system import System, running

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

PAST_ACK_WAIT = ACK_WAIT.total_seconds() + 1.5

DEFAULT_BUDGET_SECONDS = 60 * 2.0
"""How long the NATS client tries to reconnect unless it is told otherwise; ours is told."""

SHORT_OUTAGE_SECONDS = 8.0
OUTAGE_SECONDS = SHORT_OUTAGE_SECONDS if SECONDS < 60 else DEFAULT_BUDGET_SECONDS + 20
ANSWERS_MEANWHILE = 20


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Load]:
    """One system goes through all of it, and every promise is counted each time."""
    with running(System(tmp_path_factory.mktemp("outages"))) as system:
        yield Load(system, SEED)


def test_its_broker_may_be_killed_again_and_again(load: Load):
    with conduct("kill -9 of the nats-server", load.system, load) as one:
        for _ in one.rounds(fewest=4):
            one.pause(0.3)
            one.nats().kill()
            one.until_it_says("broker_gone")
            one.until_well()


@contextmanager
def kept_away(system: System) -> Iterator[None]:
    """The nats-server is gone and cannot be started: its folder is somebody else's."""
    with (system.home.nats / "lock").open("r+b") as lock:
        system.kill_nats()
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_however_long_the_broker_is_away_referrals_are_taken_in_and_told_afterwards(load: Load):
    with conduct("broker away", load.system, load) as one:
        with kept_away(one.system):
            one.faults += 1
            one.until_it_says("broker_gone")
            until = time.monotonic() + OUTAGE_SECONDS
            one.work(ANSWERS_MEANWHILE)
            while time.monotonic() < until:
                one.work(1)
        one.until_well()


def test_stopped_dead_for_longer_than_an_event_waits_it_goes_on_and_does_nothing_twice(
    load: Load,
):
    with conduct("SIGSTOP past ack_wait", load.system, load) as one:
        for _ in one.rounds(fewest=1):
            assert one.system.process is not None
            os.kill(one.system.process.pid, signal.SIGSTOP)
            time.sleep(PAST_ACK_WAIT)
            os.kill(one.system.process.pid, signal.SIGCONT)


def test_a_second_copy_that_stopped_dead_with_an_event_in_hand_does_nothing_when_it_goes_on(
    load: Load,
):
    with (
        conduct("SIGSTOP of a second copy past ack_wait", load.system, load) as one,
        beside(one.system, "reporting") as replica,
    ):
        for _ in one.rounds(fewest=2):
            one.pause(0.3)
            replica.stop_dead()
            time.sleep(PAST_ACK_WAIT)
            replica.go_on()
