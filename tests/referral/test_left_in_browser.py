"""A12: what a browser keeps on its disk after staff and the public have used it: nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.responses import HTMLResponse

from services.referral.actions.seeds import seed_areas, seed_staff
from services.referral.domain.people import Route
from services.referral.main import create
from services.referral.store import SCHEMA
from shared.contracts.words import Channel
from shared.plumbing import migrations
from shared.plumbing.database import Database
from shared.plumbing.session_cookie import COOKIE
from shared.plumbing.settings import Settings
from tests.fixtures import keys
from tests.fixtures.browser import ARGUMENTS, chromium_or_skip, serving
from tests.fixtures.signed_in import sign_in
from tests.referral.builders import a_newcomer, a_safe_contact
from tests.referral.cases import a_waiting_referral
from tests.referral.web import case_path

pytestmark = pytest.mark.browser

NAME, STREET, TYPED = "Zebedee Kanarie", "Kanariegasse", "Florence Kanarie"
CANARIES = (NAME, STREET, TYPED)


@pytest.fixture
async def site(tmp_path: Path):
    url = f"sqlite+aiosqlite:///{tmp_path}/referral.db"
    await migrations.upgrade(url, "referral")
    database = Database(url, SCHEMA, keyring=keys.keyring("referral"))
    async with database.transaction() as session:
        await seed_staff(session)
        await seed_areas(session)
    letter = Route(Channel.LETTER, f"1 {STREET}\nLeicester\nLE1 1AA")
    who = a_newcomer(NAME, safe_contact=a_safe_contact(letter))
    referral = await a_waiting_referral(database, who=who)
    token = await sign_in(database)
    await database.close()
    settings = Settings(database_url=url, nats_url="nats://127.0.0.1:9", log_level="error")
    with serving(create(settings)) as address:
        yield address, referral, token


async def visit(profile: Path, *addresses: str, token: str = "") -> list[str]:
    """Open these pages with a browser that keeps its profile; what they showed."""
    from playwright.async_api import async_playwright

    program = chromium_or_skip("what a browser keeps")
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile, executable_path=program, args=list(ARGUMENTS)
        )
        if token:
            await context.add_cookies([{"name": COOKIE, "value": token, "url": addresses[0]}])
        page, shown = await context.new_page(), []
        for address in addresses:
            await page.goto(address)
            shown.append(await page.content())
            for field in await page.locator("main input[type=text]:visible").all():
                await field.fill(TYPED)
        await page.go_back()
        await context.close()
    return shown


def left_in(profile: Path) -> Iterator[str]:
    """Where on the disk one of the canaries is found, in either way of writing text."""
    for path in profile.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for canary in CANARIES:
                if canary.encode() in content or canary.encode("utf-16-le") in content:
                    yield f"{path.relative_to(profile)}: {canary}"


async def test_a12_nobody_is_left_in_the_profile_of_a_browser(site, tmp_path):
    address, referral, token = site
    case = f"{address}{case_path(referral.id)}"
    safe = f"{case}/people/{referral.person_id}/safe-contact"

    pages = (f"{address}/referral/cases", case, safe, case)
    shown = await visit(tmp_path / "profile", *pages, token=token)

    assert NAME in shown[0]
    assert STREET in shown[2]
    assert list(left_in(tmp_path / "profile")) == []


async def test_a_page_that_may_be_kept_is_found_in_the_profile(tmp_path):
    """Else the test above would see nothing whatever we do."""
    app = FastAPI()

    @app.get("/kept")
    async def kept() -> HTMLResponse:
        headers = {"cache-control": "public, max-age=3600"}
        return HTMLResponse(f"<title>{NAME}</title><p>{STREET * 500}</p>", headers=headers)

    with serving(app) as address:
        await visit(tmp_path / "profile", f"{address}/kept", f"{address}/kept?again")

    assert {one.partition(": ")[2] for one in left_in(tmp_path / "profile")} == {NAME, STREET}
