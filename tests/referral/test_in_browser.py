"""The pages in a real browser: on a small phone, without scripts, by keyboard, and going back."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.referral.actions.seeds import seed_areas, seed_staff
from services.referral.main import create
from services.referral.store import SCHEMA
from shared.plumbing import migrations
from shared.plumbing.database import Database
from shared.plumbing.settings import Settings
from tests.fixtures import keys
from tests.fixtures.browser import (
    DESK,
    PHONE,
    axe_violations,
    serving,
    sideways_scroll,
    take_picture,
)
from tests.fixtures.signed_in import sign_in
from tests.referral.cases import an_open_case, both_agree
from tests.ui.stacked import cells_out_of_view

pytestmark = pytest.mark.browser

NO_BROKER = "nats://127.0.0.1:9"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{tmp_path}/referral.db"
    await migrations.upgrade(url, "referral")
    database = Database(url, SCHEMA, keyring=keys.keyring("referral"))
    async with database.transaction() as session:
        await seed_staff(session)
        await seed_areas(session)
    yield database
    await database.close()


@pytest.fixture
def site(store):
    url = store.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, nats_url=NO_BROKER, log_level="error", form_seconds=0)
    with serving(create(settings)) as address:
        yield address


async def choose(page, label: str) -> None:
    await page.get_by_label(label, exact=True).check()


async def press(page, name: str) -> None:
    """Press a button and wait for the page it leads to."""
    async with page.expect_response(lambda answer: answer.request.is_navigation_request()):
        await page.get_by_role("button", name=name).click()
    await page.wait_for_load_state()


async def go_on(page) -> None:
    await press(page, "Continue")


async def seen(page, name: str) -> None:
    """What has to be true of every page, and a picture of it."""
    assert await axe_violations(page) == [], name
    assert await sideways_scroll(page) == [], name
    if page.viewport_size["width"] == PHONE:
        assert await cells_out_of_view(page) == [], name
    await take_picture(page, f"referral-{name}")


async def fill_in(page, look=None) -> list[str]:
    """Answer every question as a person would; returns the headings on the way."""
    headings = []

    async def question(name):
        headings.append(await page.inner_text("h1"))
        if look is not None:
            await look(page, name)

    for name, label in (
        ("what", "Noise"),
        ("matter", "A dispute between neighbours"),
        ("side", "Some of both"),
        ("reported", "No"),
        ("area", "Riverside"),
    ):
        await question(name)
        await choose(page, label)
        await go_on(page)
    await question("contact")
    await page.get_by_label("What shall we call you?").fill("Sam Example")
    await page.get_by_label("Email", exact=True).first.check()
    await page.get_by_label("Email address").fill("sam@example.org")
    await page.get_by_label("Phone call", exact=True).first.check()
    await page.get_by_label("Phone number to call").fill("07700 900 982")
    await page.get_by_role("radio", name="Email").check()
    await go_on(page)
    await question("times")
    await choose(page, "Only at certain times")
    await choose(page, "Tuesday")
    await page.get_by_label("From").select_option("10:00")
    await page.get_by_label("Until").select_option("12:00")
    await go_on(page)
    await question("privacy")
    await choose(page, "I am not sure")
    await choose(page, "No")
    await go_on(page)
    await question("heard")
    await choose(page, "Online")
    await go_on(page)
    return headings


@pytest.mark.parametrize(("width", "javascript"), [(DESK, True), (PHONE, True), (PHONE, False)])
async def test_somebody_refers_themselves(site, open_page, width, javascript):
    page = await open_page(site, width=width, javascript=javascript)
    look = seen if javascript else None
    if look:
        await seen(page, "start")
    await press(page, "Start now")
    headings = await fill_in(page, look)
    if look:
        await seen(page, "check")
    await press(page, "Agree and send")

    assert len(set(headings)) == 9
    assert await page.inner_text("h1") == "We have got it"
    if look:
        await seen(page, "done")


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
async def test_the_back_button_of_the_browser_goes_back_question_by_question(
    site, browser, javascript
):
    # Not `open_page`: keeping a page from other hosts turns off the cache that Back lives on.
    context = await browser.new_context(java_script_enabled=javascript)
    page = await context.new_page()
    await page.goto(f"{site}/referral/refer/what")
    headings = await fill_in(page)

    back = []
    for _ in headings:
        await page.go_back()
        back.append(await page.inner_text("h1"))

    assert back == headings[::-1]
    assert await page.get_by_label("Noise", exact=True).is_checked()
    await go_on(page)
    assert await page.inner_text("h1") == headings[1]


async def test_the_first_answer_that_is_missing_is_where_the_keyboard_goes(site, open_page):
    from playwright.async_api import expect  # a second to import, for those who have a browser

    page = await open_page(f"{site}/referral/refer/what")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Skip to main content"
    await page.get_by_role("button", name="Continue").press("Enter")
    await expect(page).to_have_title(re.compile("^Error:"))

    await expect(page.locator(".govuk-error-summary")).to_be_focused()
    await seen(page, "what-error")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#happened")).to_be_focused()


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_wrong_contact_details_are_shown_beside_their_fields(site, open_page, width):
    page = await open_page(f"{site}/referral/refer/what", width=width)
    for label in ("Noise", "A crime", "Some of both", "No", "Riverside"):
        await choose(page, label)
        await go_on(page)
    await page.get_by_label("Email", exact=True).first.check()
    await page.get_by_label("Email address").fill("a@b.example, evil@x.example")
    await page.get_by_label("Letter", exact=True).first.check()
    await go_on(page)

    errors = await page.locator(".govuk-error-summary__list").inner_text()
    assert errors.split("\n") == [
        "Enter the name we should use",
        "Enter one email address, like name@example.com",
        "Enter the postal address",
        "Choose which of the ways you ticked we should try first",
    ]
    await seen(page, "contact-error")


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_the_pages_for_staff_fit_and_have_no_faults(site, store, open_page, width):
    case = await an_open_case(store)
    await both_agree(store, case)
    here = f"{site}/referral/cases/{case.referral_id}"
    page = await open_page(site, width=width, token=await sign_in(store))
    for name, address in {
        "cases-open": f"{site}/referral/cases?tab=open",
        "cases-waiting": f"{site}/referral/cases",
        "case": here,
        "party": f"{here}/parties",
        "safe-contact": f"{here}/people/{case.kim}/safe-contact",
        "withdraw": f"{here}/people/{case.kim}/withdraw",
        "no-contact": f"{here}/people/{case.kim}/no-contact",
        "decline": f"{here}/decline",
        "staff": f"{site}/referral/staff",
        "areas": f"{site}/referral/areas",
        "talk": f"{site}/referral/refer/talk",
    }.items():
        await page.goto(address)
        await seen(page, name)


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_finding_somebody_keeps_nobody_out_and_fits(store, site, open_page, width):
    case = await an_open_case(store)
    address = f"{site}/referral/people"
    page = await open_page(address, width=width, token=await sign_in(store))
    await seen(page, f"people-{width}")
    await press(page, "Find")
    await seen(page, f"people-refused-{width}")
    await page.get_by_label("Email address").fill("sam@example.org")
    await press(page, "Find")

    assert await page.get_by_text("people were found").is_visible()
    assert "sam" not in page.url
    assert await page.locator(f"a[href$='{case.referral_id}']").count() == 2
    await seen(page, f"people-found-{width}")
