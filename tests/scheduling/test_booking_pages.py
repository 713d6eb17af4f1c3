"""Booking a meeting as a coordinator does it, with a real question to referral in between."""

import asyncio
import re
from datetime import timedelta

from services.scheduling.domain.meetings import State
from services.scheduling.store.tables import SCHEMA
from shared.contracts.referral import GrantMoment, GrantRefusal
from tests.scheduling.builders import (
    CASE,
    COLLEAGUE,
    FACILITATOR,
    FIRST,
    MEETING,
    NEUTRAL,
    OFFICE,
    ONLINE,
    SECOND,
    STARTS,
    a_preparation,
    some_id,
)
from tests.scheduling.office import book, furnish, held, meeting_of, told

BOOK_JOINT = f"/cases/{CASE}/book?kind=joint"
BOOK_PREPARATION = f"/cases/{CASE}/book?kind=preparation"


def answers(**changes):
    """A joint meeting at 10:00 in London on 9 March 2026, a week from now."""
    usual = {
        "meeting_id": str(MEETING),
        "participants": [str(FIRST), str(SECOND)],
        "starts_day": "9",
        "starts_month": "3",
        "starts_year": "2026",
        "starts_time": "10:00",
        "minutes": "60",
        "venue": str(NEUTRAL),
        "facilitators": [str(FACILITATOR)],
    }
    return {**usual, **changes}


def alone(**changes):
    return answers(**{"participants": str(FIRST), **changes})


def summary(page) -> str:
    """What the error summary says."""
    found = re.search(r"There is a problem.*?</ul>", page.text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found.group()) if found else ""


async def test_a_granted_meeting_is_booked_and_its_page_says_so(any_store, new_desk, world):
    database = await any_store(SCHEMA, world=world)
    async with database.transaction() as session:
        await furnish(session)
    async with new_desk(database) as desk:
        booked = await desk.post(BOOK_JOINT, **answers())
        page = await desk.get(f"/sessions/{MEETING}?done=booked")
        [wanted] = desk.referral.wanted

    assert (booked.status_code, booked.headers["location"]) == (
        303,
        f"/scheduling/sessions/{MEETING}?done=booked",
    )
    for words in (
        "Joint meeting",
        "Monday 9 March 2026 at 10am",
        "Amina Test, Bo Test",
        "Cleo Staff",
        "Quaker meeting house",
        "The meeting is booked",
    ):
        assert words in page.text
    assert (wanted.session_id, wanted.moment) == (MEETING, GrantMoment.BOOKING)
    assert (wanted.starts_at, wanted.ends_at) == (STARTS, STARTS + timedelta(hours=1))


async def test_the_form_offers_what_can_be_chosen(desk):
    joint = (await desk.get(BOOK_JOINT)).text
    preparation = (await desk.get(f"{BOOK_PREPARATION}&person={SECOND}")).text

    assert "Book a joint meeting" in joint
    assert "Amina Test" in joint
    assert "Cleo Staff" in joint
    assert "Our office" not in joint
    assert "Our office" in preparation
    assert re.search(rf'value="{SECOND}"[^>]* checked', preparation)
    assert not re.search(rf'value="{FIRST}"[^>]* checked', preparation)


async def test_each_form_carries_an_id_of_its_own(desk):
    found = [
        re.search(r'name="meeting_id" value="([0-9a-f-]+)"', (await desk.get(BOOK_JOINT)).text)
        for _ in range(2)
    ]

    assert found[0].group(1) != found[1].group(1)


async def test_a_preparation_meeting_is_asked_about_too(desk):
    desk.referral.refusals = (GrantRefusal.CASE_NOT_OPEN,)

    page = await desk.post(BOOK_PREPARATION, **alone())

    assert page.status_code == 422
    assert "The case is not open." in summary(page)
    assert len(desk.referral.wanted) == 1
    assert await meeting_of(desk.database, MEETING) is None


async def test_every_refusal_is_said_in_words_and_what_was_typed_is_kept(desk):
    desk.referral.refusals = (GrantRefusal.AGREEMENT_MISSING, GrantRefusal.ONE_SIDE_ONLY)

    page = await desk.post(BOOK_JOINT, **answers(starts_time="2.30pm"))

    assert page.status_code == 422
    assert "agreement to meet has been recorded" in summary(page)
    assert "somebody from each side" in summary(page)
    assert 'value="2.30pm"' in page.text
    assert await held(desk.database) == set()
    assert await told(desk.database) == []


async def test_when_nobody_answers_nothing_is_booked_and_the_page_stays_usable(desk):
    await desk.referral.goes_down()

    page = await desk.post(BOOK_JOINT, **answers())

    assert page.status_code == 503
    assert "nothing has been booked" in summary(page)
    assert "Names cannot be shown at the moment" in page.text
    assert f"Person {str(FIRST)[-6:].upper()}" in page.text
    assert await meeting_of(desk.database, MEETING) is None


async def test_nothing_is_held_while_referral_is_asked_and_everything_is_looked_at_again_after(
    desk,
):
    rival = a_preparation(meeting_id=some_id(14), participant_ids=(SECOND,))

    async def somebody_else_books():
        await book(desk.database, rival)

    desk.referral.meanwhile = somebody_else_books

    page = await desk.post(BOOK_PREPARATION, **alone(facilitators=str(COLLEAGUE)))

    assert page.status_code == 409
    assert "The venue is already booked at that time." in summary(page)
    assert "Cleo Staff" in page.text
    assert [meeting for meeting, _ in await held(desk.database)] == [some_id(14)] * 3
    assert await meeting_of(desk.database, MEETING) is None


async def test_a_double_click_books_one_meeting_and_leads_to_it_twice(desk):
    at_once = [desk.post(BOOK_JOINT, **answers()) for _ in range(2)]
    first, again = await asyncio.gather(*at_once)
    later = await desk.post(BOOK_JOINT, **answers())

    assert {sent.status_code for sent in (first, again, later)} == {303}
    assert first.headers["location"] == again.headers["location"] == later.headers["location"]
    assert len(await told(desk.database)) == 1


async def test_going_back_and_changing_a_used_form_books_nothing_more(desk):
    await desk.post(BOOK_JOINT, **answers())

    page = await desk.post(BOOK_JOINT, **answers(starts_day="10"))

    assert page.status_code == 409
    assert "already been used" in summary(page)
    assert f'name="meeting_id" value="{MEETING}"' in page.text
    assert len(await told(desk.database)) == 1


async def test_a_taken_room_is_a_conflict_and_nobody_is_asked(desk):
    await book(
        desk.database,
        a_preparation(
            meeting_id=some_id(14), participant_ids=(SECOND,), facilitator_ids=(COLLEAGUE,)
        ),
    )

    page = await desk.post(BOOK_PREPARATION, **alone(starts_time="10:59"))

    assert page.status_code == 409
    assert "The venue is already booked at that time." in summary(page)
    assert desk.referral.wanted == []


TO_PUT_RIGHT = [
    ({"starts_day": "31", "starts_month": "2"}, "Enter a real date"),
    ({"starts_day": "", "starts_month": "", "starts_year": ""}, "Enter a date"),
    ({"starts_time": ""}, "Enter a time"),
    ({"starts_time": "25:00"}, "Enter a time, like"),
    ({"starts_day": "1"}, "must be in the future"),
    ({"starts_year": "2027", "starts_day": "10"}, "within the next 12 months"),
    ({"minutes": "10"}, "how long"),
    ({"minutes": "241"}, "how long"),
    ({"minutes": "an hour"}, "how long"),
    ({"venue": ""}, "Choose a venue"),
    ({"venue": "the pub"}, "Choose a venue"),
    ({"venue": str(some_id(99))}, "no longer used"),
    ({"venue": str(OFFICE)}, "neutral ground"),
    ({"facilitators": ""}, "one or two facilitators"),
    ({"facilitators": [str(some_id(n)) for n in range(3)]}, "one or two facilitators"),
    ({"facilitators": "\u202e"}, "one or two facilitators"),
    ({"participants": ""}, "who takes part"),
    ({"participants": str(FIRST)}, "at least two people"),
    ({"participants": [str(FIRST), str(some_id(99))]}, "not a party"),
    ({"meeting_id": "not an id"}, "open too long"),
    ({"meeting_id": ""}, "open too long"),
]


async def test_what_has_to_be_put_right_is_said_in_words(desk):
    for changes, words in TO_PUT_RIGHT:
        page = await desk.post(BOOK_JOINT, **answers(**changes))

        assert page.status_code == 422, changes
        assert words in summary(page), changes
        assert "<title>Error: " in page.text, changes
    assert await told(desk.database) == []


async def test_the_hour_that_does_not_exist_is_refused(desk):
    desk.world.advance(timedelta(days=20))

    page = await desk.post(BOOK_JOINT, **answers(starts_day="29", starts_time="1:30am"))

    assert page.status_code == 422
    assert "There is no 1:30am on Sunday 29 March 2026" in summary(page)


async def test_the_hour_that_happens_twice_is_asked_about(desk):
    desk.world.advance(timedelta(days=200))
    twice = answers(starts_day="25", starts_month="10", starts_time="1:30am")

    page = await desk.post(BOOK_JOINT, **twice)

    assert page.status_code == 422
    assert "happens twice on Sunday 25 October 2026" in summary(page)
    assert "Which one do you mean?" in page.text
    assert await told(desk.database) == []

    booked = await desk.post(BOOK_JOINT, **{**twice, "starts_which": "second"})

    assert booked.status_code == 303
    meeting = await meeting_of(desk.database, MEETING)
    assert (meeting.starts_at.hour, meeting.starts_at.minute) == (1, 30)
    shown = await desk.get(f"/sessions/{MEETING}")
    assert "1:30am (after the clocks go back)" in shown.text


async def test_online_and_two_facilitators_are_fine(desk):
    both = answers(venue=str(ONLINE), facilitators=[str(FACILITATOR), str(COLLEAGUE)])

    booked = await desk.post(BOOK_JOINT, **both)

    assert booked.status_code == 303
    assert (await meeting_of(desk.database, MEETING)).state is State.SCHEDULED


NOT_THERE = [
    "/cases/none",
    f"/sessions/{some_id(99)}",
    f"/sessions/{some_id(99)}/move",
    f"/sessions/{some_id(99)}/cancel",
    f"/sessions/{some_id(99)}/outcome",
    f"/venues/{some_id(99)}/retire",
]


async def test_an_unknown_id_is_not_there(desk):
    for path in NOT_THERE:
        page = await desk.get(path)

        assert page.status_code == 404, path
        assert "Page not found" in page.text, path


async def test_posting_about_an_unknown_case_or_kind_books_nothing(desk):
    unknown = await desk.post(f"/cases/{some_id(99)}/book?kind=joint", **answers())
    strange = await desk.post(f"/cases/{CASE}/book?kind=party", **answers())

    assert (unknown.status_code, strange.status_code) == (404, 422)
    assert await told(desk.database) == []
