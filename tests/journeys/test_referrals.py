"""Ways a referral comes in and ends: from an agency's program, by phone alone, and declined."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.system import System
from tests.journeys import steps
from tests.journeys.letters import assert_neutral, letters_to, words_in
from tests.journeys.people import somebody
from tests.journeys.report import BY_MONTH, BY_SOURCE, figures, more, report_of

pytestmark = pytest.mark.journey

API = "/referral/api/referrals"


def example_of(client: httpx.Client) -> dict:
    """The body that the description of the API offers, with an address of its own."""
    described = client.get("/referral/openapi.json").json()
    body = described["paths"][API]["post"]["requestBody"]["content"]["application/json"]
    [example] = body["examples"].values()
    return dict(example["value"])


def named(body: dict, email: str) -> dict:
    routes = [{"channel": "email", "address": email}]
    person = {**body["person"], "name": email.partition("@")[0]}
    person["safe_contact"] = {**person["safe_contact"], "routes": routes}
    person["safe_contact"].pop("hours")
    return {**body, "person": person}


def test_the_example_of_the_api_works_as_it_stands_and_only_once(system: System):
    client = system.visitor().client
    key = {"Idempotency-Key": str(uuid4())}
    body = example_of(client)
    before = figures(report_of(system), BY_SOURCE, "Housing")

    first = client.post(API, json=body, headers=key)
    again = client.post(API, json=body, headers=key)
    other = client.post(API, json={**body, "happened": "damage"}, headers=key)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert set(first.json()) == {"referral_id", "reference"}
    assert other.status_code == 422
    assert other.headers["content-type"] == "application/problem+json"
    case = steps.find_case(system.visitor(), first.json()["reference"])
    facts = system.visitor().open(case.page).facts()
    assert facts["Referred by"] == "Housing"
    assert facts["Words to avoid"] == "court"
    assert figures(report_of(system), BY_SOURCE, "Housing") == more(before, 1, 0, 0, 1)


def test_whoever_an_agency_refers_is_written_to_as_they_said(system: System):
    client, somebody_else = system.visitor().client, somebody("Yusuf Ahmed")
    body = named(example_of(client), somebody_else.email)

    unpermitted = {**body, "permission_attested": False}
    refused = client.post(API, json=unpermitted, headers={"Idempotency-Key": str(uuid4())})
    taken = client.post(API, json=body, headers={"Idempotency-Key": str(uuid4())})

    assert refused.status_code == 422
    assert "has agreed to be referred" in refused.text
    assert taken.status_code == 201
    [letter] = letters_to(system, somebody_else.email, 1)
    assert_neutral(letter, "Sam Example")


def test_somebody_who_gave_only_a_phone_is_rung_by_a_person(system: System):
    staff = system.visitor()
    rose = somebody("Rose Adeyemi", email="", phone="01632 960 001", who_else="somebody")
    reference = steps.refer_oneself(staff, rose)

    system.rest()
    task = staff.open("/notifications/calls").follow(f"to {rose.name}")
    assert task.facts()["Why by hand"] == "Email is not how this person asked to be reached first."
    assert "01632" not in task.main, "how to reach somebody is shown to whoever asks for it only"
    shown = task.press("Show how to reach them").expect(200)
    assert "01632960001" in " ".join(shown.facts().values()).replace(" ", "")
    assert words_in(shown.main, ("Parley",)) == [], "somebody else might answer"
    done = shown.press("Done: they know")

    assert done.done == "Thank you. It is recorded that the person knows."
    assert done.links(f"to {rose.name}") == []
    case = steps.find_case(staff, reference)
    told = f"A message to {rose.name} about the referral being received was sent"
    system.rest()
    assert told in " ".join(staff.open(case.page).history())
    task = staff.open(task.path)
    assert "A member of staff was shown how to reach the person. (Demo Coordinator)" in task.main


def test_a_declined_referral_is_told_kindly_and_without_the_reason(system: System):
    staff, bea = system.visitor(), somebody("Bea Novak")
    reference = steps.refer_oneself(staff, bea)
    letters_to(system, bea.email, 1)
    before = figures(report_of(system), BY_MONTH)

    case = steps.decline(staff, reference, "out_of_scope")

    page = staff.open(case.page)
    assert page.facts()["Declined because"] == "It is not something we can help with"
    assert page.links("Plan a meeting") == []
    letter = letters_to(system, bea.email, 2)[1]
    assert "we cannot take it further now" in letter.text
    assert_neutral(letter, bea.name)
    assert figures(report_of(system), BY_MONTH) == more(before, 0, 0, 1, -1)


def test_somebody_who_changed_their_mind_hears_nothing_more(system: System):
    staff, lou = system.visitor(), somebody("Lou Marsh")
    reference = steps.refer_oneself(staff, lou)
    letters_to(system, lou.email, 1)

    steps.decline(staff, reference, "referrer_withdrew")

    letters_to(system, lou.email, 1)


def test_a_form_that_was_open_for_a_day_is_told_to_start_again(system: System):
    visitor, eve = system.visitor(), somebody("Eve Short")
    form = steps.fill_in_form(visitor, eve).form("Agree and send")
    system.until(system.now() + timedelta(days=1))

    page = form.send().expect(410)

    assert page.heading == "Please start again"
    assert system.visitor().open("/referral/cases").links(eve.name) == []
