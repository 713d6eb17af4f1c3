"""What an answer about a permit means for a message, at every attempt."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from services.notifications.actions.sending import Delivered
from services.notifications.domain.message import (
    CallReason,
    Message,
    State,
    WaitReason,
)
from services.notifications.domain.turns import Happened, Turn
from shared.contracts.referral import AllowedWords, ContactPermit
from shared.contracts.words import Channel, FailReason, Purpose, SuppressReason
from tests.fixtures.clock import FixedWorld
from tests.notifications.builders import (
    DAY,
    HOUR,
    NOW,
    SAM,
    by_hand,
    denied,
    granted,
    later,
    referral_received,
    session_cancelled,
    session_scheduled,
)
from tests.notifications.office import Office, PromptCourier

MINUTE = timedelta(minutes=1)
RECEIVED = Purpose.REFERRAL_RECEIVED


async def test_no_answer_is_a_no_that_costs_nothing(office: Office, courier: PromptCourier) -> None:
    office.referral.silent = True
    await office.hear(referral_received())

    for _ in range(60):
        await office.wait(MINUTE)
    message = await office.message(RECEIVED)
    assert courier.handed == []
    assert (message.state, message.reason) == (State.WAITING, WaitReason.NO_ANSWER)
    assert (message.attempts, message.round_began_at) == (0, None)
    assert await office.history(message) == [Happened.STARTED]

    office.referral.silent = False
    await office.wait(MINUTE)
    assert (await office.message(RECEIVED)).state is State.SENT


async def test_a_permit_that_says_later_is_asked_again_then_and_not_before(
    office: Office, courier: PromptCourier, world: FixedWorld
) -> None:
    office.referral.will_say(SAM, later(NOW + 3 * HOUR))
    await office.hear(referral_received())
    await office.send_all()
    message = await office.message(RECEIVED)
    assert (message.reason, message.due_at) == (WaitReason.NOT_SAFE_YET, NOW + 3 * HOUR)

    office.referral.will_say(SAM, lambda *_: granted(at=world.now()))
    assert await office.wait(3 * HOUR - MINUTE) == 0
    await office.wait(MINUTE)

    assert [one.at for one in courier.handed] == [NOW + 3 * HOUR]


@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.TEXT, Channel.LETTER])
async def test_what_no_machine_may_do_becomes_a_task_for_a_person(
    office: Office, courier: PromptCourier, channel: Channel
) -> None:
    office.referral.will_say(SAM, by_hand(channel))
    await office.hear(referral_received())

    await office.send_all()

    message = await office.message(RECEIVED)
    assert (message.state, message.channel) == (State.NEEDS_A_CALL, channel)
    assert message.reason is CallReason.NO_SAFE_ELECTRONIC_ROUTE
    assert (courier.handed, await office.told()) == ([], [])


async def test_a_route_only_people_use_is_never_sent_by_machine_even_when_granted(
    office: Office, courier: PromptCourier
) -> None:
    office.referral.will_say(SAM, granted("07400 123456", channel=Channel.TEXT))
    await office.hear(referral_received())

    await office.send_all()

    assert (await office.message(RECEIVED)).state is State.NEEDS_A_CALL
    assert courier.handed == []


@pytest.mark.parametrize("reason", list(SuppressReason))
async def test_a_denied_message_is_suppressed_with_its_reason_and_told(
    office: Office, courier: PromptCourier, reason: SuppressReason
) -> None:
    office.referral.will_say(SAM, denied(reason))
    await office.hear(referral_received())

    await office.send_all()

    message = await office.message(RECEIVED)
    assert (message.state, message.reason) == (State.SUPPRESSED, reason)
    assert [(name, body["reason"]) for name, body, _ in await office.told()] == [
        ("message_suppressed", reason)
    ]
    assert courier.handed == []


@pytest.mark.parametrize(
    "permit",
    [
        granted(lasts=timedelta(0)),
        granted(at=NOW - HOUR),
    ],
)
async def test_a_permit_that_is_over_is_no_permit(
    office: Office, courier: PromptCourier, permit: object
) -> None:
    office.referral.will_say(SAM, permit)  # type: ignore[arg-type]
    await office.hear(referral_received())

    await office.send_all()

    assert (await office.message(RECEIVED)).state is State.WAITING
    assert courier.handed == []


async def test_a_permit_is_good_for_a_minute_whatever_it_says_itself(
    office: Office, courier: PromptCourier, world: FixedWorld
) -> None:
    office.referral.will_say(SAM, lambda *_: granted(at=world.now(), lasts=DAY))
    await office.hear(referral_received())

    async def a_slow_server() -> None:
        world.advance(MINUTE)

    courier.meanwhile = a_slow_server
    await office.sender.send_due()

    assert courier.handed == []
    message = await office.message(RECEIVED)
    assert (message.state, message.reason) == (State.WAITING, WaitReason.MAIL_SERVER_BUSY)


async def test_a_word_the_person_asked_us_to_avoid_keeps_the_letter_back(
    office: Office, courier: PromptCourier
) -> None:
    words = AllowedWords(
        name_service=False, say_time=False, leave_voicemail=False, avoid=("APPOINTMENT",)
    )
    office.referral.will_say(SAM, granted(words=words))
    await office.hear(session_scheduled(facilitator_ids=()))

    await office.send_all()

    message = await office.message(Purpose.MEETING_BOOKED)
    assert (message.state, message.reason) == (
        State.NEEDS_A_CALL,
        CallReason.NEEDS_A_WORD_TO_AVOID,
    )
    assert courier.handed == []


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example, evil@x.example",
        "sam",
        "sam@",
        "sam@x.example\r\nBcc: evil@x.example",
        '"sam"@x.example',
        "sam\u200b@x.example",
        "s\u00e4m@x.example",
        "",
        "<sam@x.example>",
    ],
)
async def test_what_is_not_plainly_one_address_is_never_written_to(
    office: Office, courier: PromptCourier, address: str
) -> None:
    office.referral.will_say(SAM, granted(address))
    await office.hear(referral_received())

    await office.send_all()

    message = await office.message(RECEIVED)
    assert (message.state, message.reason) == (State.FAILED, FailReason.ADDRESS_REFUSED)
    assert courier.handed == []


async def test_a_withdrawal_between_two_attempts_acts_on_the_very_next(
    office: Office, courier: PromptCourier
) -> None:
    courier.outcomes = [Delivered.BUSY]
    await office.hear(referral_received())
    await office.send_all()

    office.referral.will_say(SAM, denied(SuppressReason.AGREEMENT_NOT_IN_FORCE))
    await office.wait(MINUTE)

    assert (await office.message(RECEIVED)).state is State.SUPPRESSED
    assert courier.handed == []


async def test_a_changed_address_is_used_by_the_very_next_attempt(
    office: Office, courier: PromptCourier, world: FixedWorld
) -> None:
    courier.outcomes = [Delivered.BUSY]
    office.referral.will_say(SAM, lambda *_: granted("old@example.org", at=world.now()))
    await office.hear(referral_received())
    await office.send_all()

    office.referral.will_say(SAM, lambda *_: granted("new@example.org", at=world.now()))
    await office.wait(MINUTE)

    assert [one.to for one in courier.handed] == ["new@example.org"]


async def test_an_answer_that_comes_too_late_to_matter_sends_nothing(
    office: Office, courier: PromptCourier, world: FixedWorld
) -> None:
    def answer_slowly(*_: object) -> ContactPermit:
        world.advance(MINUTE)
        return granted(at=world.now())

    office.referral.will_say(SAM, answer_slowly)
    await office.hear(session_scheduled(starts_at=NOW + MINUTE, facilitator_ids=()))

    await office.send_all()

    message = await office.message(Purpose.MEETING_BOOKED)
    assert (message.state, message.reason) == (
        State.SUPPRESSED,
        SuppressReason.TOO_LATE_TO_MATTER,
    )
    assert courier.handed == []


def make_slow_once(office: Office, meanwhile: Callable[[], Awaitable[object]]) -> None:
    """Once, a minute goes by between storing `sending` and speaking to the mail server."""
    carry_out, was_slow = office.sender._carry_out, []

    async def slowly(message: Message, turn: Turn) -> bool:
        done = await carry_out(message, turn)
        if turn.message.state is State.SENDING and not was_slow:
            was_slow.append(office.world.advance(MINUTE))
            await meanwhile()
        return done

    office.sender._carry_out = slowly  # type: ignore[method-assign]


async def nothing() -> None:
    pass


async def test_a_permit_that_ran_out_just_before_speaking_costs_no_attempt(
    office: Office, courier: PromptCourier
) -> None:
    make_slow_once(office, nothing)
    await office.hear(referral_received())

    await office.send_all()

    message = await office.message(RECEIVED)
    assert (message.state, message.attempts) == (State.SENT, 1)
    assert Happened.PERMIT_RAN_OUT in await office.history(message)
    assert len(office.referral.asked) == 2
    assert len(courier.handed) == 1


async def test_what_was_called_off_before_it_was_spoken_of_is_taken_back_after_all(
    office: Office, courier: PromptCourier
) -> None:
    make_slow_once(office, lambda: office.hear(session_cancelled(facilitator_ids=())))
    await office.hear(session_scheduled(facilitator_ids=()))

    await office.send_all()

    assert await office.written_to(SAM) == [
        (Purpose.MEETING_BOOKED, State.RECALLED),
        (Purpose.MEETING_CANCELLED, State.RECALLED),
    ]
    assert courier.handed == []
