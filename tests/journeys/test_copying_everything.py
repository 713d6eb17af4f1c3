"""A13, with the services as they run: whoever opens everything is slowed, and managers see it."""

import json

import httpx
import pytest

from services.referral.actions.seeds import demo_id
from services.referral.routes.api_shapes import EXAMPLE
from tests.fixtures.signed_in import COORDINATOR
from tests.fixtures.system import System

pytestmark = pytest.mark.journey

MANY = 40
MANAGER = demo_id(4)
A_MINUTE = 50
"""So many pages a minute, so that the end of them is reached on a slow machine as well."""
MOST_TRIES = 400


def referred(system: System) -> None:
    """Forty referrals of an agency, each of somebody else."""
    for number in range(MANY):
        body = json.loads(json.dumps(EXAMPLE))
        body["area_id"] = str(demo_id(0xA1))
        headers = {"content-type": "application/json", "idempotency-key": f"copied-{number}"}
        answer = httpx.post(
            f"{system.address}/referral/api/referrals",
            content=json.dumps(body),
            headers=headers,
            timeout=60,
        )
        assert answer.status_code == 201, answer.text


def test_a13_forty_cases_within_an_hour_raise_an_alarm_and_more_have_to_wait(new_system):
    system = new_system(PARLEY_READS_PER_MINUTE=str(A_MINUTE))
    referred(system)
    copier, manager = system.visitor(), system.visitor(MANAGER)
    cases = [
        link
        for number in (1, 2)
        for link in copier.open(f"/referral/cases?page={number}").links("reference")
    ]
    assert len(set(cases)) == MANY
    assert "There is no alarm" in manager.open("/referral/alarms").main

    statuses = [copier.client.get(case).status_code for case in cases]
    while 429 not in statuses and len(statuses) < MOST_TRIES:
        statuses.append(copier.client.get(cases[0]).status_code)
    waits = copier.client.get(cases[0])

    assert set(statuses) == {200, 429}
    assert statuses[: MANY - 1].count(200) == MANY - 1
    assert waits.status_code in (200, 429)
    alarms = manager.open("/referral/alarms").table("Newest first")
    assert [row["Member of staff"] for row in alarms] == [str(COORDINATOR.id)]
    assert "40 different records" in alarms[0]["What happened"]
    for elsewhere in ("/scheduling/", "/notifications/"):
        assert copier.open(elsewhere).path == elsewhere  # nobody is locked out of their work
    assert manager.open(cases[0]).path == cases[0]
