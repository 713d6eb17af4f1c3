"""What people do when no machine could: try again, tell somebody another way, own up too late."""

from datetime import timedelta

import pytest

from services.notifications.actions import by_hand, sending
from services.notifications.actions.sending import Delivered
from services.notifications.domain import by_hand as decisions
from services.notifications.domain.message import Message, NotNow, State
from shared.contracts.notifications import MessageSent
from shared.contracts.words import Channel, Purpose, SuppressReason
from tests.notifications.builders import (
    CORA,
    DAY,
    NOW,
    SAM,
    a_message,
    session_cancelled,
    session_rescheduled,
    session_scheduled,
)
from tests.notifications.builders import by_hand as by_hand_permit
from tests.notifications.office import Office, PromptCourier

ALONE = {"facilitator_ids": ()}
BOOKED, MOVED, CANCELLED = (
    Purpose.MEETING_BOOKED,
    Purpose.MEETING_MOVED,
    Purpose.MEETING_CANCELLED,
)


async def try_again(office: Office, message: Message) -> None:
    async with office.database.transaction() as session:
        await by_hand.try_again(session, message.id, CORA)
    await office.send_all()


async def tell(office: Office, message: Message, channel: Channel | None = None) -> None:
    async with office.database.transaction() as session:
        await by_hand.note_reached(session, message.id, CORA, channel)


@pytest.mark.parametrize(
    ("purpose", "who"),
    [
        (CANCELLED, {"facilitator_ids": ()}),
        (Purpose.STAFF_MEETING_CANCELLED, {"participant_ids": ()}),
    ],
)
async def test_a_cancelling_that_may_have_arrived_is_sent_again_when_somebody_decides_so(
    office: Office, courier: PromptCourier, purpose: Purpose, who: dict[str, object]
) -> None:
    courier.outcomes = [Delivered.ACCEPTED, Delivered.UNKNOWN]
    await office.hear(session_scheduled(**who))
    await office.send_all()
    await office.hear(session_cancelled())
    await office.send_all()
    assert (await office.message(purpose)).state is State.UNCERTAIN

    await try_again(office, await office.message(purpose))

    assert (await office.message(purpose)).state is State.SENT


async def test_a_cancelling_that_may_have_arrived_and_then_failed_is_sent_again_too(
    office: Office, courier: PromptCourier
) -> None:
    courier.outcomes = [Delivered.ACCEPTED, Delivered.UNKNOWN, Delivered.ADDRESS_REFUSED]
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    await office.hear(session_cancelled())
    await office.send_all()
    await try_again(office, await office.message(CANCELLED))
    assert (await office.message(CANCELLED)).state is State.FAILED

    await try_again(office, await office.message(CANCELLED))

    assert (await office.message(CANCELLED)).state is State.SENT


async def test_a_letter_sent_again_speaks_of_the_time_told_before_it(
    office: Office, courier: PromptCourier
) -> None:
    courier.outcomes = [Delivered.ACCEPTED, Delivered.UNKNOWN]
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    await move(office, "meeting", "second")
    await office.send_all()

    async with office.database.reading() as session:
        times = await sending.times(session, await office.message(MOVED))

    assert (times.starts_at, times.told_before) == (NOW + 6 * DAY, NOW + 5 * DAY)


async def move(office: Office, old: str, new: str) -> None:
    await office.hear(session_rescheduled(old, new))
    successor = session_scheduled(
        new,
        replaces=session_rescheduled(old, new).session_id,
        starts_at=NOW + 6 * DAY,
        **ALONE,
    )
    await office.hear(successor)


async def failed(office: Office, courier: PromptCourier) -> Message:
    courier.outcomes = [Delivered.ADDRESS_REFUSED]
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    message = await office.message(BOOKED)
    assert message.state is State.FAILED
    return message


async def test_whoever_was_told_another_way_hears_that_it_is_off(
    office: Office, courier: PromptCourier
) -> None:
    await tell(office, await failed(office, courier), Channel.LETTER)
    assert [(name, body.get("channel")) for name, body, _ in await office.told()] == [
        ("message_failed", None),
        ("message_sent", "letter"),
    ]

    await office.hear(session_cancelled())
    await office.send_all()

    assert await office.written_to(SAM) == [(BOOKED, State.FAILED), (CANCELLED, State.SENT)]


async def test_whoever_was_told_another_way_of_a_dead_meeting_hears_at_once_that_it_is_off(
    office: Office, courier: PromptCourier
) -> None:
    message = await failed(office, courier)
    await office.hear(session_cancelled())

    await tell(office, message)
    await office.send_all()

    assert await office.written_to(SAM) == [(BOOKED, State.FAILED), (CANCELLED, State.SENT)]


async def test_a_recalled_cancelling_does_not_keep_another_one_back(
    office: Office, courier: PromptCourier
) -> None:
    """It was taken back because the booking had failed; now somebody did tell of the booking."""

    async def cancelled_meanwhile() -> None:
        courier.meanwhile = None
        await office.hear(session_cancelled())

    courier.meanwhile, courier.outcomes = cancelled_meanwhile, [Delivered.ADDRESS_REFUSED]
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    await office.wait(timedelta(minutes=1))
    assert (await office.message(CANCELLED)).state is State.RECALLED

    await tell(office, await office.message(BOOKED))
    await office.send_all()

    assert (CANCELLED, State.SENT) in await office.written_to(SAM)


def test_telling_another_way_closes_a_failed_message() -> None:
    message = a_message(state=State.FAILED, reason=None, due_at=None, channel=Channel.EMAIL)

    turn = decisions.reached(message, CORA, NOW)

    assert isinstance(turn.fact, MessageSent)
    assert (turn.fact.channel, turn.message.told_at) == (Channel.PHONE, NOW)
    assert not decisions.may_try_again(turn.message, NOW)
    with pytest.raises(NotNow, match="told"):
        decisions.try_again(turn.message, None, CORA, NOW)
    with pytest.raises(NotNow, match="closed"):
        decisions.reached(turn.message, CORA, NOW)


def test_of_what_was_not_allowed_only_the_guest_list_lets_people_tell_themselves() -> None:
    allowed = []
    for reason in SuppressReason:
        message = a_message(state=State.SUPPRESSED, reason=reason, due_at=None)
        try:
            allowed.append((reason, decisions.reached(message, CORA, NOW).message.told_at))
        except NotNow:
            continue

    assert allowed == [(SuppressReason.NOT_ON_GUEST_LIST, NOW)]


async def test_whoever_was_told_too_late_of_a_moved_meeting_hears_that_its_successor_is_off(
    office: Office,
) -> None:
    office.referral.will_say(SAM, by_hand_permit())
    await office.hear(session_scheduled(**ALONE))
    await office.send_all()
    task = await office.message(BOOKED)
    async with office.database.transaction() as session:
        await by_hand.note_shown(session, task.id, CORA, Channel.PHONE)
    await move(office, "meeting", "second")
    await move(office, "second", "third")
    await office.hear(session_cancelled("third"))
    assert await office.messages(CANCELLED) == []

    await tell(office, task)

    called_off = await office.message(CANCELLED)
    assert called_off.state is State.WAITING
    assert called_off.subject.session_id == session_cancelled("third").session_id
