"""A19, A20: what the files of a whole system say to whoever carries them away."""

import re

import pytest

from tests.fixtures.system import System
from tests.journeys import steps
from tests.journeys.people import somebody

pytestmark = pytest.mark.journey

SERVICES = ("referral", "scheduling", "notifications", "reporting")


def files_of(system: System, service: str) -> bytes:
    return b"".join(each.read_bytes() for each in system.home.stores.glob(f"{service}.db*"))


def test_a19_a20_no_store_holds_anybody_in_words_after_a_journey(system: System):
    who = somebody("Zebedee Canary")
    reference = steps.refer_oneself(system.visitor(), who)
    case = steps.find_case(system.visitor(), reference)

    assert who.name in system.visitor().open(case.page).main
    for service in SERVICES:
        found = files_of(system, service)
        for canary in ("Zebedee", who.name, who.email):
            hit = re.search(canary.encode(), found)
            assert hit is None, f"{canary} in the store of {service}"
