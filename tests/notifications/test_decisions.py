"""What people decide about messages: tasks done by hand, and one more try."""

from datetime import timedelta

import pytest

from services.notifications.actions import by_hand
from services.notifications.actions.sending import Delivered
from services.notifications.domain.message import Message, NotNow, State, WaitReason
from services.notifications.domain.turns import Happened
from shared.contracts.words import Channel, Purpose
from tests.notifications.builders import (
    CORA,
    HOUR,
    NOW,
    SAM,
    session_cancelled,
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


async def task_for(office: Office, channel: Channel = Channel.PHONE) -> Message:
    office.referral.will_say(SAM, by_hand_permit(channel))
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    return await office.message(BOOKED)


async def test_a_task_that_is_done_is_told_with_its_channel(office: Office) -> None:
    task = await task_for(office, Channel.LETTER)
    async with office.database.transaction() as session:
        await by_hand.note_shown(session, task.id, CORA, Channel.LETTER)
    async with office.database.transaction() as session:
        await by_hand.note_not_reached(session, task.id, CORA)
    async with office.database.transaction() as session:
        await by_hand.note_reached(session, task.id, CORA)

    assert [(name, body["channel"]) for name, body, _ in await office.told()] == [
        ("message_sent", "letter")
    ]
    assert (await office.history(task))[-3:] == [
        Happened.SHOWN,
        Happened.NOT_REACHED,
        Happened.REACHED,
    ]


async def test_the_same_decision_taken_twice_is_one(office: Office) -> None:
    task = await task_for(office, Channel.PHONE)
    async with office.database.transaction() as session:
        assert await by_hand.note_not_reached(session, task.id, CORA, task.version)
        assert not await by_hand.note_not_reached(session, task.id, CORA, task.version)
        assert await by_hand.note_not_reached(session, task.id, CORA, task.version + 1)
        assert await by_hand.note_reached(session, task.id, CORA)
        assert not await by_hand.note_reached(session, task.id, CORA)

    assert len(await office.told()) == 1
    assert (await office.history(task))[-3:] == [
        Happened.NOT_REACHED,
        Happened.NOT_REACHED,
        Happened.REACHED,
    ]


async def test_another_decision_on_a_closed_task_is_refused_in_plain_words(office: Office) -> None:
    task = await task_for(office, Channel.PHONE)
    async with office.database.transaction() as session:
        await by_hand.note_reached(session, task.id, CORA)

    with pytest.raises(NotNow, match="recorded already that the person knows"):
        async with office.database.transaction() as session:
            await by_hand.note_not_needed(session, task.id, CORA)
    with pytest.raises(NotNow, match="recorded already that the person knows"):
        async with office.database.transaction() as session:
            await by_hand.note_not_reached(session, task.id, CORA, task.version)


async def test_a_message_that_failed_again_can_be_tried_once_more(
    office: Office, courier: PromptCourier
) -> None:
    courier.outcomes = [Delivered.ADDRESS_REFUSED, Delivered.ADDRESS_REFUSED]
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    message = await office.message(BOOKED)
    async with office.database.transaction() as session:
        assert await by_hand.try_again(session, message.id, CORA)
        assert not await by_hand.try_again(session, message.id, CORA)
    await office.send_all()
    assert (await office.message(BOOKED)).state is State.FAILED

    async with office.database.transaction() as session:
        assert await by_hand.try_again(session, message.id, CORA)


async def test_a_task_that_is_no_longer_needed_tells_nobody(office: Office) -> None:
    task = await task_for(office)
    async with office.database.transaction() as session:
        await by_hand.note_not_needed(session, task.id, CORA)

    await office.hear(session_cancelled(**ALONE))
    await office.send_all()

    assert await office.written_to(SAM) == [(BOOKED, State.NEEDS_A_CALL)]
    assert await office.told() == []


async def test_somebody_told_after_a_colleague_closed_the_task_hears_that_it_is_called_off(
    office: Office,
) -> None:
    task = await task_for(office)
    async with office.database.transaction() as session:
        await by_hand.note_not_needed(session, task.id, CORA)
        await by_hand.note_reached(session, task.id, CORA)

    await office.hear(session_cancelled(**ALONE))

    assert await office.written_to(SAM) == [
        (BOOKED, State.NEEDS_A_CALL),
        (CANCELLED, State.WAITING),
    ]


async def test_somebody_told_of_a_meeting_already_called_off_is_told_that_next(
    office: Office,
) -> None:
    task = await task_for(office)
    async with office.database.transaction() as session:
        await by_hand.note_not_needed(session, task.id, CORA)
    await office.hear(session_cancelled(**ALONE))

    async with office.database.transaction() as session:
        await by_hand.note_told_another_way(session, task.id, CORA, Channel.TEXT)

    assert await office.written_to(SAM) == [
        (BOOKED, State.NEEDS_A_CALL),
        (CANCELLED, State.WAITING),
    ]


async def test_a_call_made_while_the_meeting_was_called_off_is_followed_up(office: Office) -> None:
    task = await task_for(office)
    async with office.database.transaction() as session:
        await by_hand.note_shown(session, task.id, CORA, Channel.PHONE)
    await office.hear(session_cancelled(**ALONE))

    async with office.database.transaction() as session:
        await by_hand.note_reached(session, task.id, CORA)

    assert await office.written_to(SAM) == [(BOOKED, State.RECALLED), (CANCELLED, State.WAITING)]


async def test_nobody_says_they_rang_who_was_never_shown_how(office: Office) -> None:
    task = await task_for(office)
    await office.hear(session_cancelled(**ALONE))

    with pytest.raises(Exception, match="before anybody was asked to ring"):
        async with office.database.transaction() as session:
            await by_hand.note_reached(session, task.id, CORA)


async def test_an_uncertain_message_is_sent_once_more_by_a_persons_decision_and_no_oftener(
    office: Office, courier: PromptCourier
) -> None:
    courier.outcomes = [Delivered.UNKNOWN, Delivered.UNKNOWN]
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    message = await office.message(BOOKED)

    async with office.database.transaction() as session:
        await by_hand.try_again(session, message.id, CORA)
    again = await office.message(BOOKED)
    assert (again.state, again.reason) == (State.WAITING, WaitReason.TRIED_AGAIN_BY_STAFF)
    await office.send_all()

    assert (await office.message(BOOKED)).state is State.UNCERTAIN
    assert len(courier.handed) == 2
    with pytest.raises(Exception, match="sent again once already"):
        async with office.database.transaction() as session:
            await by_hand.try_again(session, message.id, CORA)


async def test_what_is_no_longer_true_is_never_tried_again(
    office: Office, courier: PromptCourier
) -> None:
    courier.outcomes = [Delivered.UNKNOWN]
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    await office.hear(session_cancelled(**ALONE))
    message = await office.message(BOOKED)

    with pytest.raises(Exception, match="no longer true"):
        async with office.database.transaction() as session:
            await by_hand.try_again(session, message.id, CORA)


async def test_a_failed_message_can_be_tried_again_and_tells_in_order(
    office: Office, courier: PromptCourier
) -> None:
    courier.outcomes = [Delivered.ADDRESS_REFUSED]
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    message = await office.message(BOOKED)

    async with office.database.transaction() as session:
        await by_hand.try_again(session, message.id, CORA)
    await office.send_all()

    assert [(name, version) for name, _, version in await office.told()] == [
        ("message_failed", 1),
        ("message_sent", 2),
    ]


async def test_a_message_too_late_to_matter_is_not_tried_again(
    office: Office, courier: PromptCourier
) -> None:
    courier.outcomes = [Delivered.ADDRESS_REFUSED]
    await office.hear(session_scheduled(starts_at=NOW + HOUR, **ALONE))
    await office.send_all()
    office.world.advance(HOUR)
    message = await office.message(BOOKED)

    with pytest.raises(Exception, match="too late"):
        async with office.database.transaction() as session:
            await by_hand.try_again(session, message.id, CORA)
