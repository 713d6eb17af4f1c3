"""The pages about messages in a real browser: on a desk, on a small phone, and without scripts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from services.notifications.actions.sending import Delivered
from services.notifications.domain.message import Message, State
from services.notifications.store import SCHEMA
from shared.contracts.words import Channel, Purpose
from tests.fixtures.browser import (
    DESK,
    PHONE,
    OpenPage,
    axe_violations,
    serving,
    sideways_scroll,
    take_picture,
)
from tests.fixtures.clock import FixedWorld
from tests.fixtures.databases import Store
from tests.fixtures.signed_in import come_in
from tests.notifications.builders import (
    ALEX,
    DAY,
    NOW,
    OPEN,
    SAM,
    an_id,
    by_hand,
    denied,
    granted,
    later,
    referral_accepted,
    referral_received,
    session_cancelled,
    session_scheduled,
    staff_joined,
)
from tests.notifications.desk import NUMBER, NewApp
from tests.notifications.office import Office, PromptCourier
from tests.ui.stacked import cells_out_of_view

pytestmark = pytest.mark.browser


@dataclass
class Site:
    url: str
    office: Office
    token: str | None

    async def one(self, state: State) -> Message:
        return next(one for one in await self.office.messages() if one.state is state)


async def furnish(office: Office, courier: PromptCourier) -> None:
    """One message in each state a page has to show."""
    await office.hear(staff_joined())
    courier.outcomes = [Delivered.ACCEPTED, Delivered.ADDRESS_REFUSED]
    await office.hear(referral_received())
    await office.send_all()
    courier.outcomes = [Delivered.ACCEPTED]
    await office.hear(referral_accepted())
    await office.send_all()
    courier.outcomes = [Delivered.UNKNOWN, Delivered.BUSY]
    for name, permit in {
        "uncertain": granted(at=office.world.now()),
        "busy": granted(at=office.world.now()),
        "denied": denied(),
        "later": later(NOW + DAY),
    }.items():
        office.referral.will_say(an_id(name), permit)
        fact = referral_received(referral_id=an_id(f"r {name}"), person_id=an_id(name))
        await office.hear(fact)
        await office.send_all()
    office.referral.will_say(SAM, by_hand())
    office.referral.will_say(ALEX, by_hand(Channel.LETTER))
    await office.hear(session_scheduled(facilitator_ids=(), participant_ids=(SAM, ALEX)))
    await office.send_all()
    await office.hear(session_scheduled("off", facilitator_ids=()))
    await office.hear(session_cancelled("off", facilitator_ids=()))


@pytest.fixture
async def site(
    sqlite_store: Store, new_app: NewApp, world: FixedWorld, courier: PromptCourier
) -> AsyncIterator[Site]:
    database = await sqlite_store(SCHEMA, world=world)
    office = Office(database, world, courier)
    await furnish(office, courier)
    async with new_app(database) as (app, referral):
        words = OPEN.model_copy(update={"avoid": ("court", "neighbour")})
        referral.permit = lambda _: by_hand(address=NUMBER, words=words)
        with serving(app) as url:
            yield Site(f"{url}/notifications", office, await come_in(app))


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_no_page_is_too_wide_or_keeps_anybody_out(
    site: Site, open_page: OpenPage, width: int
) -> None:
    task, failed = await site.one(State.NEEDS_A_CALL), await site.one(State.FAILED)
    uncertain, recalled = await site.one(State.UNCERTAIN), await site.one(State.RECALLED)
    pages = {
        "messages": "/",
        "messages-none": "/?state=sending",
        "message-failed": f"/messages/{failed.id}",
        "message-uncertain": f"/messages/{uncertain.id}",
        "message-recalled": f"/messages/{recalled.id}",
        "calls": "/calls",
        "call": f"/calls/{task.id}",
        "not-there": f"/messages/{an_id('nothing')}",
    }
    for name, path in pages.items():
        page = await open_page(f"{site.url}{path}", width=width, token=site.token)

        await take_picture(page, f"notifications-{name}")
        assert await axe_violations(page) == [], name
        assert await sideways_scroll(page) == [], name
        if width == PHONE:
            assert await cells_out_of_view(page) == [], name
        await page.context.close()


async def test_on_a_phone_every_column_of_the_messages_list_is_in_view(
    site: Site, open_page: OpenPage
) -> None:
    page = await open_page(f"{site.url}/", width=PHONE, token=site.token)
    table = page.get_by_role("table", name="Messages, newest first")
    heads = await table.get_by_role("columnheader").all_text_contents()
    told = await table.locator("tbody td").evaluate_all(
        "cells => cells.map(cell => cell.dataset.label ?? '')"
    )

    assert heads == ["Message", "State", "To", "Why", "Begun"]
    assert {*told, ""} == {*heads[1:], ""}
    assert await cells_out_of_view(page) == []


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_call_is_made_and_recorded_with_and_without_scripts(
    site: Site, open_page: OpenPage, javascript: bool
) -> None:
    page = await open_page(f"{site.url}/", width=PHONE, javascript=javascript, token=site.token)
    await page.get_by_role("link", name="Calls and letters to do by hand").click()
    await page.get_by_role("link", name="Meeting booked to Amina Test").click()
    await page.get_by_role("button", name="Show how to reach them").click()

    shown = await page.locator("main").inner_text()
    assert NUMBER in shown
    assert "Saturday 7 March 2026 at 9am" in shown
    assert await sideways_scroll(page) == []
    if javascript:  # axe is a script itself
        assert await axe_violations(page) == []
        await take_picture(page, "notifications-call-shown")

    await page.get_by_role("button", name="Done: they know").click()
    said = await page.locator("main").inner_text()
    assert "It is recorded that the person knows" in said
    assert "Amina Test" not in said


async def test_a_failed_message_is_tried_again_by_keyboard_alone(
    site: Site, open_page: OpenPage
) -> None:
    failed = await site.one(State.FAILED)
    page = await open_page(f"{site.url}/messages/{failed.id}", token=site.token)
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.innerText.trim()") == "Try again":
            break
    await page.keyboard.press("Enter")

    await page.get_by_text("The message will be tried again in a moment.").wait_for()
    found = {one.id: one.state for one in await site.office.messages(Purpose.STAFF_NEW_REFERRAL)}
    assert found.get(failed.id, State.WAITING) is State.WAITING
