"""A30: whatever an area is called, the report shows text and a spreadsheet runs nothing."""

import csv
import io
from uuid import UUID

import pytest

from services.reporting import actions, store
from services.reporting.main import BLUEPRINT
from services.reporting.routes import spreadsheet
from shared.contracts.referral import AreaNamed
from shared.plumbing import service
from shared.plumbing.settings import Settings
from tests.fixtures.clock import NOW
from tests.fixtures.nasty import HARMLESS, active_parts
from tests.fixtures.web import visitor
from tests.reporting.facts import a_received_referral, around

RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.fixture
async def browser(sqlite_store, world):
    """One referral in an area of each name."""
    database = await sqlite_store(store.SCHEMA, world=world)
    for number, label in enumerate(HARMLESS, 1):
        area, referral = UUID(int=number), UUID(int=1000 + number)
        named = AreaNamed(area_id=area, label=label[:60])
        received = a_received_referral(area_id=area, referral_id=referral)
        for turn, fact in enumerate((named, received)):
            async with database.transaction() as session:
                await actions.count(session, fact, around(fact, NOW, 10 * number + turn))
    settings = Settings(database_url=str(database.url), nats_url="nats://127.0.0.1:9")
    async with visitor(service.create(BLUEPRINT, settings, world)) as client:
        yield client


async def test_a30_no_cell_of_an_export_is_a_formula_and_no_name_gets_into_a_header(browser):
    page = await browser.get("/reporting/?first=2026-01&last=2026-03")
    tables = {
        part.split("?")[0] for part in page.text.split('"') if part.startswith("/reporting/tables/")
    }
    assert active_parts(page.text) == []
    assert tables

    for table in tables:
        answer = await browser.get(f"{table}?first=2026-01&last=2026-03")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].isascii()
        assert answer.headers["cache-control"] == "no-store"
        for row in csv.reader(io.StringIO(answer.text)):
            assert [cell for cell in row if cell.lstrip(" ").startswith(RUNS)] == []


@pytest.mark.parametrize("text", HARMLESS)
def test_a30_a_cell_keeps_its_words_and_loses_its_power(text):
    cell = spreadsheet._harmless(text)

    assert cell in (text, f"'{text}")
    assert not str(cell).lstrip(" ").startswith(RUNS)
