"""Meetings that are moved or called off: what is taken back, and who is told."""

import asyncio
from datetime import timedelta

import pytest

from services.notifications.actions import by_hand
from services.notifications.actions.sending import Delivered
from services.notifications.domain.message import State
from shared.contracts.words import Purpose, RecallReason
from tests.fixtures.clock import FixedWorld
from tests.notifications.builders import (
    ALEX,
    CORA,
    DAY,
    FAY,
    NOW,
    OPEN,
    SAM,
    an_id,
    granted,
    later,
    session_cancelled,
    session_rescheduled,
    session_scheduled,
)
from tests.notifications.builders import by_hand as by_hand_permit
from tests.notifications.office import Office, PromptCourier

MINUTE = timedelta(minutes=1)
BOOKED, MOVED, CANCELLED = (
    Purpose.MEETING_BOOKED,
    Purpose.MEETING_MOVED,
    Purpose.MEETING_CANCELLED,
)
ALONE = {"facilitator_ids": ()}


async def move(office: Office, old: str, new: str, **changes: object) -> None:
    """Both facts a moved meeting is told with, in the order scheduling tells them."""
    await office.hear(session_rescheduled(old, new))
    await office.hear(session_scheduled(new, replaces=an_id(old), **changes))


async def test_a_meeting_called_off_before_anybody_was_told_is_told_to_nobody(
    office: Office, courier: PromptCourier
) -> None:
    await office.hear(session_scheduled())
    await office.hear(session_cancelled())
    await office.send_all()

    assert {one.state for one in await office.messages()} == {State.RECALLED}
    assert courier.handed == []
    assert {body["reason"] for _, body, _ in await office.told()} == {"meeting_cancelled"}


async def test_those_who_were_told_hear_that_it_is_off_and_nobody_else(office: Office) -> None:
    office.referral.will_say(ALEX, later(NOW + 2 * DAY))
    await office.hear(session_scheduled(participant_ids=(SAM, ALEX)))
    await office.send_all()

    await office.hear(session_cancelled(participant_ids=(SAM, ALEX)))
    await office.send_all()

    by_person = {
        person: {
            (one.purpose, one.state) for one in await office.messages() if one.person_id == person
        }
        for person in (SAM, ALEX, FAY)
    }
    assert by_person == {
        SAM: {(BOOKED, State.SENT), (CANCELLED, State.SENT)},
        ALEX: {(BOOKED, State.RECALLED)},
        FAY: {
            (Purpose.STAFF_MEETING_BOOKED, State.SENT),
            (Purpose.STAFF_MEETING_CANCELLED, State.SENT),
        },
    }


async def test_a_cancelled_appointment_is_named_by_the_time_the_person_was_given(
    office: Office, courier: PromptCourier, world: FixedWorld
) -> None:
    """Told of Saturday; moved to Sunday, which never reached them; then called off."""
    office.referral.will_say(SAM, lambda *_: granted(at=world.now(), words=OPEN))
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    office.referral.will_say(SAM, later(NOW + 4 * DAY))
    await move(office, "meeting", "second", starts_at=NOW + 6 * DAY, **ALONE)
    await office.send_all()

    await office.hear(session_cancelled("second", **ALONE))
    office.referral.will_say(SAM, lambda *_: granted(at=world.now(), words=OPEN))
    await office.send_all()

    assert await office.written_to(SAM) == [
        (BOOKED, State.SENT),
        (MOVED, State.RECALLED),
        (CANCELLED, State.SENT),
    ]
    text = courier.handed[-1].envelope.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "on Saturday 7 March 2026 at 9am is not going ahead" in text
    assert "Sunday" not in text


async def test_a_moved_meeting_replaces_what_was_not_sent_yet(office: Office) -> None:
    """Somebody who never heard of the first hears of an appointment, not of a change."""
    await office.hear(session_scheduled(**ALONE))
    await move(office, "meeting", "second", **ALONE)
    await office.send_all()

    assert await office.written_to(SAM) == [(BOOKED, State.RECALLED), (BOOKED, State.SENT)]
    reasons = {one.reason for one in await office.messages() if one.state is State.RECALLED}
    assert reasons == {RecallReason.MEETING_MOVED}


async def test_whoever_was_told_hears_that_it_moved(office: Office, courier: PromptCourier) -> None:
    office.referral.will_say(SAM, granted(words=OPEN))
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    await move(office, "meeting", "second", starts_at=NOW + 6 * DAY, **ALONE)
    await office.send_all()

    assert await office.written_to(SAM) == [(BOOKED, State.SENT), (MOVED, State.SENT)]
    text = courier.handed[-1].envelope.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Your appointment with us on Saturday 7 March 2026 at 9am has been changed" in text
    assert "It is now on Sunday 8 March 2026 at 9am" in text


async def test_the_successor_alone_is_enough_to_take_back_the_old(office: Office) -> None:
    await office.hear(session_scheduled(**ALONE))
    await office.hear(session_scheduled("second", replaces=an_id("meeting"), **ALONE))

    assert await office.written_to(SAM) == [(BOOKED, State.RECALLED), (BOOKED, State.WAITING)]


async def test_somebody_left_out_of_the_new_meeting_hears_that_theirs_is_off(
    office: Office,
) -> None:
    await office.hear(session_scheduled(facilitator_ids=(FAY,)))
    await office.send_all()

    await move(office, "meeting", "second", facilitator_ids=(CORA,))

    started = {(one.purpose, one.person_id) for one in await office.messages()}
    assert started >= {
        (MOVED, SAM),
        (Purpose.STAFF_MEETING_BOOKED, CORA),
        (Purpose.STAFF_MEETING_CANCELLED, FAY),
    }


async def test_a_cancelling_heard_before_the_move_still_reaches_those_who_expect_it(
    office: Office,
) -> None:
    """The successor's own announcement comes last: it must only tell that the meeting is off."""
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    await office.hear(session_cancelled("second", **ALONE))
    await move(office, "meeting", "second", **ALONE)
    await office.send_all()

    assert await office.written_to(SAM) == [(BOOKED, State.SENT), (CANCELLED, State.SENT)]


async def test_a_task_is_taken_back_too(office: Office) -> None:
    office.referral.will_say(SAM, by_hand_permit())
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()

    await office.hear(session_cancelled(**ALONE))

    assert await office.written_to(SAM) == [(BOOKED, State.RECALLED)]


async def test_whoever_was_rung_hears_by_the_next_call_that_it_is_off(office: Office) -> None:
    office.referral.will_say(SAM, by_hand_permit())
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    task = await office.message(BOOKED)
    async with office.database.transaction() as session:
        await by_hand.note_reached(session, task.id, CORA)

    await office.hear(session_cancelled(**ALONE))
    await office.send_all()

    assert await office.written_to(SAM) == [
        (BOOKED, State.NEEDS_A_CALL),
        (CANCELLED, State.NEEDS_A_CALL),
    ]


async def test_a_cancelling_waits_for_an_announcement_on_its_way_and_then_follows_it(
    office: Office, courier: PromptCourier
) -> None:
    async def cancelled_meanwhile() -> None:
        courier.meanwhile = None
        await office.hear(session_cancelled(**ALONE))
        await office.sender.send_due()

    courier.meanwhile = cancelled_meanwhile
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    assert await office.written_to(SAM) == [(BOOKED, State.SENT), (CANCELLED, State.WAITING)]

    await office.wait(MINUTE)
    assert await office.written_to(SAM) == [(BOOKED, State.SENT), (CANCELLED, State.SENT)]


@pytest.mark.parametrize("outcome", [Delivered.BUSY, Delivered.ADDRESS_REFUSED])
async def test_an_announcement_that_did_not_arrive_needs_no_cancelling(
    office: Office, courier: PromptCourier, outcome: Delivered
) -> None:
    async def cancelled_meanwhile() -> None:
        courier.meanwhile = None
        await office.hear(session_cancelled(**ALONE))

    courier.meanwhile, courier.outcomes = cancelled_meanwhile, [outcome]
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    await office.wait(MINUTE)

    end = State.RECALLED if outcome is Delivered.BUSY else State.FAILED
    assert await office.written_to(SAM) == [(BOOKED, end), (CANCELLED, State.RECALLED)]
    assert courier.handed == []


async def test_an_announcement_that_may_have_arrived_is_followed_by_the_cancelling(
    office: Office, courier: PromptCourier
) -> None:
    courier.outcomes = [Delivered.UNKNOWN]
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    await office.hear(session_cancelled(**ALONE))
    await office.send_all()

    assert await office.written_to(SAM) == [(BOOKED, State.UNCERTAIN), (CANCELLED, State.SENT)]


async def test_a_cancelling_between_the_permit_and_the_letter_wins(
    office: Office, courier: PromptCourier
) -> None:
    async def answer_slowly(question: object) -> object:
        await office.hear(session_cancelled(**ALONE))
        return granted(at=office.world.now())

    office.sender._ask = answer_slowly  # type: ignore[assignment]
    await office.hear(session_scheduled(**ALONE))

    await office.send_all()

    assert await office.written_to(SAM) == [(BOOKED, State.RECALLED)]
    assert courier.handed == []


async def cancel_after(office: Office, name: str, turns: int) -> None:
    """Call a meeting off after so many turns of the event loop."""
    for _ in range(turns * 2):
        await asyncio.sleep(0)
    await office.hear(session_cancelled(name, **ALONE))


async def test_sender_and_recall_race_and_never_both_win(
    office: Office, courier: PromptCourier
) -> None:
    """Whatever the order, nobody is left believing in a dead meeting."""
    for round_ in range(20):
        name = f"meeting {round_}"
        await office.hear(session_scheduled(name, **ALONE))
        told_before = len(courier.handed)

        await asyncio.gather(
            office.sender.send_due(), office.hear(session_cancelled(name, **ALONE))
        )
        await office.send_all()
        await office.wait(MINUTE)

        about = [one for one in await office.messages() if one.subject.session_id == an_id(name)]
        announced = next(one for one in about if one.purpose is BOOKED)
        assert announced.state in (State.SENT, State.RECALLED)
        letters = len(courier.handed) - told_before
        if announced.state is State.RECALLED:
            assert letters == 0
        else:
            assert [(one.purpose, one.state) for one in about if one is not announced] == [
                (CANCELLED, State.SENT)
            ]
            assert letters == 2
