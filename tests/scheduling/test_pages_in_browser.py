"""The pages of planning in a real browser: on a desk, on a small phone, and without scripts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from services.scheduling import actions
from services.scheduling.domain.meetings import State
from services.scheduling.domain.planning import Party
from services.scheduling.store.tables import SCHEMA
from shared.contracts.words import Side
from shared.plumbing.database import Database
from tests.fixtures.browser import (
    DESK,
    PHONE,
    axe_violations,
    serving,
    sideways_scroll,
    take_picture,
)
from tests.fixtures.clock import FixedWorld
from tests.fixtures.signed_in import come_in
from tests.scheduling.builders import (
    CASE,
    COLLEAGUE,
    FIRST,
    MEETING,
    ONLINE,
    SECOND,
    STARTS,
    a_preparation,
    a_proposal,
    some_id,
)
from tests.scheduling.office import a_case, book, furnish, meeting_of
from tests.ui.stacked import cells_out_of_view

pytestmark = pytest.mark.browser

COMING = some_id(14)

PAGES = {
    "planning": "/",
    "case": f"/cases/{CASE}",
    "book-joint": f"/cases/{some_id(501)}/book?kind=joint",
    "book-preparation": f"/cases/{CASE}/book?kind=preparation",
    "session": f"/sessions/{COMING}",
    "session-to-record": f"/sessions/{MEETING}",
    "move": f"/sessions/{COMING}/move",
    "cancel": f"/sessions/{COMING}/cancel",
    "outcome": f"/sessions/{MEETING}/outcome",
    "facilitators": "/facilitators",
    "venues": "/venues",
    "add-venue": "/venues/add",
    "retire-venue": f"/venues/{ONLINE}/retire",
    "not-there": "/cases/nothing",
}


@dataclass
class Site:
    url: str
    database: Database
    world: FixedWorld
    token: str | None


@pytest.fixture
async def site(sqlite_store, new_app, world) -> AsyncIterator[Site]:
    """One meeting whose outcome is not known, one to come, and two cases that wait."""
    database = await sqlite_store(SCHEMA, world=world)
    async with database.transaction() as session:
        await furnish(session)
        for number in (501, 502):
            case = a_case(some_id(number), world.now() - timedelta(days=number - 480))
            await actions.cases.open_case(session, case, Party(FIRST, Side.BOTH))
            await actions.cases.add_party(session, case.id, Party(SECOND, Side.BOTH), 2)
    await book(database, a_proposal())
    await book(
        database,
        a_preparation(
            meeting_id=COMING, starts_at=STARTS + timedelta(days=3), facilitator_ids=(COLLEAGUE,)
        ),
    )
    world.advance(STARTS + timedelta(hours=2) - world.now())
    async with new_app(database) as (app, _referral):
        with serving(app) as url:
            yield Site(f"{url}/scheduling", database, world, await come_in(app))


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_no_page_is_too_wide_or_keeps_anybody_out(site, open_page, width):
    page = await open_page(f"{site.url}/", width=width, token=site.token)
    for name, path in PAGES.items():
        await page.goto(f"{site.url}{path}")

        await take_picture(page, f"planning-{name}")
        assert await axe_violations(page) == [], name
        assert await sideways_scroll(page) == [], name
        if width == PHONE:
            assert await cells_out_of_view(page) == [], name


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_meeting_is_booked_and_recorded_with_and_without_scripts(
    site, open_page, javascript
):
    page = await open_page(f"{site.url}/", width=PHONE, javascript=javascript, token=site.token)
    await page.locator(f'a[href$="/cases/{some_id(501)}"]').click()
    await page.get_by_role("button", name="Book a joint meeting").click()
    await page.get_by_label("Day").fill("20")
    await page.get_by_label("Month").fill("3")
    await page.get_by_label("Year").fill("2026")
    await page.get_by_label("Time").fill("2.30pm")
    await page.get_by_role("button", name="Book the meeting").click()

    summary = page.get_by_role("alert")
    assert "Choose a venue" in await summary.inner_text()
    if javascript:  # axe is a script itself
        assert await axe_violations(page) == []
        await take_picture(page, "planning-book-errors")

    await summary.get_by_role("link", name="Choose a venue").click()
    await page.get_by_label("Quaker meeting house").check()
    await page.get_by_label("Cleo Staff").check()
    await page.get_by_role("button", name="Book the meeting").click()
    assert "Friday 20 March 2026 at 2:30pm" in await page.locator("main").inner_text()

    session_id = page.url.split("/")[-1].split("?")[0]
    site.world.advance(timedelta(days=30))
    await page.goto(page.url)
    await page.get_by_role("button", name="Record what happened").click()
    await page.get_by_label("Yes, it was held").check()
    for name in ("Amina Test", "Bo Test"):
        group = page.get_by_role("group", name=f"How did {name} take part?")
        await group.get_by_label("Took part", exact=True).check()
    await page.get_by_role("button", name="Record", exact=True).click()
    assert "You recorded that the meeting was held" in await page.locator("main").inner_text()
    assert (await meeting_of(site.database, UUID(session_id))).state is State.COMPLETED
