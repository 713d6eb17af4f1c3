"""A30: what is written about a venue is shown as text, or is not kept."""

import unicodedata

import lxml.html
import pytest

from services.scheduling.main import BLUEPRINT
from shared.plumbing import service
from shared.plumbing.settings import Settings
from tests.fixtures.nasty import HARMLESS, REFUSED_IN_A_LINE, active_parts
from tests.fixtures.web import visitor
from tests.scheduling.builders import some_id
from tests.scheduling.office import an_office


@pytest.fixture
async def browser(sqlite_store, world):
    database = await an_office(sqlite_store, world)
    settings = Settings(database_url=str(database.url), reads_per_minute=10_000)
    async with visitor(service.create(BLUEPRINT, settings, world)) as client:
        yield client


def venue(number: int, label: str, note: str) -> dict[str, str]:
    return {
        "venue_id": str(some_id(9000 + number)),
        "label": label,
        "kind": "neutral",
        "step_free": "true",
        "safety_note": note,
    }


async def test_a30_whatever_is_written_about_a_venue_is_text(browser):
    for number, text in enumerate(HARMLESS):
        answer = await browser.post("/scheduling/venues/add", data=venue(number, text, text))
        assert answer.status_code == 303, text

    page = await browser.get("/scheduling/venues")

    assert active_parts(page.text) == []
    words = lxml.html.document_fromstring(page.text).text_content()
    for text in HARMLESS:
        assert unicodedata.normalize("NFC", text) in words, text


@pytest.mark.parametrize("text", REFUSED_IN_A_LINE, ids=repr)
async def test_a30_a_hidden_character_in_the_name_of_a_venue_is_refused(browser, text):
    answer = await browser.post("/scheduling/venues/add", data=venue(1, text, ""))

    assert answer.status_code == 422
