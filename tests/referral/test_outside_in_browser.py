"""In Chromium: in with the organisation's account, confirming with it, and out again."""

import socket
from datetime import UTC, datetime

import pytest

from services.referral.actions.accounts import add_account
from services.referral.actions.seeds import seed_areas, seed_staff
from services.referral.main import BLUEPRINT
from services.referral.routes.secret import sign_in_key
from services.referral.sign_in.tokens import name_digest
from services.referral.store import SCHEMA
from shared.contracts.access import AccessRole
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
from tests.fixtures.provider import a_provider
from tests.referral.outside import SAM

pytestmark = pytest.mark.browser

BUTTON = "text=Sign in with your organisation’s account"  # noqa: RUF001 - as the page has it


@pytest.fixture
def provider():
    with a_provider(lambda: datetime.now(UTC)) as one:
        one.knows("sam", email=SAM, groups=["Coordinators", "Managers"])
        one.knows("visitor", email="visitor@example.org", groups=[])
        one.who = ""  # nobody sits there: it asks
        yield one


@pytest.fixture
async def app(sqlite_store, provider, tmp_path):
    store = await sqlite_store(SCHEMA)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(
        database_url=store.url.render_as_string(hide_password=False),
        nats_url="nats://127.0.0.1:9",
        site_url=f"http://127.0.0.1:{port}",
        **provider.settings(tmp_path),
    )
    digest = name_digest(sign_in_key(settings), SAM)
    async with store.transaction() as session:
        await seed_staff(session)
        await seed_areas(session)
        roles = frozenset({AccessRole.MANAGER})
        await add_account(session, "Sam Example", SAM, roles, name_digest=digest)
    return service.create(BLUEPRINT, settings), port


@pytest.fixture
def site(app):
    made, port = app
    with serving(made, port) as url:
        yield url


async def looks_well(page, name, width):
    await page.wait_for_load_state()
    assert await axe_violations(page) == [], name
    assert await sideways_scroll(page) == [], name
    await take_picture(page, f"outside-{name}")


async def signs_in_there(page, name):
    await page.wait_for_url("**/authorize?**")
    await page.locator("input[name=name]").fill(name)
    await page.locator("text=Sign in there").last.click()


async def opened(open_page, provider, address, **how):
    """A page from which the provider can be reached, and nothing else."""
    page = await open_page(address, **how)
    await page.context.route(f"{provider.issuer}/**", lambda route: route.continue_())
    return page


@pytest.mark.parametrize(("width", "javascript"), [(DESK, True), (PHONE, True), (DESK, False)])
async def test_in_with_the_organisations_account_and_out_again(
    open_page, site, provider, width, javascript
):
    async def look(name):
        if javascript:  # axe is a script itself
            await looks_well(page, name, width)

    wanted = f"{site}/referral/staff"
    page = await opened(open_page, provider, wanted, width=width, javascript=javascript)
    await look("sign-in")
    await page.locator(BUTTON).click()
    await signs_in_there(page, "sam")
    await page.wait_for_url(wanted)
    assert "Sam Example" in await page.content()
    await look("staff")

    await page.goto(f"{site}/referral/sign-in/confirm?next=/referral/staff")
    await look("confirm")
    await page.locator("text=Confirm with your organisation").click()
    await signs_in_there(page, "sam")
    await page.wait_for_url(wanted)

    await page.goto(f"{site}/referral/account")
    await page.locator("form[action='/referral/sign-out'] button").click()
    await page.wait_for_url("**/referral/signed-out?from=outside")
    await look("signed-out")
    await page.locator("text=sign out there too").click()
    await page.wait_for_url(f"{provider.issuer}/leave?**")
    await page.goto(wanted)
    assert "/referral/sign-in" in page.url


async def test_whoever_is_in_no_group_reads_what_to_do(open_page, site, provider):
    page = await opened(open_page, provider, f"{site}/referral/sign-in")
    await page.locator(BUTTON).click()
    await signs_in_there(page, "visitor")
    await page.wait_for_url("**/back?**")

    assert "a group for Parley" in await page.content()
    await looks_well(page, "no-group", DESK)


async def test_a_manager_invites_a_colleague_who_comes_in_with_their_account(
    open_page, site, provider
):
    page = await opened(open_page, provider, f"{site}/referral/staff")
    await page.locator(BUTTON).click()
    await signs_in_there(page, "sam")
    await page.wait_for_url(f"{site}/referral/staff")
    await page.locator("#name").fill("Kim Example")
    await page.locator("#email").fill("kim@example.org")
    await page.locator("input[value=facilitator]").check()
    await page.locator("text=Add the colleague").click()
    await looks_well(page, "invitation", DESK)
    link = await page.locator("code").inner_text()

    provider.knows("kim", email="other@example.org", groups=["cn=Facilitators,ou=work"])
    provider.who = ""
    kim = await opened(open_page, provider, link)
    await looks_well(kim, "invited", DESK)
    await kim.locator("text=Use your organisation").click()
    await signs_in_there(kim, "kim")
    await kim.wait_for_url("**/scheduling/")

    await page.goto(f"{site}/referral/staff")
    await page.locator("a:text-is('Kim Example')").click()
    await looks_well(page, "colleague", DESK)
    assert "With your own organisation" in await page.content()
