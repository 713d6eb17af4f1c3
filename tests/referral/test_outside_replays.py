"""Codes, states and tickets that are stolen, repeated or made up let nobody in."""

import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.fixtures.web import visitor
from tests.referral.outside import OUTSIDE


async def test_a_code_works_once(step):
    """The same code under a state of the thief's own: the provider refuses it, and so do we."""
    back = await step.agree(await step.go())
    assert (await step.browser.get(back)).status_code == 303
    code = parse_qs(urlsplit(back).query)["code"][0]

    async with visitor(step.app, staff=None) as thief:
        address = (await thief.get(OUTSIDE)).headers["location"]
        state = parse_qs(urlsplit(address).query)["state"][0]
        query = urlencode({"code": code, "state": state, "iss": step.provider.issuer})
        answer = await thief.get(f"{OUTSIDE}/back?{query}")
        assert answer.status_code == 409
        assert (await thief.get("/referral/cases")).status_code == 303


async def test_a_code_that_was_stolen_before_it_was_used_works_in_no_other_browser(step):
    """PKCE: only the browser that asked has what the code was asked for with."""
    code = parse_qs(urlsplit(await step.agree(await step.go())).query)["code"][0]

    async with visitor(step.app, staff=None) as thief:
        address = (await thief.get(OUTSIDE)).headers["location"]
        state = parse_qs(urlsplit(address).query)["state"][0]
        query = urlencode({"code": code, "state": state, "iss": step.provider.issuer})
        assert (await thief.get(f"{OUTSIDE}/back?{query}")).status_code == 409
    assert await step.open_sessions() == 0


async def test_a_state_works_once_even_for_a_browser_that_kept_its_cookie(step):
    back = await step.agree(await step.go())
    kept = dict(step.browser.cookies)
    assert (await step.browser.get(back)).status_code == 303
    tokens = len(step.provider.asked)

    async with visitor(step.app, staff=None) as again:
        again.cookies.update(kept)
        answer = await again.get(back)

    assert answer.status_code == 409
    assert len(step.provider.asked) == tokens  # nobody was even asked


async def test_a_state_of_another_browser_works_in_none(step):
    """Sign-in forced on somebody: a thief's own link, followed by somebody else."""
    back = await step.agree(await step.go())

    async with visitor(step.app, staff=None) as somebody:
        without = await somebody.get(back)
        await somebody.get(OUTSIDE)
        with_another = await somebody.get(back)
        assert (await somebody.get("/referral/cases")).status_code == 303

    assert (without.status_code, with_another.status_code) == (409, 409)
    assert "/token" not in step.provider.asked  # the code was not even tried


@pytest.mark.parametrize("issuer", [None, "https://evil.example", ""])
async def test_an_answer_in_the_name_of_another_provider_is_none(step, issuer):
    """Mix-up: this one says that it names itself in every answer (RFC 9207)."""
    back = await step.agree(await step.go())
    said = {name: one for name, (one,) in parse_qs(urlsplit(back).query).items()} | {"iss": issuer}
    query = urlencode({name: one for name, one in said.items() if one is not None})

    assert (await step.browser.get(f"{OUTSIDE}/back?{query}")).status_code == 409
    assert "/token" not in step.provider.asked


@pytest.mark.parametrize(
    "query",
    [
        "",
        "state=",
        "code=x",
        "state={state}",
        "code=&state={state}&iss={iss}",
        "code=x&code=y&state={state}&iss={iss}",
        "code=x&state={state}&state={state}&iss={iss}",
        "code=x&state={state}&iss=https://evil.example",
        "code=x&state={state}",
        "error=access_denied&error_description=%3Cscript%3E&state={state}&iss={iss}",
        "code=%00%ff&state={state}&iss={iss}",
        "code=" + "x" * 5000 + "&state={state}&iss={iss}",
        "code=x&state=%ff%00&iss={iss}",
    ],
)
async def test_whatever_comes_back_is_answered_in_plain_words(step, query):
    state = parse_qs(urlsplit(await step.go()).query)["state"][0]

    answer = await step.browser.get(
        f"{OUTSIDE}/back?{query.format(state=state, iss=step.provider.issuer)}"
    )

    assert answer.status_code == 409
    assert "Begin again" in answer.text
    assert "script>" not in answer.text.partition("<h1")[2].partition("</main")[0]
    assert not await step.is_in()


@pytest.mark.parametrize("cookie", ["", "x", "ÿ", "A" * 3000])
async def test_a_ticket_that_is_not_ours_is_none(step, cookie):
    back = await step.agree(await step.go())
    step.browser.cookies.delete("parley-outside")

    answer = await step.browser.get(back, headers={"cookie": f"parley-outside={cookie}".encode()})

    assert answer.status_code == 409


async def test_no_other_site_sends_anybody_to_the_provider(step):
    for site, status in (("cross-site", 409), ("same-site", 409), ("same-origin", 303)):
        answer = await step.browser.get(OUTSIDE, headers={"sec-fetch-site": site})
        assert answer.status_code == status


async def test_nobody_is_led_to_another_site_afterwards(step):
    answer = await step.sign_in(next="//evil.example/")

    assert answer.headers["location"] == "/referral/cases"


async def test_whoever_tries_and_tries_has_to_wait(step):
    """The provider is asked no oftener than people sign in."""
    answers = []
    for _ in range(22):
        state = parse_qs(urlsplit(await step.go()).query)["state"][0]
        query = urlencode({"code": "guessed", "state": state, "iss": step.provider.issuer})
        answers.append((await step.browser.get(f"{OUTSIDE}/back?{query}")).status_code)

    assert answers == [409] * 20 + [429] * 2
    assert step.provider.asked.count("/token") == 20


async def test_random_bytes_in_every_part_let_nobody_in(step):
    for _ in range(20):
        part = secrets.token_urlsafe(30)
        answer = await step.browser.get(f"{OUTSIDE}/back?code={part}&state={part}&iss={part}")
        assert answer.status_code in (409, 429)
    assert not await step.is_in()
