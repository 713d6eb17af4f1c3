"""Layouts and macros as they are rendered: what is said, what is never said, what is escaped."""

import re
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient, Response
from jinja2 import UndefinedError
from starlette.requests import Request

from shared.ui.assets import STATIC, manifest
from shared.ui.pages import STAFF_PLACES, Pages, Site, places_for
from shared.ui.paging import link_with, paged
from tests.ui.gallery import pages

REVEALING = re.compile(
    r"restorative|victim|offend|police|crime|harmed|responsible|mediat|justice|referral|refer\b",
    re.I,
)

UNSTYLED = {
    "govuk-checkboxes",
    "govuk-generic-header__container",
    "govuk-js-exit-this-page-button",
    "govuk-js-exit-this-page-skiplink",
    "govuk-js-service-navigation-toggle",
    "govuk-radios",
    "govuk-template__footer",
    "govuk-template__header",
}
"""Classes of our pages that the whole stylesheet of govuk-frontend 6.6.0 says nothing of either."""


async def get(path: str, *, development: bool = True) -> Response:
    app = pages.make(development=development)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://here") as client:
        return await client.get(path)


async def post(path: str, **fields: str) -> Response:
    async with AsyncClient(transport=ASGITransport(pages.make()), base_url="http://here") as client:
        return await client.post(path, data=fields)


def a_request(path: str = "/", query: bytes = b"") -> Request:
    request = Request(
        {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "server": ("here", 80),
            "path": path,
            "query_string": query,
            "headers": [],
        }
    )
    request.state.may = lambda _action: True
    return request


def rendered(folder: Path, template: str, **context: object) -> str:
    (folder / "page.html").write_text(template)
    return Pages("gallery", folder, Site()).render(a_request(), "page.html", context)


async def test_a_public_page_gives_nothing_away_over_a_shoulder():
    page = (await get("/gallery/question")).text
    head = page.partition("</head>")[0]
    seen = re.sub(r"<[^>]+>", " ", page.partition("<body")[2])

    assert "<title>Get help \N{EN DASH} Your order</title>" in head
    assert not REVEALING.search(head.replace("noreferrer", ""))
    assert not REVEALING.search(seen)
    assert not REVEALING.search((STATIC / manifest()["icon.svg"]).read_text())


async def test_every_public_page_offers_to_leave_and_to_talk():
    for path in ("/gallery/question", "/gallery/broken"):
        page = (await get(path)).text

        assert 'data-module="govuk-exit-this-page"' in page
        assert 'href="https://www.bbc.co.uk/weather"' in page
        assert 'href="tel:02079460123"' in page
        assert 'href="/referral/refer/talk"' in page
        assert "Development" not in page


async def test_without_a_phone_number_the_page_still_offers_to_talk(tmp_path: Path):
    page = rendered(tmp_path, '{% extends "layout/public.html" %}')

    assert "tel:" not in page
    assert 'href="/referral/refer/talk"' in page
    assert "<title>Get help</title>" in page


async def test_pages_say_their_language_and_direction(tmp_path: Path):
    page = rendered(tmp_path, '{% extends "layout/staff.html" %}', lang="ur", dir="rtl")

    assert '<html lang="ur" dir="rtl"' in page
    assert '<html lang="en" dir="ltr"' in (await get("/gallery/question")).text


@pytest.mark.parametrize("service", ["referral", "scheduling", "notifications", "reporting"])
async def test_staff_pages_lead_to_the_parked_events_of_their_service(tmp_path: Path, service: str):
    (tmp_path / "page.html").write_text('{% extends "layout/staff.html" %}')
    page = Pages(service, tmp_path, Site()).render(a_request(), "page.html", {})

    assert f'href="/{service}/parked">Parked events</a>' in page


async def test_pages_of_no_service_lead_to_no_parked_events(tmp_path: Path):
    page = rendered(tmp_path, '{% extends "layout/staff.html" %}')

    assert '/gallery/parked"' not in page
    assert "Parked events" not in (await get("/gallery/question")).text


async def test_the_mailbox_and_the_banner_are_there_in_development_only():
    here, there = [
        (await get("/referral/cases/gallery", development=development)).text
        for development in (True, False)
    ]

    assert 'href="/mailbox"' in here
    assert "Development" in here
    assert "/mailbox" not in there
    assert "Development" not in there


async def test_staff_see_where_they_are():
    page = (await get("/referral/cases/gallery")).text

    current = re.findall(r'href="([^"]+)"\s+aria-current', page)
    assert current == ["/referral/cases"]
    assert "<title>Things \N{EN DASH} Parley</title>" in page


@pytest.mark.parametrize("action", ["see_plan", "see_released", "see_health"])
def test_the_navigation_leads_only_to_what_somebody_may_open(tmp_path: Path, action: str):
    (tmp_path / "page.html").write_text('{% extends "layout/staff.html" %}')
    request = a_request()
    request.state.may = lambda asked: asked == action

    page = Pages("gallery", tmp_path, Site()).render(request, "page.html", {})

    [only] = [place.href for place in STAFF_PLACES if place.action == action]
    assert set(re.findall(r'href="(/[^"]*)"', page.partition("<body")[2])) == {only}


def test_nobody_we_know_is_led_nowhere(tmp_path: Path):
    (tmp_path / "page.html").write_text('{% extends "layout/staff.html" %}')
    request = a_request()
    del request.state.may

    page = Pages("scheduling", tmp_path, Site(development=True)).render(request, "page.html", {})

    assert set(re.findall(r'href="(/[^"]*)"', page.partition("<body")[2])) == {"/"}


def test_of_two_places_one_within_the_other_only_the_inner_is_current():
    places = places_for("/reporting/released", lambda _action: True, development=True)

    assert [place["href"] for place in places if place["active"]] == ["/reporting/released"]


async def test_only_a_known_code_makes_a_success_banner():
    assert "Your order was taken" in (await get("/referral/cases/gallery?done=ordered")).text
    for query in ("", "?done=other", "?done=%3Cb%3Ehello%3C/b%3E"):
        page = (await get(f"/referral/cases/gallery{query}")).text
        assert "govuk-notification-banner" not in page
        assert "hello" not in page


async def test_a_refused_form_is_422_and_keeps_the_answers():
    answer = await post(
        "/gallery/question", drink="coffee", name="<b>José</b>", note="a\r\nb", extras="tea"
    )

    assert answer.status_code == 422
    assert "<title>Error: Get help" in answer.text
    assert 'value="&lt;b&gt;José&lt;/b&gt;"' in answer.text
    assert re.search(r'value="coffee" checked', answer.text)
    assert 'href="#starts"' in answer.text
    assert 'id="starts" name="starts_day"' in answer.text


async def test_peoples_words_are_escaped_wherever_they_are_shown():
    page = (await get("/referral/cases/gallery")).text

    assert "<b>bold</b>" not in page
    assert page.count("&lt;b&gt;bold&lt;/b&gt;") == 3


def test_a_plain_string_given_to_html_is_escaped_all_the_same(tmp_path: Path):
    page = rendered(
        tmp_path,
        '{% from "govuk_frontend_jinja/components/inset-text/macro.html" import govukInsetText %}'
        '{{ govukInsetText({"html": words, "attributes": {"id": words}}) }}{{ words | safe }}',
        words='<b>"hi"</b>',
    )

    assert "<b>" not in page
    assert 'id="&lt;b&gt;&#34;hi&#34;&lt;/b&gt;"' in page


def test_what_a_macro_made_is_not_escaped_again(tmp_path: Path):
    page = rendered(
        tmp_path,
        '{% from "govuk_frontend_jinja/components/inset-text/macro.html" import govukInsetText %}'
        "{% set made %}<b>{{ words }}</b>{% endset %}"
        '{{ govukInsetText({"html": made}) }}',
        words="<i>",
    )

    assert "<b>&lt;i&gt;</b>" in page


@pytest.mark.parametrize("template", ["{{ misspelt }}", "{% for x in misspelt %}{% endfor %}"])
def test_a_misspelt_name_is_an_error_and_not_a_blank(tmp_path: Path, template: str):
    with pytest.raises(UndefinedError, match="misspelt"):
        rendered(tmp_path, template)


async def test_every_class_on_our_pages_has_a_style():
    """The macros are made for an older govuk-frontend than the stylesheet: nothing may be lost."""
    styles = (STATIC / manifest()["page.css"]).read_text()
    seen = "".join(
        [
            (await get("/gallery/question")).text,
            (await get("/referral/cases/gallery?done=ordered")).text,
            (await get("/gallery/broken")).text,
            (await post("/gallery/question")).text,
        ]
    )
    used = {name for names in re.findall(r'class="([^"]*)"', seen) for name in names.split()}
    unstyled = {name for name in used if not re.search(rf"\.{re.escape(name)}[^\w-]", styles)}

    assert unstyled == UNSTYLED


def test_hidden_fields_carry_several_answers_and_leave_out_what_is_asked_anew(tmp_path: Path):
    page = rendered(
        tmp_path,
        '{% from "macros.html" import hidden %}{{ hidden(earlier, leave_out=["c"]) }}',
        earlier={"a": '"1"', "b": ["2", "3"], "c": "4"},
    )

    assert re.findall(r'name="(\w)" value="([^"]*)"', page) == [
        ("a", "&#34;1&#34;"),
        ("b", "2"),
        ("b", "3"),
    ]


def test_page_links_keep_the_rest_of_the_address():
    request = a_request("/referral/cases", b"state=new&page=2&done=accepted")

    assert paged(request, 2, more=True).previous == "/referral/cases?state=new&page=1"
    assert paged(request, 2, more=True).next == "/referral/cases?state=new&page=3"
    assert paged(request, 1, more=False).previous is None
    assert paged(request, 1, more=False).next is None
    assert link_with(request, state=None, page=None, done=None) == "/referral/cases"
