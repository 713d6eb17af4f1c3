"""Only a token that the provider signed, for us, now and for this browser, lets anybody in."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey

from tests.fixtures import clock
from tests.fixtures.provider import CLIENT
from tests.referral.forged import FORGED, unknown_key
from tests.referral.outside import OUTSIDE, leave


async def refused(step, status=409):
    answer = await step.sign_in()
    assert answer.status_code == status, answer.text
    assert not await step.is_in()
    assert await step.open_sessions() == 0
    return answer


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__)
async def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(step, forge):
    step.provider.sign = forge

    await refused(step)


@pytest.mark.parametrize(
    "use", [{"use": "enc"}, {"kty": "oct", "k": "AAAA"}, {"n": "AQAB"}, {"e": 7}]
)
async def test_a_key_that_is_not_for_signatures_is_no_key(step, use):
    key = RSAKey.generate_key(2048, auto_kid=True)
    public = key.as_dict(private=False)
    step.provider.keys = [SimpleNamespace(as_dict=lambda private: {**public, **use})]

    assert (await step.browser.get(OUTSIDE)).status_code == 503


async def test_a_key_that_is_too_short_is_no_key(step):
    with pytest.warns(SecurityWarning):
        step.provider.keys = [RSAKey.generate_key(1024, auto_kid=True)]

    assert (await step.browser.get(OUTSIDE)).status_code == 503


NOW = int(clock.NOW.timestamp())

CLAIMS = {
    "another issuer": {"iss": "https://evil.example"},
    "the issuer with a slash": {"iss": lambda claims: claims["iss"] + "/"},
    "no issuer": {"iss": None},
    "a list of issuers": {"iss": lambda claims: [claims["iss"]]},
    "another audience": {"aud": "another-client"},
    "no audience": {"aud": None},
    "part of our name": {"aud": CLIENT[:-1]},
    "an audience that is no name": {"aud": {CLIENT: True}},
    "several audiences and nobody who asked": {"aud": [CLIENT, "another-client"]},
    "several audiences and somebody else who asked": {
        "aud": [CLIENT, "another-client"],
        "azp": "another-client",
    },
    "asked for by somebody else": {"azp": "another-client"},
    "no nonce": {"nonce": None},
    "another nonce": {"nonce": "another"},
    "a list of nonces": {"nonce": lambda claims: [claims["nonce"]]},
    "run out": {"exp": NOW - 31},
    "no end": {"exp": None},
    "an end that is no number": {"exp": "tomorrow"},
    "an end that is true": {"exp": True},
    "no beginning": {"iat": None},
    "from the future": {"iat": NOW + 31},
    "of yesterday": {"iat": NOW - 86_400},
    "of before there was time": {"iat": -(10**400)},
    "not yet good": {"nbf": NOW + 31},
    "nobody": {"sub": None},
    "an empty name": {"sub": ""},
    "a name that is a number": {"sub": 7},
    "an endless name": {"sub": "x" * 256},
}


@pytest.mark.parametrize("changed", CLAIMS.values(), ids=CLAIMS.keys())
async def test_a_token_that_is_not_for_us_now_and_this_browser_lets_nobody_in(step, changed):
    def claims(given):
        all_of_them = {
            **given,
            **{name: value(given) if callable(value) else value for name, value in changed.items()},
        }
        return {name: value for name, value in all_of_them.items() if value is not None}

    step.provider.claims = claims

    await refused(step)


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "another-client"], "azp": CLIENT},
        {"azp": CLIENT},
        {"exp": NOW - 29},
        {"iat": NOW + 29},
        {"unknown": {"claims": "are left alone"}},
    ],
)
async def test_what_the_protocol_allows_is_taken(step, changed):
    step.provider.claims = lambda given: {**given, **changed}

    assert (await step.sign_in()).status_code == 303


async def test_a_provider_that_signs_with_another_curve_is_understood(step):
    step.provider.keys = [ECKey.generate_key("P-256", auto_kid=True)]

    assert (await step.sign_in()).status_code == 303


async def test_keys_nobody_knows_make_us_ask_once_a_minute_and_no_oftener(step, world):
    await step.sign_in()
    before = step.provider.asked.count("/keys")
    for _ in range(10):
        step.provider.sign = unknown_key
        await leave(step, step.provider.logout_token(sub="sam-at-work"))
    assert step.provider.asked.count("/keys") == before

    world.advance(timedelta(minutes=1))
    for _ in range(10):
        await leave(step, step.provider.logout_token(sub="sam-at-work"))
    assert step.provider.asked.count("/keys") == before + 1


async def test_a_key_the_provider_changed_is_found(step, world):
    await step.sign_in()
    step.provider.keys = [*step.provider.keys, RSAKey.generate_key(2048, auto_kid=True)]
    world.advance(timedelta(minutes=1))

    assert (await step.sign_in()).status_code == 303


async def test_a_key_the_provider_withdrew_counts_no_longer_than_an_hour(step, world):
    await step.sign_in()
    stolen = step.provider.keys[0]
    step.provider.keys = [RSAKey.generate_key(2048, auto_kid=True)]
    step.provider.sign = lambda claims: jwt.encode(
        {"alg": "RS256", "kid": stolen.kid}, claims, stolen
    )
    world.advance(timedelta(hours=1))

    answer = await step.sign_in()

    assert answer.status_code == 409
