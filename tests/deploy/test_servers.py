from datetime import UTC, datetime, timedelta

import pytest

from deploy.upkeep.servers import findings_about
from shared.plumbing.server_facts import ServerFacts

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def said(**changes):
    usual = {"name": "n1", "version": "2.15.1", "sync_always": True, "clock": NOW}
    return findings_about(ServerFacts(**{**usual, **changes}), NOW)


def test_a_server_that_is_new_and_careful_and_on_time_is_well():
    assert all(one.is_well for one in said())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": "2.9.10"}, "install 2.11 or newer"),
        ({"sync_always": False}, "set `sync_interval: always`"),
        ({"clock": NOW + timedelta(seconds=3)}, "3.0 seconds from ours"),
        ({"clock": NOW - timedelta(minutes=5)}, "300.0 seconds from ours"),
    ],
)
def test_what_is_not_well_says_what_to_do(changes, words):
    (ill,) = [one for one in said(**changes) if not one.is_well]

    assert words in ill.said
