"""A partner officer's pages in a real browser: on a desk and on a small phone, with axe."""

import pytest

from services.referral.actions import triage
from services.referral.actions.case_file import Edit
from shared.contracts.words import DeclineReason
from tests.fixtures.browser import DESK, PHONE
from tests.fixtures.signed_in import sign_in
from tests.referral.builders import COORDINATOR
from tests.referral.partner import OFFICER, PARTNER, REFER, one, referred
from tests.referral.test_in_browser import choose, press, seen, site, store

pytestmark = pytest.mark.browser

__all__ = ["site", "store"]


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_an_officers_pages_fit_and_have_no_faults(site, store, open_page, width):
    listed = [await referred(store, number) for number in range(3)]
    async with store.transaction() as session:
        await triage.accept_referral(session, Edit(listed[0].id, 1, COORDINATOR))
    async with store.transaction() as session:
        edit = Edit(listed[1].id, 1, COORDINATOR)
        await triage.decline_referral(session, edit, DeclineReason.OUT_OF_SCOPE)
    token = await sign_in(store, OFFICER.id)
    page = await open_page(f"{site}{PARTNER}", width=width, token=token)
    await seen(page, f"partner-list-{width}")
    for words in ("Waiting", "Taken on", "Not taken on"):
        assert await page.get_by_text(words).first.is_visible()
    await page.goto(f"{site}{one(listed[0])}")
    await seen(page, f"partner-one-{width}")
    await page.goto(f"{site}{REFER}")
    await seen(page, f"partner-refer-{width}")


@pytest.mark.parametrize(("width", "javascript"), [(DESK, True), (PHONE, True), (PHONE, False)])
async def test_an_officer_refers_somebody(site, store, open_page, width, javascript):
    token = await sign_in(store, OFFICER.id)
    page = await open_page(f"{site}{REFER}", width=width, javascript=javascript, token=token)
    await press(page, "Refer them")
    errors = await page.locator(".govuk-error-summary__list").inner_text()
    assert "Enter the name we should use" in errors
    assert "Tick this only if they have agreed" in errors
    if javascript:
        await seen(page, f"partner-refused-{width}")
    await page.get_by_label("What they are called").fill("Sam Example")
    await page.get_by_label("Email", exact=True).first.check()
    await page.get_by_label("Email address").fill("sam@example.org")
    await choose(page, "Any time")
    await choose(page, "No, only they")
    await choose(page, "Noise")
    await choose(page, "A dispute between neighbours")
    await choose(page, "Harmed person")
    await page.get_by_role("group", name="Was it reported").get_by_label("No", exact=True).check()
    await choose(page, "Riverside")
    await choose(page, "From a housing officer")
    await choose(page, "Housing")
    await page.get_by_label("They have agreed").check()
    await press(page, "Refer them")

    assert (await page.inner_text("h1")).startswith("Referral ")
    assert "Sam" not in await page.inner_text("main")
    if javascript:
        await seen(page, f"partner-done-{width}")
