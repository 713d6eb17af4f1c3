"""The pages of the sign-in in Chromium: on a desk and a phone, with and without scripts."""

import pyotp
import pytest

from deploy.seeds import demonstration_links
from services.referral.actions.seeds import seed_areas, seed_staff
from services.referral.main import BLUEPRINT
from services.referral.sign_in.passwords import Passwords
from services.referral.store import SCHEMA
from shared.plumbing import service
from shared.plumbing.settings import Settings
from tests.fixtures.browser import (
    DESK,
    PHONE,
    axe_violations,
    serving,
    sideways_scroll,
    take_picture,
)
from tests.fixtures.signed_in import sign_in
from tests.fixtures.web import visitor
from tests.referral.door import CHEAP, PASSWORD, Door

pytestmark = pytest.mark.browser

EMAIL = "robin@parley.example"


@pytest.fixture
async def store(sqlite_store):
    database = await sqlite_store(SCHEMA)
    async with database.transaction() as session:
        await seed_staff(session)
        await seed_areas(session)
    return database


@pytest.fixture
async def app(store):
    settings = Settings(database_url=store.url.render_as_string(hide_password=False))
    made = service.create(BLUEPRINT, settings.model_copy(update={"nats_url": "nats://127.0.0.1:9"}))
    made.state.passwords = Passwords(CHEAP)
    return made


@pytest.fixture
def site(app):
    with serving(app) as url:
        yield url


async def looks_well(page, name):
    assert await axe_violations(page) == [], name
    assert await sideways_scroll(page) == [], name
    await take_picture(page, f"sign-in-{name}")


async def fill(page, **answers):
    for label, answer in answers.items():
        await page.locator(f"#{label}").fill(answer)


def looking(page, javascript):
    async def look(name):
        if javascript:  # axe is a script itself
            await looks_well(page, name)

    return look


SCREENS = pytest.mark.parametrize(
    ("width", "javascript"), [(DESK, True), (PHONE, True), (PHONE, False)]
)


@SCREENS
async def test_somebody_sets_up_an_account_by_keyboard(
    site, app, store, open_page, width, javascript
):
    _, link = await Door(app, None, store).invite(EMAIL)
    page = await open_page(site + link, width=width, javascript=javascript)
    look = looking(page, javascript)
    await look("new-password")
    await fill(page, password=PASSWORD, again="something else")
    await page.locator("#again").press("Enter")
    await look("new-password-error")
    await fill(page, password=PASSWORD, again=PASSWORD)
    await page.locator("#again").press("Enter")
    await page.locator("#code").wait_for()
    await look("authenticator")
    secret = (await page.locator("code").inner_text()).replace(" ", "")
    await fill(page, code=pyotp.TOTP(secret).at(store.world.now()))
    await page.locator("#code").press("Enter")
    await page.get_by_text("Keep your recovery codes").first.wait_for()
    await look("recovery-codes")
    await page.get_by_role("button", name="I have kept them").press("Enter")
    await page.wait_for_url(f"{site}/referral/cases")
    await page.goto(f"{site}/referral/sign-in/confirm")
    await look("confirm")


@SCREENS
async def test_somebody_signs_in_by_keyboard_and_out(
    site, app, store, open_page, width, javascript
):
    async with visitor(app, staff=None) as browser:
        who = await Door(app, browser, store).set_up(EMAIL)
    page = await open_page(f"{site}/referral/account", width=width, javascript=javascript)
    look = looking(page, javascript)
    await look("password")
    await fill(page, email=EMAIL, password="not it at all")
    await page.locator("#password").press("Enter")
    await look("password-error")
    assert await page.locator("#email").input_value() == EMAIL
    assert await page.locator("#password").input_value() == ""
    await fill(page, password=PASSWORD)
    await page.locator("#password").press("Enter")
    await page.locator("#code").wait_for()
    await look("code")
    assert await page.locator("#code").get_attribute("autocomplete") == "one-time-code"
    await page.get_by_role("button", name="Use a recovery code").press("Enter")
    await look("recovery")
    await fill(page, code=who.recovery_codes[0])
    await page.locator("#code").press("Enter")
    await page.wait_for_url(f"{site}/referral/account")
    await look("account")
    await page.get_by_role("button", name="Sign out", exact=True).press("Enter")
    await page.wait_for_url(f"{site}/referral/signed-out")
    await look("signed-out")


async def test_a10_the_back_button_shows_nothing_after_signing_out(site, app, browser, store):
    door = Door(app, None, store)
    person_id, _ = await door.invite(EMAIL)
    context = await browser.new_context()
    token = await sign_in(store, person_id)
    await context.add_cookies([{"name": "parley", "value": token, "url": site}])
    page = await context.new_page()
    await page.goto(f"{site}/referral/staff")
    assert "Demo Coordinator" in await page.content()
    await page.goto(f"{site}/referral/account")
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await page.wait_for_url(f"{site}/referral/signed-out")
    assert await context.cookies() == []

    for _ in range(2):
        await page.go_back()
        assert "Demo Coordinator" not in await page.content()
        assert page.url.startswith(f"{site}/referral/sign-in")
    await context.close()


async def test_a_demonstration_link_leads_in_with_one_press(site, store, open_page):
    for _, link in await demonstration_links(store):
        page = await open_page(site + link, width=PHONE)
        await looks_well(page, "demonstration")
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_load_state()
        assert "/referral/sign-in" not in page.url
