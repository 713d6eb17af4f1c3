"""Dead at each named place in the code, under load, one after the other."""

import pytest

from shared.plumbing.crash import CRASH_POINTS, EXIT_STATUS
from tests.faults import parked_by_hand
from tests.faults.experiment import conduct
from tests.fixtures.patience import eventually
from tests.fixtures.system import NewSystem

OF_A_COMMAND = frozenset(place for place in CRASH_POINTS if place.startswith("rewrap."))
"""Where `parley keys rewrap` may die, with no service in it: `tests/plumbing/test_rewrap.py`."""

OF_A_LONG_TIME = frozenset(place for place in CRASH_POINTS if place.startswith("retention."))
"""Where nobody comes before something is a year old: `tests/deploy/test_retention_command.py`."""

OF_AN_ERASURE = frozenset({"ledger.after_append"})
"""Nobody is erased by the load: `test_a21_older_backup.py` dies here."""

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def test_it_may_die_at_every_named_place_one_after_the_other_and_keeps_every_promise(
    new_system: NewSystem,
):
    with conduct("death at each named place", new_system()) as one:
        one.work(5)
        one.system.stop()
        for place in sorted(CRASH_POINTS - OF_A_COMMAND - OF_A_LONG_TIME - OF_AN_ERASURE):
            if place.startswith("second_chance"):
                parked_by_hand.park_one(one.system)
            one.system.begin(PARLEY_CRASH_AT=place)
            one.system.died(EXIT_STATUS)
            one.faults += 1
        one.system.begin()
        eventually(one.system._answers)  # not well yet: what was tried again is parked again
        parked_by_hand.try_again(one.system)
