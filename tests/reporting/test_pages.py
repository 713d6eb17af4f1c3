"""The report as staff see it, and the files they take away."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.reporting import actions, store
from services.reporting.domain import Table
from services.reporting.main import BLUEPRINT
from services.reporting.routes import spreadsheet
from shared.contracts.access import AccessRole
from shared.contracts.fact import Envelope
from shared.contracts.referral import AreaNamed
from shared.plumbing import service
from shared.plumbing.settings import Settings
from tests.fixtures.staff import a_member_of_staff, as_staff
from tests.fixtures.web import running, visitor
from tests.reporting.facts import AREA, a_received_referral

MARCH = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
async def reporting(any_store, world):
    """The service with one referral of March 2026 in its store; no NATS server is there."""
    database = await any_store(store.SCHEMA, world=world)
    for number, fact in enumerate(
        (a_received_referral(), AreaNamed(area_id=AREA, label="=HYPERLINK(1)")), 1
    ):
        envelope = Envelope(
            id=UUID(int=number),
            source="referral",
            type=fact.subject,
            subject=fact.aggregate_id,
            sequence=1,
            time=MARCH,
            correlation=UUID(int=number),
        )
        async with database.transaction() as session:
            await actions.count(session, fact, envelope)
    url = database.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, nats_url="nats://127.0.0.1:9")
    app = service.create(BLUEPRINT, settings, world)
    async with running(app), visitor(app) as browser:
        yield browser


async def test_the_report_says_in_words_what_its_chart_shows(reporting):
    page = await reporting.get("/reporting/?first=2026-01&last=2026-03")

    assert page.status_code == 200
    assert "1 referral was received from January 2026 to March 2026" in page.text
    assert "there is no waiting time to show" in page.text


async def test_without_months_the_last_twelve_are_shown(reporting):
    page = await reporting.get("/reporting/")

    assert "April 2025 to March 2026" in page.text


@pytest.mark.parametrize("query", ["first=2026-09&last=2026-01", "first=nonsense", "last=9999-99"])
async def test_months_that_make_no_sense_are_explained_and_the_usual_ones_shown(reporting, query):
    page = await reporting.get(f"/reporting/?{query}")

    assert page.status_code == 422
    assert "There is a problem" in page.text
    assert "April 2025 to March 2026" in page.text


async def test_the_chart_is_a_picture_without_script(reporting):
    picture = await reporting.get("/reporting/charts/by-month.svg?first=2026-01&last=2026-03")

    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert ET.fromstring(picture.content).tag == "{http://www.w3.org/2000/svg}svg"
    assert b"<script" not in picture.content
    assert b"March 2026" in picture.content


async def test_a_table_can_be_saved_and_its_words_never_run_as_a_formula(reporting):
    saved = await reporting.get("/reporting/tables/by-area.csv?first=2026-03&last=2026-03")

    rows = list(csv.reader(io.StringIO(saved.text)))
    assert rows[0] == ["Area", "Received", "Accepted", "Declined", "Waiting for a decision"]
    assert rows[1] == ["'=HYPERLINK(1)", "1", "0", "0", "1"]
    assert rows[-1][0] == "All"
    assert 'filename="by-area.csv"' in saved.headers["content-disposition"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "  ="])
def test_every_way_to_begin_a_formula_is_made_harmless(start):
    table = Table("t", "T", "", ("A",), ((f"{start}1+1",),))

    assert list(csv.reader(io.StringIO(spreadsheet.written(table))))[1][0].startswith("'")


@pytest.mark.parametrize("path", ["charts/meetings.svg", "charts/x.svg", "tables/x.csv"])
async def test_a_table_that_does_not_exist_is_not_found(reporting, path):
    assert (await reporting.get(f"/reporting/{path}")).status_code == 404


LIVE = ("", "charts/by-month.svg", "tables/by-area.csv")


@pytest.mark.parametrize(
    ("role", "live", "released"),
    [
        (AccessRole.COORDINATOR, 200, 200),
        (AccessRole.MANAGER, 200, 200),
        (AccessRole.FUNDER, 404, 200),
        (AccessRole.FACILITATOR, 404, 404),
        (AccessRole.OPS, 404, 404),
        (AccessRole.PARTNER_OFFICER, 404, 404),
    ],
)
async def test_whoever_may_see_only_what_was_released_sees_no_figure_of_today(
    reporting, role, live, released
):
    as_staff(reporting, a_member_of_staff(role))

    for path in LIVE:
        assert (await reporting.get(f"/reporting/{path}")).status_code == live, path
    assert (await reporting.get("/reporting/released")).status_code == released


async def test_a_funder_is_told_that_nothing_has_been_released_and_led_nowhere_else(reporting):
    as_staff(reporting, a_member_of_staff(AccessRole.FUNDER))

    page = (await reporting.get("/reporting/released")).text

    assert "No figures have been released yet." in page
    led_to = set(re.findall(r'href="(/[^"#]*)"', page.partition("<body")[2]))
    assert led_to == {"/reporting/released", "/referral/account"}


async def test_nobody_who_is_not_signed_in_sees_the_report(reporting):
    app = reporting._transport.app
    async with visitor(app, staff=None) as stranger:
        page = await stranger.get("/reporting/?first=2026-01")

    assert page.status_code == 303
    assert page.headers["location"] == "/referral/sign-in?next=%2Freporting%2F%3Ffirst%3D2026-01"
