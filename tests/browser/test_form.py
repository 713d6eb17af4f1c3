"""The public form in a browser, as people use it: by keyboard, without scripts, in a hurry."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.looking import look_at
from tests.fixtures.browser import PHONE, OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

START = "/referral/refer"
RATHER_TALK = "I\N{RIGHT SINGLE QUOTATION MARK}d rather talk"

CHOICES = (
    ("what", "Noise"),
    ("matter", "A dispute between neighbours"),
    ("side", "I was harmed or upset by it"),
    ("reported", "No"),
    ("area", "Riverside"),
)
"""The first five questions, each answered with one choice."""


async def press(page: Page, button: str) -> None:
    """Press a button and wait for the page it leads to."""
    async with page.expect_response(lambda answer: answer.request.is_navigation_request()):
        await page.get_by_role("button", name=button, exact=True).click()
    await page.wait_for_load_state()


async def nothing(_page: Page, _name: str) -> None:
    """Look at nothing on the way."""


async def fill_in(page: Page, name: str, look=nothing) -> None:
    """Answer every question, from the first to the page that shows everything once more."""
    for step, choice in CHOICES:
        await look(page, step)
        await page.get_by_label(choice, exact=True).check()
        await press(page, "Continue")
    await page.get_by_label("What shall we call you?").fill(name)
    await page.get_by_label("Email", exact=True).first.check()
    await page.get_by_label("Email address").fill("sam@example.org")
    await page.get_by_label("Phone call", exact=True).first.check()
    await page.get_by_label("Phone number to call").fill("07700 900 982")
    await page.get_by_role("radio", name="Email").check()
    await look(page, "contact")
    await press(page, "Continue")
    await page.get_by_label("Only at certain times", exact=True).check()
    await page.get_by_label("Tuesday", exact=True).check()
    await page.get_by_label("From").select_option("10:00")
    await page.get_by_label("Until").select_option("12:00")
    await look(page, "times")
    await press(page, "Continue")
    await page.get_by_label("I am not sure", exact=True).check()
    await page.get_by_role("radio", name="No", exact=True).check()
    await page.get_by_label("Words we should not use").fill("court")
    await look(page, "privacy")
    await press(page, "Continue")
    await page.get_by_label("Online", exact=True).check()
    await look(page, "heard")
    await press(page, "Continue")


def referrals_of(site: Site, name: str) -> list[str]:
    """What the coordinator sees of somebody."""
    return site.system.visitor().open("/referral/cases?page=1").links(name)


def a_name() -> str:
    return f"Sam {uuid4().hex[:8]}"


async def test_every_page_of_the_form_keeps_nobody_out_and_offers_to_leave_and_to_talk(
    site: Site, visit: OpenPage
):
    seen = []

    async def look(page: Page, name: str) -> None:
        seen.append(await page.inner_text("h1"))
        await look_at(page, f"form-{len(seen):02}-{name}", seen[-1])
        talk = page.get_by_role("complementary", name=RATHER_TALK)
        assert await talk.get_by_role("link", name="Other ways to talk to us").is_visible()
        assert await talk.get_by_role("link", name="020 7946 0123").is_visible()
        assert await page.get_by_role("button", name="Exit this page").first.is_visible()
        assert re.match("Get help \N{EN DASH} ", await page.title())

    page = await visit(site.address)
    await look(page, "start")
    await press(page, "Start now")
    await fill_in(page, "Sam", look)
    await look(page, "check")
    await press(page, "Agree and send")
    await look(page, "done")
    await page.get_by_role("link", name="Other ways to talk to us").click()
    await expect(page.get_by_role("heading", name=RATHER_TALK)).to_be_visible()
    await look_at(page, "form-13-talk", RATHER_TALK)

    assert len(set(seen)) == 12


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
async def test_what_somebody_sends_from_a_phone_is_on_the_coordinators_list(
    site: Site, visit: OpenPage, javascript: bool
):
    name = a_name()
    page = await visit(site.address, width=PHONE, javascript=javascript)
    await press(page, "Start now")
    await fill_in(page, name)
    await press(page, "Agree and send")

    reference = (await page.inner_text(".govuk-panel__body")).split()[-1]
    [link] = referrals_of(site, name)
    assert site.system.visitor().open(link).facts()["Reference"] == reference


async def test_the_whole_form_can_be_filled_in_by_keyboard_alone(site: Site, visit: OpenPage):
    name = a_name()
    page = await visit(f"{site.address}{START}/what")

    async def to(label: str) -> None:
        """Press Tab until this is what has the focus."""
        for _ in range(40):
            if label in await page.evaluate(FOCUSED):
                return
            await page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {label}")

    async def go_on() -> None:
        await to("Continue")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")

    await to("Noise")
    await page.keyboard.press("Space")
    await go_on()
    for first_choice in ("A dispute between neighbours", "I was harmed", "Yes", "City centre"):
        await to(first_choice)
        await page.keyboard.press("ArrowDown")
        await go_on()
    await to("What shall we call you?")
    await page.keyboard.type(name)
    await to("Email")
    await page.keyboard.press("Space")
    await to("Email address")
    await page.keyboard.type("sam@example.org")
    await go_on()
    await to("Any time")
    await page.keyboard.press("Space")
    await go_on()
    await to("No, only me")
    await page.keyboard.press("Space")
    await go_on()
    await to("From a friend or family")
    await page.keyboard.press("Space")
    await go_on()
    assert await page.inner_text("h1") == "Check your answers"
    await to("Agree and send")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="We have got it")).to_be_visible()

    facts = site.system.visitor().open(referrals_of(site, name)[0]).facts()
    assert facts["Kind of matter"] == "A crime", "the arrow went to the second choice"


FOCUSED = """() => {
  const at = document.activeElement;
  if (at === document.body) return "";
  return [...(at.labels ?? []), at].map((one) => one.textContent).join(" ");
}"""


async def test_what_is_missing_is_said_and_the_keyboard_goes_there(site: Site, visit: OpenPage):
    page = await visit(f"{site.address}{START}/what")
    for _, choice in CHOICES:
        await page.get_by_label(choice, exact=True).check()
        await press(page, "Continue")
    await page.get_by_label("Email", exact=True).first.check()
    await page.get_by_label("Email address").fill("a@b.example, evil@x.example")
    await press(page, "Continue")

    await expect(page.locator(".govuk-error-summary")).to_be_focused()
    await expect(page).to_have_title(re.compile("^Error: Get help"))
    await look_at(page, "form-contact-refused", "Something is missing")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#name")).to_be_focused()
    await page.get_by_role("link", name="Enter one email address").click()
    await expect(page.locator("#email")).to_be_focused()
    await expect(page.locator("#email")).to_have_value("a@b.example, evil@x.example")


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
async def test_a_double_click_is_one_referral(site: Site, visit: OpenPage, javascript: bool):
    name = a_name()
    page = await visit(f"{site.address}{START}/what", javascript=javascript)
    await fill_in(page, name)
    await page.get_by_role("button", name="Agree and send").dblclick()

    await expect(page.get_by_role("heading", name="We have got it")).to_be_visible()
    assert len(referrals_of(site, name)) == 1


async def test_going_back_and_sending_again_shows_the_same_reference(site: Site, chromium):
    # Not `visit`: keeping a page from other hosts turns off the cache that Back lives on.
    name = a_name()
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(f"{site.address}{START}/what")
    await fill_in(page, name)
    await press(page, "Agree and send")
    reference = await page.inner_text(".govuk-panel__body")

    await page.reload()
    assert await page.inner_text(".govuk-panel__body") == reference

    # One page further: the one before shows a name, so browsers are told not to keep it.
    await page.evaluate("setTimeout(() => history.go(-2))")
    await expect(page.get_by_role("heading", name="How did you hear of us?")).to_be_visible()
    await press(page, "Continue")
    await press(page, "Agree and send")

    assert await page.inner_text(".govuk-panel__body") == reference
    assert len(referrals_of(site, name)) == 1
    await context.close()


async def test_a_page_that_is_stale_or_was_tampered_with_says_to_start_again(
    site: Site, visit: OpenPage
):
    page = await visit(f"{site.address}{START}/what")
    await page.locator("input[name=form]").evaluate("field => { field.value = 'old' }")
    await page.get_by_label("Noise", exact=True).check()
    await press(page, "Continue")

    assert await page.inner_text("h1") == "Please start again"
    await look_at(page, "form-stale", "A page that was open for too long")
    await press(page, "Start again")
    assert await page.inner_text("h1") == "Talk it through, with help"


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
async def test_somebody_can_leave_in_the_middle_and_nothing_of_it_stays(
    site: Site, visit: OpenPage, javascript: bool
):
    page = await visit(f"{site.address}{START}/what", javascript=javascript)
    await page.get_by_label("Noise", exact=True).check()
    await press(page, "Continue")

    await page.get_by_role("button", name="Exit this page").first.click()

    await page.wait_for_url(lambda url: site.address not in url)
