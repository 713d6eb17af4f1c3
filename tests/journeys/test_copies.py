"""Somebody asks what is kept about them, while everything runs."""

import json
import re
import sqlite3
from contextlib import closing

import pytest

from deploy.parts import blueprints, hearings, permissions
from services.referral.actions.seeds import demo_id
from shared.contracts.catalogue import SERVICES
from tests.fixtures.patience import eventually
from tests.fixtures.system import System
from tests.journeys import steps
from tests.journeys.people import somebody

MANAGER = demo_id(4)


def shown_a_code_again(system: System) -> None:
    """As if every session had just shown a code once more."""
    with closing(sqlite3.connect(system.home.stores / "referral.db", timeout=10)) as kept, kept:
        kept.execute("UPDATE staff_session SET stepped_up_until = '2100-01-01 00:00:00.000000'")


@pytest.mark.journey
def test_a_manager_makes_a_copy_of_what_all_four_services_keep(system: System):
    who = somebody("Sandpiper Canary")
    reference = steps.refer_oneself(system.visitor(), who)
    case = steps.find_case(system.visitor(), reference)
    eventually(lambda: system.letters(who.email))
    manager = system.visitor(MANAGER)
    shown_a_code_again(system)
    person = re.search(r"/people/([0-9a-f-]{36})/record", manager.open(case.page).answer.text)[1]

    said = manager.open(f"{case.page}/people/{person}/record")
    answer = said.press("Make the copy", kind="json")
    copy = json.loads(answer.answer.text)

    assert copy["missing"] == []
    assert list(copy["parts"]) == list(SERVICES)
    assert who.name in answer.answer.text
    assert "Referral received" in json.dumps(copy["parts"]["notifications"])
    assert "Leaflet or poster" in json.dumps(copy["parts"]["reporting"])


def test_nobody_but_referral_may_ask_what_is_kept_about_somebody():
    parts = blueprints()
    allowed = permissions(parts, hearings(parts))

    asks = {f"ask.{one}.person_record.v1" for one in SERVICES[1:]}
    for name, rights in allowed.items():
        may_ask = asks & set(rights.claims()["pub"]["allow"])
        assert may_ask == (asks if name == "referral" else set()), name
