"""A30: whatever is typed into referral's fields is shown as what it is, or is not kept."""

import unicodedata

import lxml.html
import pytest

from shared.plumbing import armour
from tests.fixtures.nasty import HARMLESS, REFUSED_IN_A_LINE, active_parts
from tests.referral.builders import AREA, some_id
from tests.referral.cases import an_open_case
from tests.referral.standing import MANAGER
from tests.referral.web import case_path, heading, referrals, visiting

UNHURRIED = {"forms_per_hour": 10_000, "forms_per_hour_in_all": 10_000, "reads_per_minute": 10_000}


def contact(name: str) -> dict[str, object]:
    return {
        "name": name,
        "ways": ["email", "letter"],
        "email": "sam@example.org",
        "letter": f"1 High Street\n{name}\nLE1 1AA",
        "first": "email",
    }


def short(text: str) -> str:
    """As it may stand in a list of words to avoid."""
    return text.replace(",", " ")[:40].strip()


HEADERS = {*armour.HEADERS, "content-type", "content-length", "set-cookie"}
"""All that an answer may carry."""


def seen(page: str) -> str:
    """The words of a page, as somebody reads them."""
    return lxml.html.document_fromstring(page).text_content()


def links(page: str) -> set[str]:
    return {
        one
        for one in lxml.html.document_fromstring(page).xpath("//main//a/@href")
        if one.startswith("/referral/cases/")
    }


async def test_a30_whatever_somebody_writes_of_themselves_is_text_on_every_page(sqlite_database):
    database = await sqlite_database()
    async with visiting(database, **UNHURRIED) as visit:
        for number, text in enumerate(HARMLESS, 1):
            answers = {"who_else": "nobody", "avoid": short(text)}
            last = await visit.answered(contact=contact(text), privacy=answers)
            assert heading(last) == "Check your answers", text
            done = await visit.send(last, {}, number=1)
            listed = await visit.get(f"/referral/cases?tab=waiting&page={(number + 24) // 25}")
            kept = unicodedata.normalize("NFC", text)

            for page in (last, done, listed):
                assert active_parts(page.text) == [], text
                assert set(page.headers) <= HEADERS, text
            assert [kept in seen(page.text) for page in (last, listed)] == [True, True], text
            assert await referrals(database) == number
        cases = await visit.get("/referral/cases?tab=waiting&page=1")
        for link in links(cases.text):
            assert active_parts((await visit.get(link)).text) == []


@pytest.mark.parametrize("text", REFUSED_IN_A_LINE, ids=repr)
async def test_a30_what_shows_as_something_else_is_asked_again_and_not_kept(sqlite_database, text):
    async with visiting(await sqlite_database(), **UNHURRIED) as visit:
        page = await visit.send(
            await visit.answered(until="contact"), {**contact("Sam"), "name": text}
        )

    assert page.status_code == 422
    assert heading(page) != "Check your answers"


async def test_a30_what_staff_write_is_text_on_every_page(sqlite_database):
    database = await sqlite_database()
    case = await an_open_case(database)
    async with visiting(database, as_staff=MANAGER, **UNHURRIED) as visit:
        for number, text in enumerate(HARMLESS):
            once = str(some_id(5000 + number))
            answer = await visit.post("/referral/areas", {"label": text[:60], "once": once})
            assert answer.status_code in (303, 422), text
            who = {"name": text, "email": f"n{number}@example.org", "roles": ["facilitator"]}
            answer = await visit.post(
                "/referral/staff", {**who, "once": str(some_id(6000 + number))}
            )
            assert answer.status_code == 200, text  # with the invitation, shown once
            assert active_parts(answer.text) == [], text
        pages = [
            await visit.get(path)
            for path in (
                "/referral/areas",
                f"/referral/areas/{AREA}",
                "/referral/staff",
                "/referral/refer/what",
                case_path(case.referral_id),
            )
        ]
        refused = await visit.post("/referral/areas", {"label": HARMLESS[1] * 9, "once": "?"})
        pages += [refused, await visit.answered(until="contact")]
        area_question = await visit.answered(until="area")

    for page in (*pages, area_question):
        assert active_parts(page.text) == []
    for text in HARMLESS:
        assert unicodedata.normalize("NFC", text) in seen(pages[2].text), text


def test_a_script_that_is_planted_is_seen():
    assert active_parts("<p><script>alert(1)</script></p>") != []
    assert active_parts('<p><a href="javascript:x">a</a></p>') != []
    assert active_parts('<p onclick="x">a</p>') != []
    assert active_parts('<p><img src="https://evil.example/x.png"></p>') != []
    assert active_parts('<p>&lt;script&gt;</p><script src="/referral/static/a.js"></script>') == []
