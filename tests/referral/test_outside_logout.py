"""Who signs out at their organisation is signed out here (Back-Channel Logout 1.0)."""

from datetime import timedelta

import pytest

from services.referral.store.outside import SPENT
from tests.fixtures import clock
from tests.fixtures.provider import LOGOUT
from tests.referral.forged import FORGED
from tests.referral.outside import leave

NOW = int(clock.NOW.timestamp())


async def test_who_signs_out_there_is_signed_out_here(step):
    """By name, and by the one session."""
    for claims in (
        {"sub": "sam-at-work"},
        {"sid": "session of sam-at-work"},
        {"sub": "sam-at-work", "sid": "session of sam-at-work"},
    ):
        await step.sign_in()
        assert await step.is_in()
        answer = await leave(step, step.provider.logout_token(**claims))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert not await step.is_in()


async def test_another_session_or_person_is_left_alone(step):
    await step.sign_in()

    for claims in (
        {"sub": "somebody-else"},
        {"sid": "another session"},
        {"sub": "sam-at-work", "sid": "another session"},
    ):
        assert (await leave(step, step.provider.logout_token(**claims))).status_code == 200
    assert await step.is_in()


async def test_a_logout_token_works_once(step):
    await step.sign_in()
    token = step.provider.logout_token(sub="sam-at-work")
    assert (await leave(step, token)).status_code == 200
    await step.sign_in()

    assert (await leave(step, token)).status_code == 400
    assert await step.is_in()


async def test_what_is_used_up_is_forgotten_once_it_is_too_old_anyway(step, world):
    await step.sign_in()
    first = step.provider.logout_token(sub="sam-at-work")
    await leave(step, first)
    assert len(await step.rows(SPENT)) == 2
    world.advance(timedelta(hours=1))
    await leave(step, step.provider.logout_token(sub="sam-at-work"))

    assert len(await step.rows(SPENT)) == 1
    assert (await leave(step, first)).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-client"},
        {"iss": "https://evil.example"},
        {"events": None},
        {"events": {"something": {}}},
        {"events": {LOGOUT: "yes"}},
        {"events": [LOGOUT]},
        {"nonce": "an ID token has one"},
        {"jti": None},
        {"sub": None},
        {"iat": NOW - 86_400},
        {"exp": NOW - 31},
        {"exp": None},
    ],
)
async def test_a_logout_token_that_says_not_what_it_must_signs_nobody_out(step, changed):
    await step.sign_in()

    answer = await leave(step, step.provider.logout_token(**{"sub": "sam-at-work", **changed}))

    assert answer.status_code == 400
    assert await step.is_in()


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__)
async def test_a_forged_logout_token_signs_nobody_out(step, forge):
    await step.sign_in()
    step.provider.sign = forge

    answer = await leave(step, step.provider.logout_token(sub="sam-at-work"))

    assert answer.status_code == 400
    assert await step.is_in()
