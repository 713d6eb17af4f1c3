"""Attacks on the sign-in, by their numbers in the threat model: A10, A11, A33."""

import asyncio
from datetime import timedelta

import pytest

from services.referral.actions.accounts import disable_account, reset_account
from services.referral.actions.sessions import TRIES_PER_PERSON
from services.referral.domain.accounts import Means
from services.referral.handlers import answer_session
from services.referral.sign_in.tokens import begin
from shared.plumbing.asked_sessions import REMEMBERED, AskedSessions
from shared.plumbing.session_cookie import COOKIE, SECURE_COOKIE, digest_of
from tests.fixtures.signed_in import COORDINATOR
from tests.fixtures.web import visitor
from tests.referral.door import EMAIL, PASSWORD, at_the_door

CASES = "/referral/cases"
ELSEWHERE = "nobody@parley.example"


@pytest.fixture
async def door(database):
    async with at_the_door(database) as one:
        yield one


async def test_a10_after_signing_out_the_old_cookie_and_the_back_button_give_nothing(door):
    await door.sign_in(await door.set_up())
    token = door.browser.cookies[COOKIE]
    seen = await door.browser.get(CASES)
    assert seen.headers["cache-control"] == "no-store"

    out = await door.browser.post("/referral/sign-out")

    assert out.headers["location"] == "/referral/signed-out"
    assert out.headers["clear-site-data"] == '"cache"'
    assert COOKIE not in door.browser.cookies
    again = await door.browser.get(CASES, headers={"cookie": f"{COOKIE}={token}"})
    assert again.status_code == 303
    assert (await door.browser.get("/referral/signed-out")).status_code == 200


async def test_a11_a_stolen_cookie_is_refused_everywhere_within_five_seconds(door, world):
    """The other three services ask through their own memory of five seconds."""
    await door.sign_in(await door.set_up())
    stolen = digest_of(door.browser.cookies[COOKIE])

    async def ask(question):
        async with door.database.transaction() as session:
            return await answer_session(question, session)

    others = [AskedSessions(ask, world.now) for _ in ("scheduling", "notifications", "reporting")]
    assert all([await one.whose(stolen) for one in others])

    await door.browser.post("/referral/sessions/revoke-all")

    assert await door.app.state.sessions.whose(stolen) is None
    world.advance(REMEMBERED)
    assert [await one.whose(stolen) for one in others] == [None, None, None]


@pytest.mark.parametrize("shut", ["disabled", "reset"])
async def test_a11_shutting_somebody_out_ends_their_sessions_at_once(door, shut):
    who = await door.set_up()
    await door.sign_in(who)
    async with door.database.transaction() as session:
        if shut == "disabled":
            await disable_account(session, who.id)
        else:
            await reset_account(session, who.id, b"n" * 32)

    assert (await door.browser.get(CASES)).status_code == 303


@pytest.mark.parametrize("name", [COOKIE, SECURE_COOKIE])
async def test_a_token_that_was_planted_before_the_sign_in_is_never_accepted(door, name):
    """Session fixation."""
    who = await door.set_up()
    planted = "p" * 43
    door.browser.cookies.set(name, planted)

    page = await door.password(who.email, who.password)
    answer = await door.send(page, code=door.code(who, 1))

    new = answer.cookies[COOKIE]
    assert new != planted
    for token in (planted, "p" * 43):
        async with visitor(door.app, staff=None) as thief:
            page = await thief.get(CASES, headers={"cookie": f"{name}={token}"})
            assert page.status_code == 303


async def test_a_session_of_before_is_another_one_after_signing_in_again(door, world):
    who = await door.set_up()
    await door.sign_in(who)
    before = door.browser.cookies[COOKIE]
    world.advance(timedelta(seconds=60))
    await door.sign_in(who)

    assert door.browser.cookies[COOKIE] != before


async def test_a33_the_same_code_is_refused_the_second_time(door):
    who = await door.set_up()
    code = door.code(who, 1)
    page = await door.password(EMAIL, PASSWORD)
    assert (await door.send(page, code=code)).status_code == 303

    page = await door.password(EMAIL, PASSWORD)
    again = await door.send(page, code=code)
    earlier = await door.send(page, code=door.code(who))

    assert again.status_code == earlier.status_code == 422
    assert "was used before" in again.text


async def test_a33_the_same_code_twice_at_the_same_time_lets_one_in(door):
    who = await door.set_up()
    code = door.code(who, 1)
    page = await door.password(EMAIL, PASSWORD)

    answers = await asyncio.gather(*(door.send(page, code=code) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]


async def test_a33_the_first_code_of_all_counts_as_used(door):
    who = await door.set_up()
    page = await door.password(EMAIL, PASSWORD)

    assert (await door.send(page, code=door.code(who))).status_code == 422


async def test_guessing_codes_is_slowed_down_for_whoever_knows_the_password(door):
    who = await door.set_up()
    page = await door.password(who.email, who.password)

    answers = [(await door.send(page, code=f"{number:06}")).status_code for number in range(7)]

    assert answers == [422] * TRIES_PER_PERSON + [429] * 2


async def test_a_ticket_that_was_changed_or_is_too_old_leads_back_to_the_beginning(door, world):
    who = await door.set_up()
    page = await door.password(who.email, who.password)
    changed = await door.send(page, ticket="A" * 120, code=door.code(who, 1))
    world.advance(timedelta(minutes=10))
    late = await door.send(page, code=door.code(who, 1))

    assert changed.status_code == late.status_code == 422
    assert "That took too long" in late.text
    assert (await door.browser.get(CASES)).status_code == 303


async def test_a_session_of_somebody_without_a_role_is_nobodys(door):
    who = await door.set_up()
    async with door.database.transaction() as session:
        from services.referral import store

        await store.staff.end_roles(session, who.id, session.now())
        token = await begin(session, who.id, Means.PASSWORD)

    assert await door.app.state.sessions.whose(digest_of(token)) is None
    assert COORDINATOR.id != who.id
