"""The layouts and macros in Chromium: with and without scripts, on a desk and on a small phone."""

from collections.abc import Iterator

import pytest

from tests.fixtures.browser import (
    DESK,
    PHONE,
    OpenPage,
    axe_violations,
    serving,
    sideways_scroll,
    take_picture,
)
from tests.ui.gallery import pages
from tests.ui.stacked import cells_out_of_view

pytestmark = pytest.mark.browser

PLACES = {
    "question": "/gallery/question",
    "staff": "/referral/cases/gallery?done=ordered",
    "error-public": "/gallery/broken",
    "error-staff": "/referral/cases/broken",
}


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(pages.make()) as address:
        yield address


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("name", PLACES)
async def test_every_layout_and_macro_is_accessible_and_fits(
    site: str, open_page: OpenPage, name: str, width: int
):
    page = await open_page(site + PLACES[name], width=width)
    await take_picture(page, f"gallery-{name}")

    assert await sideways_scroll(page) == []
    assert await axe_violations(page) == []


async def test_on_a_phone_every_row_is_a_card_with_all_its_columns_in_view(
    site: str, open_page: OpenPage
):
    page = await open_page(site + PLACES["staff"], width=PHONE)
    rows = page.locator("table.parley-stacked").first

    assert await cells_out_of_view(page) == []
    assert await rows.get_by_role("row").count() == 3
    assert await rows.get_by_role("columnheader").all_text_contents() == [
        "When",
        "Where",
        "State",
        "People",
    ]
    assert await rows.get_by_role("cell").count() == 6
    assert await page.get_by_role("table", name="Meetings").count() == 1


async def test_on_a_desk_rows_are_rows(site: str, open_page: OpenPage):
    page = await open_page(site + PLACES["staff"], width=DESK)
    cell = page.locator("table.parley-stacked td").first

    assert await cell.evaluate("cell => getComputedStyle(cell).display") == "table-cell"
    assert await cell.evaluate("cell => getComputedStyle(cell, '::before').content") == "none"


async def test_a_table_of_figures_stays_a_table_that_scrolls(site: str, open_page: OpenPage):
    page = await open_page(site + PLACES["staff"], width=PHONE)
    figures = page.get_by_role("table", name="What was asked for")

    assert await figures.evaluate("table => getComputedStyle(table).display") == "table"
    assert await figures.locator("[role], [data-label]").count() == 0


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_a_refused_form_takes_the_focus_to_what_is_wrong(
    site: str, open_page: OpenPage, width: int
):
    page = await open_page(f"{site}/gallery/question", width=width)
    await page.get_by_role("button", name="Continue").click()

    await page.locator(".govuk-error-summary:focus").wait_for()
    assert await page.title() == "Error: Get help \N{EN DASH} Your order"
    assert await sideways_scroll(page) == []
    assert await axe_violations(page) == []
    await take_picture(page, "gallery-errors")
    for field in ("drink", "extras", "name", "starts", "starts_time"):
        await page.locator(f".govuk-error-summary a[href='#{field}']").click()
        assert await page.evaluate("document.activeElement.id") == field


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
async def test_the_form_can_be_filled_in_with_and_without_scripts(
    site: str, open_page: OpenPage, javascript: bool
):
    page = await open_page(f"{site}/gallery/question", javascript=javascript)
    await page.get_by_label("Tea", exact=True).check()
    await page.get_by_label("More coffee").check()
    await page.get_by_label("Your name").fill("José")
    await page.get_by_label("Day").fill("25")
    await page.get_by_label("Month").fill("10")
    await page.get_by_label("Year").fill("2026")
    await page.get_by_label("Time").fill("1.30am")
    await page.get_by_role("button", name="Continue").click()

    await page.locator("#starts_which-error").wait_for()
    assert await page.get_by_label("Your name").input_value() == "José"

    await page.get_by_label("The second: after the clocks go back").check()
    await page.get_by_role("button", name="Continue").click()

    await page.locator(".govuk-notification-banner--success").wait_for()


async def test_a_question_below_an_answer_opens_with_it(site: str, open_page: OpenPage):
    page = await open_page(f"{site}/gallery/question")
    number = page.get_by_label("Table number")

    assert not await number.is_visible()
    await page.get_by_label("Here", exact=True).check()
    assert await number.is_visible()
    assert await axe_violations(page) == []
    await page.get_by_label("To take away").check()
    assert not await number.is_visible()


async def test_a_question_below_an_answer_is_open_without_scripts(site: str, open_page: OpenPage):
    page = await open_page(f"{site}/gallery/question", javascript=False)

    assert await page.get_by_label("Table number").is_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
async def test_exit_this_page_leaves_with_and_without_scripts(
    site: str, open_page: OpenPage, javascript: bool
):
    page = await open_page(f"{site}/gallery/question", javascript=javascript)
    await page.get_by_role("button", name="Exit this page").click()

    await page.wait_for_url("https://www.bbc.co.uk/weather")


async def test_shift_three_times_leaves(site: str, open_page: OpenPage):
    page = await open_page(f"{site}/gallery/question")
    for _ in range(3):
        await page.keyboard.press("Shift")

    await page.wait_for_url("https://www.bbc.co.uk/weather")


async def test_the_first_two_tabs_skip_to_the_content_and_leave(site: str, open_page: OpenPage):
    page = await open_page(f"{site}/gallery/question")
    seen = []
    for _ in range(2):
        await page.keyboard.press("Tab")
        seen.append(await page.evaluate("document.activeElement.textContent"))

    assert seen == ["Skip to main content", "Exit this page"]


async def test_the_menu_of_the_staff_pages_opens_on_a_phone(site: str, open_page: OpenPage):
    page = await open_page(f"{site}/referral/cases/gallery", width=PHONE)
    planning = page.get_by_role("link", name="Planning")

    assert not await planning.is_visible()
    await page.get_by_role("button", name="Menu").click()
    assert await planning.is_visible()


async def test_without_scripts_the_staff_navigation_is_open(site: str, open_page: OpenPage):
    page = await open_page(f"{site}/referral/cases/gallery", width=PHONE, javascript=False)

    assert await page.get_by_role("link", name="Planning").is_visible()


async def test_two_clicks_in_a_row_send_one_form(site: str, open_page: OpenPage):
    page = await open_page(f"{site}/gallery/question")
    sent = []
    page.on("request", lambda request: sent.append(request.method == "POST" and request.url))
    await page.get_by_role("button", name="Continue").dblclick()
    await page.locator(".govuk-error-summary").wait_for()

    assert len([url for url in sent if url]) == 1
