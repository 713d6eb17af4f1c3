"""What every request passes through, seen from outside."""

import asyncio
import json
import re

import pytest

from shared.plumbing import armour
from shared.plumbing.armour import AnswerCutShort
from tests.fixtures.web import HERE, running, visitor
from tests.plumbing import diary
from tests.plumbing.diary import CANARY


@pytest.fixture
async def store_url(sqlite_store):
    return (await sqlite_store(diary.SCHEMA)).url


@pytest.fixture
async def browser(store_url):
    async with running(diary.create(store_url)) as app, visitor(app) as client:
        yield client


API = "/diary/api/entries"


async def test_a_good_request_is_stored_before_it_is_answered(browser):
    answer = await browser.post(API, json={"title": "Monday"})

    assert answer.status_code == 201
    assert (await browser.get("/diary/entries")).json() == ["Monday"]


async def test_every_answer_is_kept_out_of_frames_caches_and_other_origins(browser):
    for path in ("/diary/entries", "/diary/nowhere", "/diary/broken", "/diary/staff"):
        headers = (await browser.get(path)).headers

        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "data:" not in headers["content-security-policy"]
        assert "'none'" in headers["content-security-policy"].partition("base-uri")[2]
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_assets_may_be_kept_for_ever_but_a_missing_one_may_not(browser):
    page = await browser.get("/diary/nowhere")
    asset = next(part for part in page.text.split('"') if part.startswith("/diary/static/"))

    assert "immutable" in (await browser.get(asset)).headers["cache-control"]
    assert (await browser.get("/diary/static/no.css")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b'{"title": "a", "title": "b"}', 400, "twice"),
        (b'{"title": NaN}', 400, "not finite"),
        (b'{"title": "\\ud800"}', 400, "half a character"),
        (b"[" * 60_000, 400, "deeper"),
        (b'{"title"', 400, "not JSON"),
        (b"x" * 70_000, 413, "more than we can take"),
        (b'{"title": "a", "who": "b"}', 422, "does not exist"),
        (b'{"title": "a", "side": "victim"}', 422, "not one of the possible answers"),
        (b'{"title": 5}', 422, "must be text"),
        (b"{}", 422, "is needed"),
        (b"", 422, "is needed"),
    ],
)
async def test_bad_json_gets_a_clear_answer_and_never_a_500(browser, body, status, words):
    answer = await browser.post(API, content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.text
    assert answer.json()["status"] == status


async def test_what_was_sent_is_never_quoted_back(browser):
    bodies = (
        {"title": CANARY * 9},
        {"title": {"name": CANARY}},
        {"title": "a", CANARY: 1},
        {"title": "a", "side": CANARY},
    )
    for body in bodies:
        answer = await browser.post(API, json=body)

        assert answer.status_code == 422
        assert "Zebedee" not in answer.text


async def test_a_body_without_an_end_is_bounded(browser):
    async def endless():
        while True:
            yield b"x" * 1000

    answer = await browser.post(API, content=endless())

    assert answer.status_code == 413


async def test_a_body_that_does_not_come_is_not_waited_for(browser, monkeypatch):
    monkeypatch.setattr(armour, "BODY_SECONDS", 0.1)

    async def stalled():
        yield b'{"title": '
        await asyncio.sleep(60)

    answer = await browser.post(API, content=stalled())

    assert answer.status_code == 408


async def test_a_sender_who_goes_away_half_way_is_no_mistake_of_ours(store_url, capsys):
    app, sent = diary.create(store_url), []
    scope = {
        "type": "http",
        "method": "POST",
        "path": API,
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"20")],
    }
    coming = [
        {"type": "http.request", "body": b'{"title": ', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive():
        return coming.pop(0)

    async def send(message):
        sent.append(message)

    async with running(app):
        await app(scope, receive, send)

    assert sent[0]["status"] == 400
    assert "request_failed" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {},
    ],
)
async def test_a_body_of_a_type_we_do_not_read_is_refused(browser, headers):
    answer = await browser.post(API, content=b'{"title": "a"}', headers=headers)

    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"sec-fetch-site": "cross-site", "origin": HERE}, 403),
        ({"sec-fetch-site": "same-origin", "origin": HERE}, 409),
        ({"origin": HERE}, 409),
        ({}, 409),
    ],
)
async def test_a_form_can_only_be_sent_from_our_own_pages(browser, headers, status):
    answer = await browser.post("/diary/entries", data={"a": "b"}, headers=headers)

    assert answer.status_code == status


async def test_a_refusal_is_shown_in_its_own_words_and_nothing_is_stored(browser):
    page = await browser.post("/diary/entries", data={"a": "b"})

    assert page.status_code == 409
    assert "The day is over. Please write tomorrow." in page.text
    assert page.headers["content-type"].startswith("text/html")
    assert (await browser.get("/diary/entries")).json() == []


async def test_a_program_gets_a_refusal_as_a_problem_with_a_code(browser):
    answer = await browser.post("/diary/api/late")

    problem = answer.json()
    assert problem["detail"] == "The day is over. Please write tomorrow."
    assert problem["code"] == "day_is_over"
    assert problem["status"] == answer.status_code == 409


@pytest.mark.parametrize("path", ["/diary/broken", "/diary/api/broken"])
async def test_a_mistake_of_ours_shows_a_reference_that_is_in_the_log_and_nobody(
    browser, capsys, path
):
    answer = await browser.get(path)

    assert answer.status_code == 500
    assert "Zebedee" not in answer.text
    lines = capsys.readouterr().err
    assert "Zebedee" not in lines
    assert "ValueError" in lines
    (reference,) = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.text))
    assert reference in lines


async def test_an_answer_that_broke_half_way_says_nothing_more(browser, capsys):
    with pytest.raises(AnswerCutShort) as cut:
        await browser.get("/diary/cut-short")

    assert "Zebedee" not in repr(cut.value)
    assert "Zebedee" not in capsys.readouterr().err


async def test_a_page_that_is_not_there_is_said_so_in_plain_words(browser):
    page = await browser.get("/diary/nowhere")
    odd_id = await browser.get(f"/diary/entries/{CANARY}")

    assert page.status_code == odd_id.status_code == 404
    assert "Page not found" in page.text
    assert "Zebedee" not in odd_id.text


async def test_requests_are_logged_and_counted_by_their_route_and_not_by_their_ids(browser, capsys):
    entry = "0198c0de-0000-7000-8000-0000000000aa"

    await browser.get(f"/diary/entries/{entry}")

    lines = capsys.readouterr().err
    assert "/diary/entries/{entry_id}" in lines
    assert entry not in lines
    counted = (await browser.get("/metrics")).text
    assert 'route="/diary/entries/{entry_id}"' in counted
    assert entry not in counted


async def test_a_method_somebody_made_up_gets_into_no_label_and_no_log(browser, capsys):
    await browser.request("ZEBEDEE", "/diary/entries")

    counted = (await browser.get("/metrics")).text
    assert 'method="other"' in counted
    assert "ZEBEDEE" not in counted + capsys.readouterr().err


async def test_only_the_json_api_is_described_to_programs(browser):
    described = (await browser.get("/diary/openapi.json")).json()

    assert set(described["paths"]) == {
        f"/diary/api/{one}" for one in ("entries", "remarks", "late", "broken")
    }
    post = described["paths"]["/diary/api/entries"]["post"]
    assert "application/problem+json" in post["responses"]["422"]["content"]
    assert "HTTPValidationError" not in json.dumps(described)
    for page in ("/docs", "/redoc", "/diary/docs", "/openapi.json"):
        assert (await browser.get(page)).status_code == 404
