"""The pages for telling by hand: another way, on the permit's channel, or before a recall."""

from services.notifications.actions.sending import Delivered
from services.notifications.domain.message import State
from shared.contracts.words import Channel, Purpose
from tests.notifications.builders import (
    DAY,
    NOW,
    SAM,
    later,
    referral_received,
    session_cancelled,
    session_scheduled,
)
from tests.notifications.builders import by_hand as by_hand_permit
from tests.notifications.desk import NUMBER, Desk

ALONE = {"facilitator_ids": ()}
BOOKED, RECEIVED = Purpose.MEETING_BOOKED, Purpose.REFERRAL_RECEIVED
ANOTHER_WAY = "I have told them another way"
TAKEN_BACK = "Taken back after somebody looked: had they been told?"


async def a_task(desk: Desk, *, about_a_meeting: bool = True) -> str:
    """A call to make; its address."""
    desk.office.referral.will_say(SAM, by_hand_permit())
    desk.referral.permit = lambda _: by_hand_permit(address=NUMBER)
    fact = session_scheduled(**ALONE) if about_a_meeting else referral_received()
    await desk.office.hear(fact)
    await desk.office.send_all()
    message = await desk.office.message(BOOKED if about_a_meeting else RECEIVED)
    return f"/calls/{message.id}"


async def test_a_failed_message_can_be_closed_by_telling_the_person_another_way(desk: Desk) -> None:
    desk.courier.outcomes = [Delivered.ADDRESS_REFUSED]
    await desk.office.hear(session_scheduled(**ALONE))
    await desk.office.send_all()
    path = f"/messages/{(await desk.office.message(BOOKED)).id}"
    assert ANOTHER_WAY in (await desk.get(path)).text

    answer = await desk.browser.post(f"/notifications{path}/told", data={"channel": "text"})

    assert answer.status_code == 303
    page = await desk.browser.get(answer.headers["location"])
    assert "It is recorded that the person knows" in page.text
    assert ANOTHER_WAY not in page.text
    assert "Try again" not in page.text
    [*_, (name, body, _)] = await desk.office.told()
    assert (name, body["channel"]) == ("message_sent", "text")
    again = await desk.browser.get((await desk.post(f"{path}/told")).headers["location"])
    assert "It had been recorded already that the person knows" in again.text
    assert len(await desk.office.told()) == 2, "told once: that it failed, and that they know"


async def test_only_what_did_not_go_out_offers_to_record_another_way(desk: Desk) -> None:
    await desk.office.hear(session_scheduled(**ALONE))
    await desk.office.send_all()
    path = f"/messages/{(await desk.office.message(BOOKED)).id}"

    assert ANOTHER_WAY not in (await desk.get(path)).text
    assert (await desk.post(f"{path}/told")).status_code == 409


async def test_another_way_is_no_way_round_a_call_that_was_taken_back(desk: Desk) -> None:
    path = await a_task(desk)
    told = path.replace("/calls/", "/messages/") + "/told"
    assert (await desk.post(told)).status_code == 409


async def test_a_call_taken_back_after_it_was_shown_is_found_again(desk: Desk) -> None:
    path = await a_task(desk)
    await desk.post(f"{path}/reach")
    assert TAKEN_BACK not in (await desk.get("/calls")).text
    await desk.office.hear(session_cancelled())

    message_page = await desk.get(path.replace("/calls/", "/messages/"))
    calls = await desk.get("/calls")

    assert f'href="/notifications{path}"' in message_page.text
    assert TAKEN_BACK in calls.text
    assert f'href="/notifications{path}"' in calls.text
    await desk.post(f"{path}/done")
    assert TAKEN_BACK not in (await desk.get("/calls")).text
    assert (
        f'"/notifications{path}"'
        not in (await desk.get(path.replace("/calls/", "/messages/"))).text
    )


async def test_a_call_taken_back_that_nobody_looked_at_is_not_asked_about(desk: Desk) -> None:
    path = await a_task(desk)
    await desk.office.hear(session_cancelled())

    assert TAKEN_BACK not in (await desk.get("/calls")).text
    assert (
        f'"/notifications{path}"'
        not in (await desk.get(path.replace("/calls/", "/messages/"))).text
    )


async def test_the_page_follows_the_channel_that_is_safe_now(desk: Desk) -> None:
    path = await a_task(desk)
    assert "Ring: Meeting booked" in (await desk.get(path)).text
    desk.referral.permit = lambda _: by_hand_permit(Channel.LETTER, "1 Some Street")

    page = await desk.post(f"{path}/reach")

    assert "Post a letter: Meeting booked" in page.text
    assert "Post it to" in page.text
    assert "Ring: Meeting booked" not in page.text
    await desk.post(f"{path}/done")
    [(name, body, _)] = await desk.office.told()
    assert (name, body["channel"]) == ("message_sent", "letter")


async def test_a_task_without_a_meeting_has_no_limit(desk: Desk) -> None:
    path = await a_task(desk, about_a_meeting=False)
    desk.office.world.advance(20 * DAY)
    assert "No limit" in (await desk.get("/calls")).text

    page = await desk.post(f"{path}/reach")

    assert page.status_code == 200
    assert NUMBER in page.text


async def test_a_task_about_a_meeting_that_has_begun_is_not_shown(desk: Desk) -> None:
    path = await a_task(desk)
    desk.office.world.advance(20 * DAY)

    assert (await desk.post(f"{path}/reach")).status_code == 409
    assert (await desk.office.message(BOOKED)).state is State.NEEDS_A_CALL


async def test_not_now_says_from_when(desk: Desk) -> None:
    path = await a_task(desk)
    desk.referral.permit = lambda _: later(NOW + DAY)

    page = await desk.post(f"{path}/reach")

    assert "Not before" in page.text
    assert 'datetime="2026-03-03T09:00:00' in page.text
    assert "Not before" not in (await desk.get(path)).text
