"""A form that changes something comes from a page of ours, or nothing is changed."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from shared.plumbing import service
from shared.plumbing.csrf import FORM_COOKIE, OUR_OWN_FORM
from shared.plumbing.service import Blueprint
from shared.plumbing.session_cookie import COOKIE
from shared.plumbing.staff import OPEN_TO_ALL, STAFF_ONLY
from shared.ui.pages import render
from tests.fixtures.signed_in import COORDINATOR, come_in
from tests.fixtures.web import HERE, visitor
from tests.plumbing import diary

PAGE = """{% extends "layout/staff.html" %}{% block title %}Pages{% endblock %}{% block content %}
<form method="post">{{ csrf_field() }}</form><form method="post">{{ csrf_field() }}</form>
{% endblock %}"""
WORDS = """{% extends "layout/public.html" %}{% block title %}Words{% endblock %}"""
STAFF, ENTER = "/diary/pages", "/diary/enter"

staff = APIRouter(prefix=STAFF, dependencies=[STAFF_ONLY])
before_sign_in = APIRouter(prefix=ENTER, dependencies=[OPEN_TO_ALL, OUR_OWN_FORM])


@staff.get("")
@before_sign_in.get("")
async def show(request: Request) -> Response:
    return render(request, "page.html")


@before_sign_in.get("/words")
async def words(request: Request) -> Response:
    return render(request, "words.html")


@staff.post("")
@before_sign_in.post("")
async def change() -> Response:
    return PlainTextResponse("changed")


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "page.html").write_text(PAGE)
    (tmp_path / "pages" / "words.html").write_text(WORDS)
    return tmp_path / "pages"


@pytest.fixture
async def app(sqlite_store, pages):
    router = APIRouter()
    router.include_router(staff)
    router.include_router(before_sign_in)
    blueprint = Blueprint("diary", diary.SCHEMA, router, diary.hear_nothing, pages=pages)
    url = (await sqlite_store(diary.SCHEMA)).url
    return service.create(blueprint, diary.settings(url))


@pytest.fixture
async def browser(app):
    async with visitor(app, careful=False) as client:
        yield client


def whoever_uses(app, path):
    """Before the sign-in nobody has a session: there it is the cookie of the form that counts."""
    return visitor(app, careful=False, staff=COORDINATOR if path == STAFF else None)


def tokens(page: Response) -> list[str]:
    return re.findall(r'name="csrf" value="([^"]+)"', page.text)


@pytest.mark.parametrize("path", [STAFF, ENTER])
async def test_a_form_of_our_own_page_is_acted_on_however_often_it_is_sent(app, path):
    async with whoever_uses(app, path) as browser:
        first, second = tokens(await browser.get(path))

        assert first != second
        for token in (first, second, first):
            answer = await browser.post(path, data={"csrf": token})
            assert (answer.status_code, answer.text) == (200, "changed")


@pytest.mark.parametrize("path", [STAFF, ENTER])
@pytest.mark.parametrize(
    "fields",
    [
        [],
        [("csrf", "")],
        [("csrf", "nonsense")],
        [("csrf", "é")],
        [("csrf", "A" * 64)],
        [("CSRF", "{token}")],
        [("csrf", "{token}"), ("csrf", "{token}")],
        [("csrf", "{token}A")],
        [(f"field{number}", "x") for number in range(101)] + [("csrf", "{token}")],
    ],
)
async def test_a_form_without_the_right_field_is_refused_with_what_to_do(app, path, fields):
    kind = {"content-type": "application/x-www-form-urlencoded"}
    async with whoever_uses(app, path) as browser:
        token = tokens(await browser.get(path))[0]
        sent = urlencode([(name, value.replace("{token}", token)) for name, value in fields])

        refused = await browser.post(path, content=sent, headers=kind)

    assert refused.status_code == 403
    assert "Open the page again" in refused.text
    assert refused.headers["cache-control"] == "no-store"


async def test_a_field_in_the_address_or_in_json_does_not_count(browser):
    token = tokens(await browser.get(STAFF))[0]

    assert (await browser.post(f"{STAFF}?csrf={token}")).status_code == 403
    assert (await browser.post(STAFF, json={"csrf": token})).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_no_way_of_changing_something_is_left_out(browser, method):
    answer = await browser.request(method, STAFF)

    assert answer.status_code in (403, 405)
    assert answer.text != "changed"


@pytest.mark.parametrize("path", [STAFF, ENTER])
async def test_what_was_given_to_one_browser_is_of_no_use_in_another(app, path):
    """Whoever attacks can open a page as well, and put what they got into a form of theirs."""
    async with whoever_uses(app, path) as browser:
        token = tokens(await browser.get(path))[0]
    async with whoever_uses(app, path) as other:
        without_cookie = await other.post(path, data={"csrf": token})
        await other.get(path)
        with_their_own = await other.post(path, data={"csrf": token})

    assert (without_cookie.status_code, with_their_own.status_code) == (403, 403)


async def test_the_field_belongs_to_the_session_and_ends_with_it(app):
    async def send(session: str | None, token: str) -> int:
        cookie = {"cookie": f"{COOKIE}={session}"} if session else {}
        async with visitor(app, careful=False, headers=cookie, staff=None) as browser:
            return (await browser.post(STAFF, data={"csrf": token})).status_code

    mine, another, ended = [await come_in(app) for _ in range(3)]
    pages = {}
    for session in (mine, ended):
        cookie = {"cookie": f"{COOKIE}={session}"}
        async with visitor(app, careful=False, headers=cookie, staff=None) as browser:
            pages[session] = await browser.get(STAFF)
    app.state.sessions.revoke(ended)
    token = tokens(pages[mine])[0]

    assert "set-cookie" not in pages[mine].headers
    assert [await send(who, token) for who in (mine, another, None)] == [200, 403, 403]
    assert await send(ended, tokens(pages[ended])[0]) == 401


async def test_a_session_is_not_helped_by_the_cookie_of_a_form(app):
    """Somebody who can plant the form's cookie cannot act for who is signed in."""
    async with visitor(app, careful=False, staff=None) as attacker:
        token = tokens(await attacker.get(ENTER))[0]
        planted = attacker.cookies[FORM_COOKIE]
    cookies = {"cookie": f"{COOKIE}={await come_in(app)}; {FORM_COOKIE}={planted}"}

    async with visitor(app, careful=False, headers=cookies, staff=None) as browser:
        assert (await browser.post(STAFF, data={"csrf": token})).status_code == 403


async def test_another_site_is_refused_even_with_the_field(browser):
    token = tokens(await browser.get(STAFF))[0]

    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        refused = await browser.post(STAFF, data={"csrf": token}, headers=headers)
        assert refused.status_code == 403
    ours = {"sec-fetch-site": "same-origin", "origin": HERE}
    assert (await browser.post(STAFF, data={"csrf": token}, headers=ours)).status_code == 200


async def test_the_cookie_of_a_form_is_short_lived_and_out_of_reach_of_scripts(app):
    async with visitor(app, careful=False, staff=None) as browser:
        page = await browser.get(ENTER)
        again = await browser.get(ENTER)

    set_cookie = page.headers["set-cookie"]
    for part in (f"{FORM_COOKIE}=", "Max-Age=7200", "Path=/", "HttpOnly", "SameSite=Lax"):
        assert part in set_cookie
    assert "set-cookie" not in again.headers
    assert page.headers["cache-control"] == "no-store"


async def test_a_page_without_a_form_sets_no_cookie(app):
    async with visitor(app, careful=False, staff=None) as browser:
        page = await browser.get(f"{ENTER}/words")

    assert page.status_code == 200
    assert "set-cookie" not in page.headers
