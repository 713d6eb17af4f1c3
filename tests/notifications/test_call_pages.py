"""The pages about calls: how to reach somebody is shown once, and kept nowhere."""

import asyncio

import pytest

from services.notifications.domain.message import State
from services.notifications.domain.turns import Happened
from shared.contracts.words import Channel, Purpose, SuppressReason
from tests.fixtures.signed_in import COORDINATOR
from tests.notifications.builders import (
    DAY,
    NEUTRAL,
    NOW,
    OPEN,
    SAM,
    denied,
    granted,
    later,
    session_cancelled,
    session_scheduled,
)
from tests.notifications.builders import by_hand as by_hand_permit
from tests.notifications.desk import NUMBER, Desk

ALONE = {"facilitator_ids": ()}


async def a_task(desk: Desk, channel: Channel = Channel.PHONE) -> str:
    """A call to make; its address."""
    desk.office.referral.will_say(SAM, by_hand_permit(channel))
    await desk.office.hear(session_scheduled(**ALONE))
    await desk.office.send_all()
    message = await desk.office.message(Purpose.MEETING_BOOKED)
    return f"/calls/{message.id}"


def shows_number(_: object) -> object:
    return by_hand_permit(address=NUMBER)


async def test_calls_to_make_are_listed_without_how_to_reach_anybody(desk: Desk) -> None:
    desk.referral.permit = shows_number  # type: ignore[assignment]
    path = await a_task(desk)

    page = await desk.get("/calls")
    task = await desk.get(path)

    assert "Amina Test" in page.text
    assert "Ring" in page.text
    assert NUMBER not in page.text + task.text
    assert desk.referral.wanted == [], "nothing is asked until somebody asks"


async def test_how_to_reach_somebody_is_shown_once_and_who_looked_is_recorded(desk: Desk) -> None:
    desk.referral.permit = shows_number  # type: ignore[assignment]
    path = await a_task(desk)

    page = await desk.post(f"{path}/reach")

    assert page.status_code == 200
    assert NUMBER in page.text
    assert "Do not leave a message" in page.text
    assert "Saturday 7 March 2026 at 9am" in page.text
    assert page.headers["cache-control"] == "no-store"
    [question] = desk.referral.wanted
    assert (question.shown_to, question.person_id) == (COORDINATOR.id, SAM)
    message = await desk.office.message(Purpose.MEETING_BOOKED)
    assert Happened.SHOWN in await desk.office.history(message)
    assert NUMBER not in (await desk.get(path)).text


async def test_words_to_avoid_are_shown_to_whoever_rings(desk: Desk) -> None:
    avoid = OPEN.model_copy(update={"avoid": ("court", "<b>meeting</b>")})
    desk.referral.permit = lambda _: by_hand_permit(address=NUMBER, words=avoid)
    path = await a_task(desk)

    page = await desk.post(f"{path}/reach")

    assert "court, &lt;b&gt;meeting&lt;/b&gt;" in page.text
    assert "You may leave a message" in page.text


@pytest.mark.parametrize("channel", [Channel.TEXT, Channel.LETTER])
async def test_what_is_written_by_hand_comes_with_its_words(desk: Desk, channel: Channel) -> None:
    desk.referral.permit = lambda _: by_hand_permit(channel, "1 Some Street", NEUTRAL)
    path = await a_task(desk, channel)

    page = await desk.post(f"{path}/reach")

    assert "1 Some Street" in page.text
    assert "the number you already have for us" in page.text
    assert "Parley" not in page.text.split("What to say")[1].split("How did it go")[0]


@pytest.mark.parametrize(
    ("permit", "status", "says"),
    [
        (later(NOW + DAY), 200, "This is not a safe time to contact this person"),
        (by_hand_permit(), 503, "so we do not show how"),
    ],
)
async def test_how_is_not_shown_when_it_is_not_safe_now(
    desk: Desk, permit: object, status: int, says: str
) -> None:
    desk.referral.permit = lambda _: permit  # type: ignore[assignment,return-value]
    path = await a_task(desk)

    page = await desk.post(f"{path}/reach")

    assert (page.status_code, NUMBER in page.text) == (status, False)
    assert says in page.text
    message = await desk.office.message(Purpose.MEETING_BOOKED)
    assert Happened.SHOWN not in await desk.office.history(message)


async def test_with_referral_down_nobody_is_shown_anything(desk: Desk) -> None:
    path = await a_task(desk)
    await desk.referral.goes_down()

    page = await desk.post(f"{path}/reach")

    assert page.status_code == 503
    assert "We could not find out whether it is safe" in page.text


async def test_whoever_may_no_longer_be_contacted_is_taken_off_the_list(desk: Desk) -> None:
    desk.referral.permit = lambda _: denied(SuppressReason.AGREEMENT_NOT_IN_FORCE)
    path = await a_task(desk)

    answer = await desk.post(f"{path}/reach")

    page = await desk.browser.get(answer.headers["location"])
    assert "must not be contacted about it" in page.text
    assert "There is nothing to do by hand" in page.text
    assert (await desk.office.message(Purpose.MEETING_BOOKED)).state is State.SUPPRESSED


@pytest.mark.parametrize(
    ("how", "says", "still_open"),
    [
        ("done", "It is recorded that the person knows", False),
        ("not-reached", "The task stays on the list", True),
        ("not-needed", "The task is closed", False),
    ],
)
async def test_how_it_went_is_recorded(desk: Desk, how: str, says: str, still_open: bool) -> None:
    path = await a_task(desk)

    answer = await desk.post(f"{path}/{how}")

    assert answer.status_code == 303
    page = await desk.browser.get(answer.headers["location"])
    assert says in page.text
    assert ("Amina Test" in page.text) == still_open
    closed = await desk.get(path)
    assert ("How did it go?" in closed.text) == still_open


ALREADY = {
    "done": "It had been recorded already that the person knows.",
    "not-reached": "It had been recorded already that they could not be reached.",
    "not-needed": "It had been closed already as no longer needed.",
}


@pytest.mark.parametrize("how", ALREADY)
async def test_the_same_button_pressed_twice_is_recorded_once_and_says_so(
    desk: Desk, how: str
) -> None:
    path = await a_task(desk)
    version = {"version": str((await desk.office.message(Purpose.MEETING_BOOKED)).version)}
    await desk.browser.post(f"/notifications{path}/{how}", data=version)
    recorded = await desk.office.history(await desk.office.message(Purpose.MEETING_BOOKED))

    again = await desk.browser.post(f"/notifications{path}/{how}", data=version)

    assert again.status_code == 303
    assert again.headers["location"].startswith(
        f"/notifications{path.replace('calls', 'messages')}"
    )
    assert ALREADY[how] in (await desk.browser.get(again.headers["location"])).text
    message = await desk.office.message(Purpose.MEETING_BOOKED)
    assert await desk.office.history(message) == recorded


@pytest.mark.parametrize(
    ("first", "then", "says"),
    [
        ("done", "not-needed", "recorded already that the person knows"),
        ("done", "not-reached", "recorded already that the person knows"),
        ("not-needed", "not-reached", "decided already that it is no longer needed"),
    ],
)
async def test_another_button_on_a_closed_task_is_answered_on_its_page(
    desk: Desk, first: str, then: str, says: str
) -> None:
    path = await a_task(desk)
    await desk.post(f"{path}/{first}")

    page = await desk.post(f"{path}/{then}")

    assert says in page.text
    assert "There is nothing more to do here" in page.text
    assert "How did it go?" not in page.text


async def test_two_people_pressing_the_same_button_at_once_are_both_told_that_it_is_done(
    desk: Desk,
) -> None:
    path = await a_task(desk)

    answers = await asyncio.gather(*(desk.post(f"{path}/done") for _ in range(4)))

    assert [one.status_code for one in answers] == [303] * 4
    message = await desk.office.message(Purpose.MEETING_BOOKED)
    assert (await desk.office.history(message)).count(Happened.REACHED) == 1


async def test_a_task_taken_back_is_not_shown_and_asks_whether_they_had_been_told(
    desk: Desk,
) -> None:
    desk.referral.permit = shows_number  # type: ignore[assignment]
    path = await a_task(desk)
    await desk.post(f"{path}/reach")
    await desk.office.hear(session_cancelled(**ALONE))

    refused = await desk.post(f"{path}/reach")
    page = await desk.get(path)

    assert refused.status_code == 409
    assert "nobody needs to be contacted" in refused.text
    assert "They had been told" in page.text
    await desk.post(f"{path}/done")
    assert (await desk.office.states())[Purpose.MEETING_CANCELLED] is State.WAITING


async def test_a_press_from_another_site_changes_nothing(desk: Desk) -> None:
    path = await a_task(desk)

    answer = await desk.browser.post(
        f"/notifications{path}/done", headers={"Origin": "https://elsewhere.example"}
    )

    assert answer.status_code == 403
    assert (await desk.office.message(Purpose.MEETING_BOOKED)).outcome is None


@pytest.mark.parametrize(
    ("channel", "word"),
    [
        (Channel.TEXT, "ring us"),
        (Channel.LETTER, "appointment"),
        (Channel.EMAIL, "appointment"),
    ],
)
async def test_wording_with_a_word_to_avoid_is_not_offered_for_copying(
    desk: Desk, channel: Channel, word: str
) -> None:
    avoiding = NEUTRAL.model_copy(update={"avoid": (word,)})
    desk.referral.permit = lambda _: by_hand_permit(channel, "1 Some Street", avoiding)
    path = await a_task(desk, channel)

    page = await desk.post(f"{path}/reach")

    assert "holds a word this person asked us not to use, so it is not shown" in page.text
    assert "Write it in your own words" in page.text
    assert "What to say" not in page.text
    assert f"Do not use these words: <strong>{word}</strong>" in page.text
    shown = page.text.replace(f"<strong>{word}</strong>", "").split("How did it go")[0]
    assert "change your mind" not in shown
    assert "when it suits you" not in shown


async def test_an_email_with_a_word_to_avoid_is_written_by_hand(desk: Desk) -> None:
    words_to_avoid = NEUTRAL.model_copy(update={"avoid": ("appointment",)})
    permit = granted("sam@example.org", words=words_to_avoid)
    desk.office.referral.will_say(SAM, permit)
    desk.referral.permit = lambda _: permit
    await desk.office.hear(session_scheduled(**ALONE))
    await desk.office.send_all()
    message = await desk.office.message(Purpose.MEETING_BOOKED)

    page = await desk.post(f"/calls/{message.id}/reach")

    assert "sam@example.org" in page.text
    assert "Do not use these words: <strong>appointment</strong>" in page.text
