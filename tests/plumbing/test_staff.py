"""Who may call a route, and what somebody meets who has not signed in."""

from datetime import timedelta

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts

from shared.contracts.access import AccessRole
from shared.contracts.sign_in import SessionFound, SessionWanted
from shared.plumbing import service
from shared.plumbing.asked_sessions import MOST_REMEMBERED, REMEMBERED, AskedSessions
from shared.plumbing.asking import NoAnswer
from shared.plumbing.service import Blueprint, CannotStart
from shared.plumbing.session_cookie import COOKIE, SECURE_COOKIE, digest_of
from shared.plumbing.staff import OPEN_TO_ALL, SignInUnavailable, own_path, who_may_call
from tests.fixtures.signed_in import COORDINATOR, SignedIn, come_in
from tests.fixtures.web import HERE, visitor
from tests.plumbing import diary

STORE = "sqlite+aiosqlite:////tmp/never-made.db"
TOKEN = "t" * 43


def outside(folder, url, **changes):
    """Settings with the secret that nothing outside development starts without."""
    (folder / "secret").write_bytes(b"s" * 32)
    return diary.settings(url, secret_file=folder / "secret", **changes)


@pytest.fixture
async def url(sqlite_store):
    """Of a store that is there: what somebody reads is counted in it."""
    return (await sqlite_store(diary.SCHEMA)).url


async def test_a_page_knows_who_is_signed_in(url):
    async with visitor(diary.create(url)) as browser:
        answer = await browser.get("/diary/staff")

    assert answer.json() == str(COORDINATOR.id)


async def test_whoever_is_not_signed_in_is_led_to_the_sign_in_and_back():
    async with visitor(diary.create(STORE), staff=None) as browser:
        page = await browser.get("/diary/staff?week=2")
        parked = await browser.get("/diary/parked")

    assert page.status_code == parked.status_code == 303
    assert page.headers["location"] == "/referral/sign-in?next=%2Fdiary%2Fstaff%3Fweek%3D2"
    assert parked.headers["location"] == "/referral/sign-in?next=%2Fdiary%2Fparked"


async def test_what_would_change_something_is_refused_outright():
    some_id = "0198c0de-0000-7000-8000-0000000000aa"
    async with visitor(diary.create(STORE), staff=None) as browser:
        answer = await browser.post(f"/diary/parked/{some_id}/discard", data={"reason": "x"})

    assert answer.status_code == 401
    assert "Sign in first" in answer.text


async def test_while_nobody_can_say_who_is_signed_in_nobody_gets_in():
    app = diary.create(STORE)
    async with visitor(app) as browser:
        app.state.sessions.answers = False
        page = await browser.get("/diary/staff")
        open_page = await browser.get("/diary/entries/0198c0de-0000-7000-8000-0000000000aa")
        static = await browser.get("/diary/static/nothing.css")

    assert page.status_code == 503
    assert "Sign-in is unavailable" in page.text
    assert open_page.status_code == 200
    assert static.status_code == 404


@pytest.mark.parametrize("token", ["", "short", "t" * 44, "ü" * 43, "t" * 42 + "%"])
async def test_what_is_no_token_is_nobody(token):
    headers = {"cookie": f"{COOKIE}={token}".encode()}
    async with visitor(diary.create(STORE), staff=None, headers=headers) as browser:
        assert (await browser.get("/diary/staff")).status_code == 303


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, COOKIE),
        ({"host": "0.0.0.0"}, SECURE_COOKIE),
        ({"environment": "production", "site_url": HERE}, SECURE_COOKIE),
    ],
)
async def test_only_at_this_machine_in_development_is_the_cookie_not_for_https_alone(
    changes, name, url, tmp_path
):
    app = service.create(diary.BLUEPRINT, outside(tmp_path, url, **changes))
    token = await come_in(app)
    other = {COOKIE: SECURE_COOKIE, SECURE_COOKIE: COOKIE}[name]
    async with visitor(app, staff=None) as browser:
        with_it = await browser.get("/diary/staff", headers={"cookie": f"{name}={token}"})
        planted = await browser.get("/diary/staff", headers={"cookie": f"{other}={token}"})

    assert with_it.status_code == 200
    assert planted.status_code == 303


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/ /evil.example",
        "/\r\nset-cookie: a=b",
        "referral/cases",
        "",
        None,
        ["/referral/cases"],
        "/" + "a" * 501,
        "/café",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(elsewhere):
    assert own_path(elsewhere) is None


@pytest.mark.parametrize("path", ["/", "/referral/cases", "/reporting/?first=2026-01&last=2026-03"])
def test_a_page_of_ours_is_gone_back_to(path):
    assert own_path(path) == path


class Referral:
    """Answers as referral does, and notes what it was asked."""

    def __init__(self):
        self.signed_in, self.asked, self.there = {digest_of(TOKEN)}, [], True

    async def ask(self, question: SessionWanted) -> SessionFound:
        self.asked.append(question)
        if not self.there:
            raise NoAnswer("nobody")
        if question.token_digest not in self.signed_in:
            return SessionFound()
        return SessionFound(
            staff_id=COORDINATOR.id, session_id=COORDINATOR.id, roles=(AccessRole.COORDINATOR,)
        )


async def test_an_answer_is_used_again_for_a_few_seconds_and_never_longer(world):
    referral = Referral()
    sessions = AskedSessions(referral.ask, world.now)

    first = await sessions.whose(digest_of(TOKEN))
    world.advance(REMEMBERED - timedelta(milliseconds=1))
    again = await sessions.whose(digest_of(TOKEN))

    assert first == again
    assert first.roles == {"coordinator"}
    assert len(referral.asked) == 1
    assert TOKEN not in referral.asked[0].model_dump_json()

    referral.signed_in.clear()
    world.advance(timedelta(milliseconds=1))

    assert await sessions.whose(digest_of(TOKEN)) is None
    assert timedelta(seconds=5) == REMEMBERED


async def test_without_referral_an_answer_is_good_until_it_is_too_old(world):
    referral = Referral()
    sessions = AskedSessions(referral.ask, world.now)
    await sessions.whose(digest_of(TOKEN))
    referral.there = False

    assert await sessions.whose(digest_of(TOKEN)) is not None
    world.advance(REMEMBERED)
    with pytest.raises(SignInUnavailable):
        await sessions.whose(digest_of(TOKEN))


async def test_a_clock_that_is_put_back_makes_no_answer_last_longer(world):
    referral = Referral()
    sessions = AskedSessions(referral.ask, world.now)
    await sessions.whose(digest_of(TOKEN))

    world.advance(timedelta(seconds=-1))
    await sessions.whose(digest_of(TOKEN))

    assert len(referral.asked) == 2


async def test_only_so_many_answers_are_remembered_and_none_of_strangers(world):
    referral = Referral()
    sessions = AskedSessions(referral.ask, world.now)
    for number in range(MOST_REMEMBERED + 10):
        token = f"{number:043}"
        await sessions.whose(digest_of(token))
        referral.signed_in.add(digest_of(token))
        await sessions.whose(digest_of(token))

    assert len(sessions._known) <= MOST_REMEMBERED


def test_a_route_that_does_not_say_who_may_call_it_is_not_served():
    silent = APIRouter(prefix="/diary")

    @silent.get("/secrets")
    async def secrets() -> str:
        return "all of them"

    blueprint = Blueprint("diary", diary.SCHEMA, silent, diary.hear_nothing)

    with pytest.raises(ValueError, match="/diary/secrets"):
        diary.create(STORE, blueprint)


def test_a_router_inside_another_says_it_for_its_own_routes():
    routes = list(iter_route_contexts(diary.create(STORE).routes))

    said = {route.path: who_may_call(route) for route in routes if hasattr(route, "dependant")}

    assert said["/diary/staff"] == "staff"
    assert said["/diary/parked/{parked_id}/discard"] == "staff"
    assert said["/diary/entries"] == "everybody"
    assert said["/health/ready"] == "everybody"
    assert None not in said.values()


def test_a_staff_route_in_an_open_router_stays_a_staff_route():
    router = APIRouter(dependencies=[OPEN_TO_ALL])
    router.include_router(diary.staff)

    (route,) = iter_route_contexts(router.routes)

    assert who_may_call(route) == "staff"


def test_a_service_without_a_store_is_told_what_to_set():
    with pytest.raises(CannotStart, match="PARLEY_DATABASE_URL"):
        service.create(diary.BLUEPRINT, diary.settings(""))


def test_a_service_starts_outside_development(tmp_path):
    settings = outside(tmp_path, STORE, environment="production", host="0.0.0.0")

    service.create(diary.BLUEPRINT, settings)


async def test_a_session_ends_for_a_service_alone_too():
    app = diary.create(STORE)
    app.state.sessions = SignedIn()
    async with visitor(app) as browser:
        (token,) = browser.cookies.values()
        app.state.sessions.revoke(token)
        assert (await browser.get("/diary/staff")).status_code == 303


@pytest.mark.parametrize(
    "where",
    [
        {"site": "http://192.0.2.8:8000"},
        {"site": "http://rebound.example:8000"},
        {"headers": {"host": "rebound.example:8000"}},
    ],
)
async def test_under_a_name_that_is_not_ours_nothing_is_served(where):
    async with visitor(diary.create(STORE), **where) as browser:
        for path in ("/diary/staff", "/diary/parked", "/diary/entries"):
            assert (await browser.get(path)).status_code == 400
