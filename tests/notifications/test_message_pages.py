"""The pages about messages, over a real broker and with a referral that answers."""

from uuid import UUID

from services.notifications.actions.sending import Delivered
from services.notifications.domain.message import State
from services.notifications.domain.turns import Happened
from services.notifications.routes import words
from shared.contracts.words import Purpose
from tests.notifications.builders import (
    HOUR,
    SAM,
    an_id,
    denied,
    referral_received,
)
from tests.notifications.desk import Desk

ALONE = {"facilitator_ids": ()}


async def test_with_nothing_sent_the_page_says_so_and_that_it_is_a_trial(desk: Desk) -> None:
    page = await desk.get("/")

    assert page.status_code == 200
    assert "Nothing has been sent yet" in page.text
    assert "Trial mode is on. Only addresses on the guest list are written to" in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_messages_are_listed_with_names_states_and_reasons(desk: Desk) -> None:
    desk.office.referral.will_say(SAM, denied())
    await desk.office.hear(referral_received())
    await desk.office.hear(referral_received(referral_id=an_id("r2"), person_id=an_id("nobody")))
    await desk.office.send_all()

    page = await desk.get("/")

    assert "Amina Test" in page.text
    assert "This person asked not to be contacted." in page.text
    assert f"Person {words.short(an_id('nobody'))}" in page.text
    assert "govuk-tag--green" in page.text


async def test_the_list_shows_one_state_at_a_time(desk: Desk) -> None:
    desk.office.referral.will_say(SAM, denied())
    await desk.office.hear(referral_received())
    await desk.office.hear(referral_received(referral_id=an_id("r2"), person_id=an_id("other")))
    await desk.office.send_all()

    page = await desk.get("/?state=sent")

    assert f"Person {words.short(an_id('other'))}" in page.text
    assert "Amina Test" not in page.text
    assert (await desk.get("/?state=nonsense")).status_code == 422
    assert "No message is in this state" in (await desk.get("/?state=failed")).text


async def test_a_long_list_is_read_page_by_page_without_a_gap_or_a_repeat(desk: Desk) -> None:
    for number in range(120):
        person = an_id(f"person {number}")
        await desk.office.hear(referral_received(referral_id=an_id(f"r{number}"), person_id=person))
    seen: list[UUID] = []
    path: str | None = "/"
    while path is not None:
        page = await desk.get(path)
        found = [one for one in page.text.split('href="/notifications/messages/')[1:]]
        seen += [UUID(one[:36]) for one in found]
        later_pages = page.text.split('rel="next"')[0].rpartition('href="/notifications')
        path = later_pages[2].split('"')[0] if 'rel="next"' in page.text else None

    assert len(seen) == 120
    assert len(set(seen)) == 120


async def test_without_referral_the_pages_still_work_with_short_ids(desk: Desk) -> None:
    await desk.office.hear(referral_received())
    await desk.referral.goes_down()

    page = await desk.get("/")

    assert page.status_code == 200
    assert "Names cannot be shown at the moment" in page.text
    assert f"Person {words.short(SAM)}" in page.text


async def test_a_message_shows_everything_that_became_of_it(desk: Desk) -> None:
    desk.courier.outcomes = [Delivered.BUSY]
    await desk.office.hear(referral_received())
    await desk.office.send_all()
    await desk.office.wait(HOUR)
    message = await desk.office.message(Purpose.REFERRAL_RECEIVED)

    page = await desk.get(f"/messages/{message.id}")

    for happened in (Happened.STARTED, Happened.SERVER_BUSY, Happened.ACCEPTED):
        assert words.HAPPENED[happened] in page.text
    assert "Try again" not in page.text
    assert f"/referral/cases/{an_id('referral')}" in page.text


async def test_a_message_that_is_not_there_is_not_there(desk: Desk) -> None:
    for path in (f"/messages/{an_id('x')}", "/messages/x", f"/calls/{an_id('x')}", "/calls/x"):
        assert (await desk.get(path)).status_code == 404
    for path in (f"/messages/{an_id('x')}/try-again", f"/calls/{an_id('x')}/reach"):
        assert (await desk.post(path)).status_code == 404


async def test_a_failed_message_is_tried_again_at_the_press_of_a_button(desk: Desk) -> None:
    desk.courier.outcomes = [Delivered.ADDRESS_REFUSED]
    await desk.office.hear(referral_received())
    await desk.office.send_all()
    message = await desk.office.message(Purpose.REFERRAL_RECEIVED)
    assert "Try again" in (await desk.get(f"/messages/{message.id}")).text

    answer = await desk.post(f"/messages/{message.id}/try-again")

    assert answer.status_code == 303
    page = await desk.browser.get(answer.headers["location"])
    assert "The message will be tried again in a moment." in page.text
    assert "asked for it to be tried again" in page.text
    await desk.office.send_all()
    assert (await desk.office.message(Purpose.REFERRAL_RECEIVED)).state is State.SENT


async def test_pressing_try_again_twice_tries_once_and_says_so(desk: Desk) -> None:
    desk.courier.outcomes = [Delivered.ADDRESS_REFUSED]
    await desk.office.hear(referral_received())
    await desk.office.send_all()
    message = await desk.office.message(Purpose.REFERRAL_RECEIVED)
    await desk.post(f"/messages/{message.id}/try-again")

    again = await desk.post(f"/messages/{message.id}/try-again")
    await desk.office.send_all()
    after_it_was_sent = await desk.post(f"/messages/{message.id}/try-again")

    for answer in (again, after_it_was_sent):
        page = await desk.browser.get(answer.headers["location"])
        assert "It had been asked for already that this is tried again." in page.text
    sent = await desk.office.message(Purpose.REFERRAL_RECEIVED)
    assert (await desk.office.history(sent)).count(Happened.TRIED_AGAIN) == 1


async def test_what_cannot_be_tried_again_says_why_above_the_message(desk: Desk) -> None:
    await desk.office.hear(referral_received())
    await desk.office.send_all()
    message = await desk.office.message(Purpose.REFERRAL_RECEIVED)

    page = await desk.post(f"/messages/{message.id}/try-again")

    assert page.status_code == 409
    assert "This message has been sent. So that cannot be done now." in page.text
    assert "History" in page.text
