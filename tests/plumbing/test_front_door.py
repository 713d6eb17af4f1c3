"""Which requests are looked at at all, and where they are taken to come from."""

import pytest
from fastapi import APIRouter, Request
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount

from shared.plumbing import metrics, service
from shared.plumbing.armour import Armour
from shared.plumbing.front_door import prefix_of
from shared.plumbing.service import Blueprint
from shared.plumbing.settings import Settings
from shared.plumbing.staff import OPEN_TO_ALL
from shared.plumbing.world import REAL
from tests.fixtures.web import visitor
from tests.plumbing import diary

STORE = "sqlite+aiosqlite:////tmp/never-made.db"

router = APIRouter(prefix="/diary", dependencies=[OPEN_TO_ALL])


@router.get("/caller")
async def caller(request: Request) -> Response:
    """Where a request seems to come from."""
    return PlainTextResponse(f"{prefix_of(request)} {request.url.scheme}")


@router.get("/kept")
async def kept() -> Response:
    return PlainTextResponse("an error", 500, headers={"cache-control": "public, max-age=60"})


def an_app(**settings: object):
    blueprint = Blueprint("diary", diary.SCHEMA, router, diary.hear_nothing)
    return service.create(blueprint, diary.settings(STORE, **settings))


async def answer(headers: list[tuple[bytes, bytes]], *, path="/diary/caller", **settings) -> int:
    """The status for a request with just these headers."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}
    await an_app(**settings)(scope | {"scheme": "http", "client": ("127.0.0.1", 1)}, receive, send)
    return sent[0]["status"]


OURS = (b"host", b"127.0.0.1:8000")


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [b""],
        [b"evil.example"],
        [b"127.0.0.1.evil.example"],
        [b"localhost.:8000"],
        [b"evil@localhost"],
        [b"localhost:8000/evil.example"],
        [b"localhost, evil.example"],
        [b"localhost:80:80"],
        [b"127.0.0.1:8000", b"evil.example"],
        [b"127.0.0.1:8000", b"127.0.0.1:8000"],
        [b"169.254.169.254"],
    ],
)
async def test_a_request_that_does_not_name_us_goes_no_further(hosts):
    assert await answer([(b"host", host) for host in hosts]) == 400


@pytest.mark.parametrize("host", [b"127.0.0.1:8000", b"LOCALHOST", b"[::1]:8000", b"parley.test"])
async def test_a_request_that_names_us_is_answered(host):
    assert await answer([(b"host", host)], hosts=("parley.test",)) == 200


def test_in_production_only_the_public_names_are_ours():
    settings = Settings(environment="production", site_url="https://Parley.test", hosts="a.test")

    assert settings.known_hosts == {"parley.test", "a.test"}


async def test_what_watches_a_container_may_call_it_by_its_number():
    watching = [(b"host", b"10.1.2.3:8000")]

    assert await answer(watching, path="/diary/health/live") == 200
    assert await answer(watching, path="/diary/parked") == 400


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ([(b"content-length", b"0"), (b"content-length", b"5")], 400),
        ([(b"content-length", b"5"), (b"transfer-encoding", b"chunked")], 400),
        ([(b"x-big", b"a" * 64 * 1024)], 431),
        ([(b"x-small", b"a" * 1024)] * 64, 431),
    ],
)
async def test_headers_that_can_be_read_in_two_ways_or_have_no_end_are_refused(extra, status):
    assert await answer([OURS, *extra]) == status


async def caller_seen(sits: str, headers: dict[str, str], **settings: object) -> str:
    async with visitor(an_app(**settings), sits=sits, headers=headers) as browser:
        return (await browser.get("/diary/caller")).text


SPOOFED = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "x-real-ip": "1.1.1.1"}


@pytest.mark.parametrize(
    "settings", [{}, {"trusted_proxies": "10.0.0.0/8"}, {"trusted_proxies": "192.0.2.8"}]
)
async def test_what_a_stranger_says_of_the_caller_is_not_believed(settings):
    assert await caller_seen("192.0.2.7", SPOOFED, **settings) == "192.0.2.0/24 http"


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.0/24"),  # the first was said by the caller
        ("127.0.0.1, 203.0.113.9, 10.0.0.2", "203.0.113.0/24"),  # through two proxies of ours
        ("2001:db8:1:2ff::9", "2001:db8:1:200::/56"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("unknown", "unknown"),
    ],
)
async def test_a_proxy_of_ours_is_believed_as_far_as_it_can_know(said, seen):
    headers = {"x-forwarded-for": said, "x-forwarded-proto": "https"}

    assert await caller_seen("10.0.0.1", headers, trusted_proxies="10.0.0.0/8") == f"{seen} https"


async def test_the_name_a_proxy_says_it_was_called_by_is_read_nowhere():
    headers = [OURS, (b"x-forwarded-host", b"evil.example"), (b"forwarded", b"host=evil.example")]

    assert await answer(headers, trusted_proxies="127.0.0.1") == 200
    assert await answer([(b"host", b"evil.example"), (b"x-forwarded-host", OURS[1])]) == 400


@pytest.mark.parametrize("named", ["*", "proxy.example", "10.0.0.0/33"])
def test_only_addresses_can_be_trusted(named):
    with pytest.raises(ValueError, match="trusted_proxies"):
        Settings(trusted_proxies=named)


async def test_a_stranger_behind_a_proxy_does_not_become_somebody_at_this_machine(sqlite_store):
    url = (await sqlite_store(diary.SCHEMA)).url
    app = service.create(diary.BLUEPRINT, diary.settings(url, trusted_proxies="127.0.0.1"))

    for said in ("203.0.113.9", "127.0.0.1, 203.0.113.9", "nonsense"):
        async with visitor(app, headers={"x-forwarded-for": said}, staff=None) as browser:
            answer = await browser.get("/diary/staff")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/referral/sign-in")


async def test_an_error_is_kept_by_no_cache_whatever_its_route_says():
    async with visitor(an_app()) as browser:
        assert (await browser.get("/diary/kept")).headers["cache-control"] == "no-store"


async def test_over_https_browsers_stay_there_and_cookies_belong_to_this_host_alone(tmp_path):
    (tmp_path / "secret").write_bytes(b"s" * 32)
    settings = Settings(
        environment="production",
        site_url="https://parley.test",
        secret_file=tmp_path / "secret",
    )

    async def shows_a_form(scope, receive, send):
        token = str(scope["state"]["form_token"])
        await PlainTextResponse(token)(scope, receive, send)

    app = Starlette(routes=[Mount("/", shows_a_form)])
    app.state.https_only = settings.https_only
    app.add_middleware(Armour, metrics=metrics.of("door"), world=REAL, settings=settings)
    async with AsyncClient(transport=ASGITransport(app), base_url="https://parley.test") as browser:
        headers = (await browser.get("/")).headers

    assert headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    assert headers["set-cookie"].startswith("__Host-parley-form=")
    assert headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
