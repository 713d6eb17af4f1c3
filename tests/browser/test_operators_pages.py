"""The pages of whoever looks after Parley: parked events, the mailbox, and what went wrong."""

from uuid import UUID

import pytest
from fastapi import FastAPI

from deploy import mailbox
from deploy.dispatcher import Dispatcher
from deploy.mail_store import MailStore
from shared.contracts.access import AccessRole
from shared.plumbing import parked
from shared.plumbing.session_cookie import COOKIE
from tests.deploy.test_mailbox import a_mail
from tests.fixtures.browser import axe_violations, serving, sideways_scroll, take_picture
from tests.fixtures.signed_in import COORDINATOR, SignedIn
from tests.fixtures.staff import a_member_of_staff
from tests.plumbing import diary

pytestmark = pytest.mark.browser

MAIL = UUID("0198c0de-0000-7000-8000-0000000000bb")
LONG_WORDS = "Please-" * 30

OPS = a_member_of_staff(AccessRole.OPS)
NOT_FOUND = "Page not found"


@pytest.fixture
async def parked_id(sqlite_store):
    store = await sqlite_store(diary.SCHEMA)
    async with store.transaction() as session:
        parked_id = await parked.park(
            session,
            "diary-referral",
            {"ce-id": "0198c0de-0000-7000-8000-0000000000aa"},
            b'{"area_id": "' + LONG_WORDS.encode() + b'"}',
            "referral.area_named.v1",
            7,
            "ValidationError /area_id",
        )
    return store, parked_id


@pytest.fixture
def signed_in():
    return SignedIn()


@pytest.fixture
def site(parked_id, tmp_path, signed_in):
    store, _ = parked_id
    mails = MailStore(tmp_path / "mailbox")
    content = a_mail(Subject=f"About {LONG_WORDS}").as_bytes()
    mails.keep(MAIL, "office@example.org", ["someone@example.org"], content)
    own = diary.create(store.url)
    own.state.sessions = signed_in
    apps: dict[str, FastAPI] = {"diary": own, "mailbox": mailbox.create(mails, signed_in)}
    with serving(Dispatcher(apps, usual="diary")) as address:
        yield address


@pytest.mark.parametrize("width", [1280, 320])
async def test_every_page_can_be_used_by_everybody_on_every_screen(
    site, parked_id, open_page, width, signed_in
):
    pages = {
        "parked": "/diary/parked",
        "parked-event": f"/diary/parked/{parked_id[1]}",
        "mailbox": "/mailbox",
        "mail": f"/mailbox/{MAIL}",
        "not-found": "/diary/nowhere",
        "mistake": "/diary/broken",
    }
    for name, path in pages.items():
        token = signed_in.open(COORDINATOR if "mail" in name else OPS)
        page = await open_page(site + path, width=width, token=token)

        assert (NOT_FOUND in await page.title()) == (name == "not-found"), path
        assert await axe_violations(page) == [], path
        assert await sideways_scroll(page) == [], path
        await take_picture(page, name)


async def test_giving_up_without_a_reason_leads_to_the_field(site, parked_id, open_page, signed_in):
    page = await open_page(f"{site}/diary/parked/{parked_id[1]}", token=signed_in.open(OPS))

    await page.get_by_role("button", name="Give up this event").click()

    assert await axe_violations(page) == []
    await page.get_by_role("link", name="Say why this event can be given up").click()
    assert await page.evaluate("document.activeElement.id") == "reason"
    await page.get_by_label("Why can it be given up?").fill("It came from a test tool")
    await page.get_by_role("button", name="Give up this event").click()
    assert "It stays on record." in await page.inner_text("main")


async def test_a_letter_as_its_reader_sees_it_runs_nothing(site, browser, signed_in):
    page = await browser.new_page()
    carried = {"name": COOKIE, "value": signed_in.open(), "domain": "127.0.0.1", "path": "/"}
    await page.context.add_cookies([carried])
    complaints, dialogs = [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))

    await page.goto(f"{site}/mailbox/{MAIL}/html")

    assert "We have your message" in await page.inner_text("body")
    assert dialogs == []
    (blocked,) = complaints
    assert blocked.startswith("Blocked script execution")
