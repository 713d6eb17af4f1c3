"""The organisation's sign-in away, slow or talking nonsense: the rest of Parley goes on."""

from datetime import timedelta

import pytest

from services.referral.sign_in.outside.fetching import Fetch, ProviderUnavailable
from services.referral.sign_in.outside.settings import origin_of, outside
from shared.plumbing import service
from shared.plumbing.settings import CannotStart, Settings
from tests.fixtures.provider import CLIENT, GROUPS
from tests.referral.outside import OUTSIDE, impatient

MOODS = ("broken", "garbage", "a list", "huge", "slow", "redirects", "compressed")


def falls_into(step, mood):
    step.provider.mood = mood
    if mood == "slow":
        impatient(step.app)


async def is_told_and_goes_on(step, answer):
    assert answer.status_code == 503
    assert "does not answer at the moment" in answer.text
    assert "/referral/refer" in answer.text
    assert (await step.browser.get("/referral/sign-in")).status_code == 200
    assert (await step.browser.get("/referral/refer/what")).status_code == 200


@pytest.mark.parametrize("mood", MOODS)
async def test_a_provider_in_trouble_is_said_plainly_and_everything_else_goes_on(step, mood):
    falls_into(step, mood)

    await is_told_and_goes_on(step, await step.browser.get(OUTSIDE))
    who = await step.door.set_up("kim@example.org")
    assert (await step.door.sign_in(who)).status_code == 303


@pytest.mark.parametrize("mood", MOODS)
async def test_trouble_on_the_way_back_is_said_as_plainly(step, mood):
    back = await step.agree(await step.go())
    falls_into(step, mood)

    await is_told_and_goes_on(step, await step.browser.get(back))
    assert not await step.is_in()


async def test_a_provider_that_is_not_there_at_all(step, tmp_path):
    settings = step.app.state.service.settings
    gone = settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    step.app.state.service.settings = gone

    await is_told_and_goes_on(step, await step.browser.get(OUTSIDE))


async def test_it_is_asked_again_after_some_seconds_and_not_at_every_knock(step, world):
    step.provider.mood = "broken"
    for _ in range(5):
        assert (await step.browser.get(OUTSIDE)).status_code == 503
    assert len(step.provider.asked) == 1

    step.provider.mood = "well"
    world.advance(timedelta(seconds=5))

    assert (await step.sign_in()).status_code == 303


async def test_a_wrong_client_secret_is_our_trouble_and_not_theirs(step, tmp_path):
    (tmp_path / "client-secret").write_text("another")  # read when somebody first comes

    assert (await step.sign_in()).status_code == 503


DISCOVERIES = {
    "another issuer": {"issuer": "https://evil.example"},
    "a slash more": {"issuer": lambda said: said["issuer"] + "/"},
    "only passwords as signatures": {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    "no tokens": {"token_endpoint": None},
    "addresses that are numbers": {"jwks_uri": 7},
    "tokens elsewhere": {"token_endpoint": "https://evil.example/token"},
    "tokens in the cloud's own store": {"token_endpoint": "http://169.254.169.254/latest"},
    "keys on another port": {"jwks_uri": "http://127.0.0.1:1/keys"},
    "keys in a file": {"jwks_uri": "file:///etc/passwd"},
    "keys under a name that looks like it": {
        "jwks_uri": lambda said: said["issuer"].replace("//", "//evil.example@")
    },
    "pages that are scripts": {"authorization_endpoint": "javascript:alert(1)"},
    "pages elsewhere": {"authorization_endpoint": "https://evil.example/authorize"},
    "a way out elsewhere": {"end_session_endpoint": "https://evil.example/leave"},
    "the same host by another way": {
        "token_endpoint": lambda said: said["issuer"].replace("http:", "https:") + "/token"
    },
}


@pytest.mark.parametrize("changed", DISCOVERIES.values(), ids=DISCOVERIES.keys())
async def test_a32_what_discovery_says_leads_nowhere_but_to_the_provider(step, changed):
    def said(given):
        return {
            **given,
            **{name: value(given) if callable(value) else value for name, value in changed.items()},
        }

    step.provider.discovery = said

    answer = await step.browser.get(OUTSIDE)

    assert answer.status_code == 503
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://0x7f000001/",
        "http://127.0.0.1.evil.example/",
        "https://login.example.org@evil.example/",
        "https://login.example.org:444/",
        "https://login.example.org%2e/",
        "http://login.example.org/",
        "//login.example.org/",
        "https://login.example.org:99999/",
        "",
    ],
)
async def test_a32_no_address_but_the_allowed_ones_is_ever_asked(url):
    fetch = Fetch(frozenset({"https://login.example.org"}))

    with pytest.raises(ProviderUnavailable, match="foreign_address"):
        await fetch.get(url)


def test_an_address_is_the_same_however_it_is_written():
    assert origin_of("HTTPS://Login.Example.org:443/a?b#c") == "https://login.example.org"
    assert origin_of("http://[::1]:8080/") == "http://[::1]:8080"


@pytest.fixture
def said(tmp_path):
    file = tmp_path / "secret"
    file.write_text("s")
    empty = tmp_path / "empty"
    empty.write_text("\n")
    good = {
        "oidc_issuer": "https://login.example.org",
        "oidc_client_id": CLIENT,
        "oidc_client_secret_file": file,
        "oidc_groups": GROUPS,
    }
    return lambda **changed: Settings(
        **{
            **good,
            **{name: empty if value == "EMPTY" else value for name, value in changed.items()},
        }
    )


WRONG = {
    "no issuer, no local accounts": (
        {"oidc_issuer": "", "local_accounts": False},
        "Nobody could sign in",
    ),
    "http": ({"oidc_issuer": "http://login.example.org"}, "begin with https://"),
    "http on this machine in production": (
        {"oidc_issuer": "http://127.0.0.1:5", "environment": "production"},
        "begin with https://",
    ),
    "no address": ({"oidc_issuer": "login.example.org"}, "must be an address"),
    "with a question": ({"oidc_issuer": "https://login.example.org/?a=b"}, "must be an address"),
    "no client": ({"oidc_client_id": ""}, "PARLEY_OIDC_CLIENT_ID"),
    "no secret": ({"oidc_client_secret_file": None}, "PARLEY_OIDC_CLIENT_SECRET_FILE"),
    "a secret that is not there": ({"oidc_client_secret_file": "/no/such"}, "Cannot read"),
    "an empty secret": ({"oidc_client_secret_file": "EMPTY"}, "is empty"),
    "no groups": ({"oidc_groups": " ; "}, "No group may come in"),
    "a group without a role": ({"oidc_groups": "Managers"}, "we cannot read 'Managers'"),
    "a role without a group": ({"oidc_groups": "=manager"}, "we cannot read"),
    "a role there is not": ({"oidc_groups": "Managers=boss"}, "with one of coordinator"),
    "a host with its scheme": ({"oidc_hosts": "https://a.example"}, "no name of a host"),
    "a host with a path": ({"oidc_hosts": "a.example/keys"}, "no name of a host"),
    "a host with a name before it": ({"oidc_hosts": "a@b.example"}, "no name of a host"),
    "scopes without openid": ({"oidc_scopes": "email"}, "has to name openid"),
}


@pytest.mark.parametrize(("changed", "words"), WRONG.values(), ids=WRONG.keys())
def test_settings_that_cannot_be_are_said_in_one_sentence_at_the_start(said, changed, words):
    with pytest.raises(CannotStart, match=words):
        outside(said(**changed))


def test_referral_does_not_start_with_them(said, tmp_path):
    from services.referral.main import BLUEPRINT

    settings = said(oidc_groups="Managers=boss").model_copy(
        update={"database_url": f"sqlite+aiosqlite:///{tmp_path}/store.db"}
    )

    with pytest.raises(CannotStart, match="PARLEY_OIDC_GROUPS"):
        service.create(BLUEPRINT, settings)


async def test_a_secret_that_vanished_since_takes_no_other_sign_in_with_it(step, tmp_path):
    (tmp_path / "client-secret").unlink()

    assert (await step.browser.get("/referral/sign-in")).status_code == 200
    assert (await step.browser.get(OUTSIDE)).status_code == 404


def test_the_client_secret_is_not_shown_where_settings_are(said):
    assert "secret='s'" not in repr(outside(said()))


def test_other_hosts_are_allowed_by_name_and_over_https_alone(said):
    found = outside(said(oidc_hosts="keys.example.org"))

    assert found.origins == {"https://login.example.org", "https://keys.example.org"}
