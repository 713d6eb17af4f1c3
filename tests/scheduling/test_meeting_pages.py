"""Moving, cancelling and recording as a coordinator does it, stale pages and double clicks too."""

from datetime import timedelta

import pytest

from services.scheduling import actions
from services.scheduling.domain.meetings import State
from shared.contracts.referral import GrantRefusal
from shared.contracts.words import Attendance, CancelReason, MoveReason, NotHeldReason
from tests.scheduling.builders import (
    COLLEAGUE,
    FACILITATOR,
    FIRST,
    MEETING,
    NEUTRAL,
    SECOND,
    STARTS,
    SUCCESSOR,
    a_proposal,
)
from tests.scheduling.office import book, meeting_of, told
from tests.scheduling.test_booking_pages import summary

PAGE = f"/sessions/{MEETING}"


def to(**changes):
    """The day after, at 14:30 in London."""
    usual = {
        "meeting_id": str(SUCCESSOR),
        "version": "1",
        "starts_day": "10",
        "starts_month": "3",
        "starts_year": "2026",
        "starts_time": "14:30",
        "minutes": "90",
        "venue": str(NEUTRAL),
        "facilitators": [str(FACILITATOR)],
        "reason": "participant_asked",
    }
    return {**usual, **changes}


def held_with(first="attended", second="late", **changes):
    usual = {
        "version": "1",
        "held": "yes",
        f"attendance_{FIRST}": first,
        f"attendance_{SECOND}": second,
        "reason": "",
    }
    return {**usual, **changes}


@pytest.fixture
async def booked(desk):
    """A joint meeting on 9 March 2026 at 10:00, and a desk to do something about it from."""
    await book(desk.database, a_proposal())
    return desk


def let_it_start(desk):
    desk.world.advance(STARTS + timedelta(hours=2) - desk.world.now())


async def state(desk, meeting_id=MEETING):
    meeting = await meeting_of(desk.database, meeting_id)
    return meeting and meeting.state


async def test_the_move_form_begins_with_how_it_is_booked_now(booked):
    page = (await booked.get(f"{PAGE}/move")).text

    assert "Monday 9 March 2026 at 10am" in page
    for name, value in [("starts_day", "9"), ("starts_time", "10:00"), ("version", "1")]:
        assert f'name="{name}"' in page
        assert f'value="{value}"' in page
    assert f'value="{FACILITATOR}" checked' in page.replace("  ", " ")


async def test_a_moved_meeting_leads_to_its_successor_and_both_know_of_each_other(booked):
    moved = await booked.post(f"{PAGE}/move", **to())
    again = await booked.post(f"{PAGE}/move", **to())

    new_page = f"/scheduling/sessions/{SUCCESSOR}"
    assert moved.headers["location"] == again.headers["location"] == f"{new_page}?done=moved"
    assert (await meeting_of(booked.database, MEETING)).reason is MoveReason.PARTICIPANT_ASKED
    assert new_page in (await booked.get(PAGE)).text
    assert f"/scheduling/sessions/{MEETING}" in (await booked.get(f"/sessions/{SUCCESSOR}")).text
    assert [wanted.session_id for wanted in booked.referral.wanted] == [SUCCESSOR]
    assert len(await told(booked.database)) == 3


async def test_a_move_that_is_not_granted_leaves_the_meeting_where_it_is(booked):
    booked.referral.refusals = (GrantRefusal.AGREEMENT_WITHDRAWN,)

    page = await booked.post(f"{PAGE}/move", **to())

    assert page.status_code == 422
    assert "no longer there" in summary(page)
    assert await state(booked) is State.SCHEDULED


async def test_a_move_without_an_answer_leaves_the_meeting_where_it_is(booked):
    await booked.referral.goes_down()

    page = await booked.post(f"{PAGE}/move", **to())

    assert page.status_code == 503
    assert await state(booked) is State.SCHEDULED


async def test_what_is_wrong_with_a_move_is_said_in_words(booked):
    for changes, words in [
        ({"reason": ""}, "why the meeting is moved"),
        ({"starts_time": "99"}, "Enter a time"),
        ({"version": "x"}, "open too long"),
        (
            {"starts_day": "9", "starts_time": "10:00", "minutes": "60"},
            "Nothing has changed",
        ),
    ]:
        page = await booked.post(f"{PAGE}/move", **to(**changes))

        assert page.status_code == 422, changes
        assert words in summary(page), changes
    assert await state(booked) is State.SCHEDULED


async def test_a_cancelled_meeting_can_neither_be_moved_nor_recorded_from_an_old_page(booked):
    cancelled = await booked.post(f"{PAGE}/cancel", version="1", reason="safety_concern")
    again = await booked.post(f"{PAGE}/cancel", version="1", reason="safety_concern")
    moved = await booked.post(f"{PAGE}/move", **to())
    let_it_start(booked)
    recorded = await booked.post(f"{PAGE}/outcome", **held_with())

    assert (cancelled.status_code, again.status_code) == (303, 303)
    for stale in (moved, recorded):
        assert stale.status_code == 409
        assert "This meeting has been cancelled. What you sent was not stored." in summary(stale)
    assert (await meeting_of(booked.database, MEETING)).reason is CancelReason.SAFETY_CONCERN
    assert len(await told(booked.database)) == 2


async def test_a_meeting_is_not_cancelled_without_a_reason_or_by_a_stale_page(booked):
    no_reason = await booked.post(f"{PAGE}/cancel", version="1")
    other_version = await booked.post(f"{PAGE}/cancel", version="7", reason="venue_unavailable")

    assert (no_reason.status_code, other_version.status_code) == (422, 409)
    assert "Choose why the meeting is cancelled" in summary(no_reason)
    assert "changed since you opened the page" in summary(other_version)
    assert await state(booked) is State.SCHEDULED


async def test_a_meeting_that_has_started_is_recorded_not_cancelled_or_moved(booked):
    let_it_start(booked)

    for page in (
        await booked.get(f"{PAGE}/move"),
        await booked.get(f"{PAGE}/cancel"),
        await booked.post(f"{PAGE}/cancel", version="1", reason="safety_concern"),
    ):
        assert page.status_code == 409
        assert "already started" in page.text
    assert "Was this meeting held?" in (await booked.get(PAGE)).text


async def test_an_outcome_is_not_recorded_before_the_start(booked):
    asked = await booked.get(f"{PAGE}/outcome")
    sent = await booked.post(f"{PAGE}/outcome", **held_with())

    assert (asked.status_code, sent.status_code) == (422, 422)
    assert "has not started yet" in asked.text
    assert "has not started yet" in summary(sent)
    assert "Move the meeting" in (await booked.get(PAGE)).text


async def test_a_held_meeting_is_recorded_once_with_who_took_part(booked):
    let_it_start(booked)
    form = await booked.get(f"{PAGE}/outcome")

    first = await booked.post(f"{PAGE}/outcome", **held_with())
    again = await booked.post(f"{PAGE}/outcome", **held_with())
    other = await booked.post(f"{PAGE}/outcome", version="1", held="no", reason="other")

    assert "How did Amina Test take part?" in form.text
    assert first.headers["location"] == again.headers["location"]
    assert other.status_code == 409
    assert "already been recorded as held" in summary(other)
    meeting = await meeting_of(booked.database, MEETING)
    assert [one.attendance for one in meeting.attendance] == [
        Attendance.ATTENDED,
        Attendance.LATE,
    ]
    page = (await booked.get(f"{PAGE}?done=held")).text
    assert "Took part, came late" in page
    assert "You recorded that the meeting was held" in page


async def test_a_meeting_that_did_not_happen_keeps_the_reason(booked):
    let_it_start(booked)

    sent = await booked.post(f"{PAGE}/outcome", version="1", held="no", reason="participant_unwell")

    assert sent.headers["location"].endswith("?done=not_held")
    meeting = await meeting_of(booked.database, MEETING)
    assert (meeting.state, meeting.reason) == (State.MISSED, NotHeldReason.PARTICIPANT_UNWELL)
    assert "A participant was unwell" in (await booked.get(PAGE)).text


async def test_what_is_wrong_with_an_outcome_is_said_in_words(booked):
    let_it_start(booked)

    for answers, words in [
        ({"version": "1"}, "Choose whether the meeting was held"),
        ({"version": "1", "held": "perhaps"}, "Choose whether the meeting was held"),
        ({"version": "1", "held": "no"}, "Choose why it was not held"),
        ({"version": "1", "held": "no", "reason": "rain"}, "Choose why it was not held"),
        ({"version": "1", "held": "yes"}, "how each person took part"),
        (held_with(second="maybe"), "how each person took part"),
        (held_with(first="did_not_attend", second="excused"), "Nobody took part"),
        (held_with(second="did_not_attend"), "at least two"),
        (held_with(version=""), "open too long"),
    ]:
        page = await booked.post(f"{PAGE}/outcome", **answers)

        assert page.status_code == 422, answers
        assert words in summary(page), answers
    assert await state(booked) is State.SCHEDULED


async def test_a_page_says_when_a_facilitator_has_left(booked):
    async with booked.database.transaction() as session:
        await actions.people.note_facilitator(session, FACILITATOR, works_here=False, version=2)

    page = (await booked.get(PAGE)).text
    form = (await booked.get(f"{PAGE}/move")).text

    assert "Cleo Staff (no longer works here)" in page
    assert "needs a facilitator who works here" in page
    assert str(FACILITATOR) not in form
    moved = await booked.post(
        f"{PAGE}/move",
        **to(starts_day="9", starts_time="10:00", minutes="60", facilitators=str(COLLEAGUE)),
    )
    assert moved.status_code == 303
