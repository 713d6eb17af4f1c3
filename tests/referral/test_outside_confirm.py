"""Showing once more that it is you, with the organisation's account."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from services.referral.store.sessions import SESSION
from tests.fixtures import clock
from tests.referral.outside import OUTSIDE

NOW = int(clock.NOW.timestamp())


async def confirm(step, **asked):
    return await step.browser.get(await step.agree(await step.go(confirm="1", **asked)))


async def test_showing_it_once_more_asks_for_the_password_there(step):
    await step.sign_in()
    asked = parse_qs(urlsplit(await step.go(confirm="1")).query)
    before = dict(step.browser.cookies)["parley"]

    answer = await confirm(step, next="/referral/people")

    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    assert answer.headers["location"] == "/referral/people"
    (row,) = [one for one in await step.rows(SESSION) if one.revoked_at is None]
    assert row.stepped_up_until == step.door.now + timedelta(minutes=5)
    after = [one.value for one in step.browser.cookies.jar if one.name == "parley"][-1]
    assert after != before


@pytest.mark.parametrize("shown_at", [None, NOW - 31, NOW - 3600, NOW + 31, "now", True, 10**300])
async def test_a_provider_that_did_not_ask_again_confirms_nothing(step, shown_at):
    await step.sign_in()
    step.provider.claims = lambda given: {**given, "auth_time": shown_at}

    assert (await confirm(step)).status_code == 409
    assert {row.stepped_up_until for row in await step.rows(SESSION)} == {None}


async def test_somebody_else_cannot_confirm_for_them(step):
    await step.add("kim@example.org")
    step.provider.knows("kim", email="kim@example.org")
    await step.sign_in()
    step.provider.who = "sam"
    await step.browser.post("/referral/sign-out")
    await step.sign_in()
    step.provider.who = "kim"

    assert (await confirm(step)).status_code == 409
    assert {row.stepped_up_until for row in await step.rows(SESSION)} == {None}


async def test_a_confirmation_counts_for_the_session_it_was_begun_in_alone(step):
    await step.sign_in()
    back = await step.agree(await step.go(confirm="1"))
    await step.browser.post("/referral/sign-out")
    ticket = dict(step.browser.cookies)
    await step.sign_in()
    step.browser.cookies.set("parley-outside", ticket["parley-outside"], domain="127.0.0.1")

    assert (await step.browser.get(back)).status_code == 409
    assert {row.stepped_up_until for row in await step.rows(SESSION)} == {None}


async def test_who_is_not_signed_in_confirms_nothing(step):
    answer = await step.browser.get(OUTSIDE, params={"confirm": "1"})

    assert answer.headers["location"].startswith("/referral/sign-in?next=")
