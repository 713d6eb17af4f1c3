"""From an intent to a named state, with real letters over SMTP."""

import itertools
from datetime import datetime, timedelta

import pytest

from services.notifications.actions.sending import Delivered
from services.notifications.domain.message import (
    State,
    UnknownReason,
    WaitReason,
)
from services.notifications.domain.patience import KEEP_TRYING_FOR
from services.notifications.domain.turns import Happened
from shared.contracts.referral import AllowedWords
from shared.contracts.words import Channel, FailReason, Purpose, SuppressReason
from tests.fixtures.clock import FixedWorld
from tests.fixtures.mail import MailSink
from tests.notifications.builders import (
    DAY,
    HOUR,
    NEUTRAL,
    NOW,
    OPEN,
    SAM,
    an_id,
    by_hand,
    granted,
    later,
    referral_received,
    session_scheduled,
)
from tests.notifications.office import Office, PromptCourier

MINUTE = timedelta(minutes=1)
RECEIVED = Purpose.REFERRAL_RECEIVED


async def test_a_message_is_asked_about_sent_and_told(
    post_office: Office, mail_sink: MailSink
) -> None:
    post_office.referral.will_say(SAM, granted("sam@example.org"))
    event = await post_office.hear(referral_received())

    await post_office.send_all()

    message = await post_office.message(RECEIVED)
    [question] = post_office.referral.asked
    assert (question.person_id, question.purpose, question.intent_id, question.referral_id) == (
        SAM,
        RECEIVED,
        message.id,
        an_id("referral"),
    )
    [letter] = mail_sink.letters
    assert (letter.to, letter.message["Subject"]) == ("sam@example.org", "A message for you")
    assert (message.state, message.told_at, message.channel) == (State.SENT, NOW, Channel.EMAIL)
    assert await post_office.told() == [
        (
            "message_sent",
            {
                "message_id": str(message.id),
                "person_id": str(SAM),
                "purpose": "referral_received",
                "referral_id": str(an_id("referral")),
                "channel": "email",
            },
            1,
        )
    ]
    assert await post_office.history(message) == [
        Happened.STARTED,
        Happened.SENDING,
        Happened.ACCEPTED,
    ]
    assert message.event_id == event


async def test_a_busy_server_is_tried_for_four_hours_and_then_given_up(
    office: Office, courier: PromptCourier, world: FixedWorld
) -> None:
    courier.outcomes = [Delivered.BUSY] * 1000
    await office.hear(referral_received())

    tries = [NOW] if await office.send_all() else []
    while (message := await office.message(RECEIVED)).due_at is not None:
        world.advance(message.due_at - world.now())
        await office.send_all()
        tries.append(world.now())

    assert (message.state, message.reason) == (State.FAILED, FailReason.GAVE_UP)
    assert tries[-1] == NOW + KEEP_TRYING_FOR
    assert message.attempts == len(tries)
    assert [pause / MINUTE for pause in _pauses(tries)][:6] == [1, 2, 5, 10, 20, 30]
    assert [(name, body["reason"]) for name, body, _ in await office.told()] == [
        ("message_failed", "gave_up")
    ]
    assert len(office.referral.asked) == len(tries), "a permit is asked for at every attempt"


def _pauses(times: list[datetime]) -> list[timedelta]:
    return [after - before for before, after in itertools.pairwise(times)]


async def test_hours_the_person_asked_for_do_not_use_up_our_patience(
    office: Office, courier: PromptCourier, world: FixedWorld
) -> None:
    courier.outcomes = [Delivered.BUSY, Delivered.BUSY]
    await office.hear(referral_received())
    await office.send_all()
    office.referral.will_say(SAM, later(NOW + 10 * HOUR))
    await office.wait(MINUTE)
    office.referral.will_say(SAM, lambda *_: granted(at=world.now()))

    await office.wait(10 * HOUR)
    assert (await office.message(RECEIVED)).state is State.WAITING
    await office.wait(10 * MINUTE)
    assert (await office.message(RECEIVED)).state is State.SENT


@pytest.mark.parametrize(
    ("behaviour", "state", "reason"),
    [
        ("refuse_at_rcpt", State.FAILED, FailReason.ADDRESS_REFUSED),
        ("refuse_after_letter", State.FAILED, FailReason.REFUSED_BY_SERVER),
        ("busy_at_rcpt", State.WAITING, WaitReason.MAIL_SERVER_BUSY),
        ("cut_at_data", State.WAITING, WaitReason.MAIL_SERVER_BUSY),
        ("take_and_cut_after_letter", State.UNCERTAIN, UnknownReason.CUT_OFF_AFTER_SENDING),
        ("silent_after_letter", State.UNCERTAIN, UnknownReason.CUT_OFF_AFTER_SENDING),
    ],
)
async def test_what_a_real_server_says_ends_in_a_named_state(
    post_office: Office,
    mail_sink: MailSink,
    behaviour: str,
    state: State,
    reason: object,
) -> None:
    mail_sink.will(behaviour)  # type: ignore[arg-type]
    await post_office.hear(referral_received())

    await post_office.send_all()

    message = await post_office.message(RECEIVED)
    assert (message.state, message.reason) == (state, reason)


async def test_a_second_attempt_carries_the_same_message_id(
    post_office: Office, mail_sink: MailSink
) -> None:
    mail_sink.will("busy_after_letter", "take_and_cut_after_letter")
    await post_office.hear(referral_received())
    await post_office.send_all()
    await post_office.wait(MINUTE)

    message = await post_office.message(RECEIVED)
    [letter] = mail_sink.letters
    assert letter.message["Message-ID"] == f"<{message.id}@example.org>"


async def test_an_uncertain_message_is_never_sent_again_by_itself(
    post_office: Office, mail_sink: MailSink
) -> None:
    mail_sink.will("take_and_cut_after_letter")
    await post_office.hear(referral_received())
    await post_office.send_all()

    for _ in range(10):
        await post_office.wait(DAY)
    await post_office.sender.take_over()
    await post_office.send_all()

    assert len(mail_sink.letters) == 1
    assert (await post_office.message(RECEIVED)).state is State.UNCERTAIN


async def test_one_trouble_does_not_hold_up_the_others(
    office: Office, courier: PromptCourier
) -> None:
    def broken(*_: object) -> object:
        raise RuntimeError("a mistake of ours")

    office.referral.will_say(SAM, broken)  # type: ignore[arg-type]
    await office.hear(referral_received())
    await office.hear(referral_received(referral_id=an_id("r2"), person_id=an_id("robin")))

    await office.send_all()

    assert len(courier.handed) == 1
    held = [one for one in await office.messages() if one.person_id == SAM]
    assert held[0].state is State.WAITING
    assert held[0].due_at is not None
    assert held[0].due_at > NOW


async def test_a_message_too_late_to_matter_is_not_sent(
    office: Office, courier: PromptCourier
) -> None:
    office.referral.silent = True
    await office.hear(session_scheduled(starts_at=NOW + HOUR, facilitator_ids=()))
    await office.send_all()
    office.referral.silent = False

    await office.wait(HOUR)

    message = await office.message(Purpose.MEETING_BOOKED)
    assert (message.state, message.reason) == (
        State.SUPPRESSED,
        SuppressReason.TOO_LATE_TO_MATTER,
    )
    assert courier.handed == []


async def test_a_task_about_a_meeting_that_has_begun_is_closed(office: Office) -> None:
    office.referral.will_say(SAM, by_hand())
    await office.hear(session_scheduled(starts_at=NOW + HOUR, facilitator_ids=()))
    await office.hear(referral_received())
    await office.send_all()

    office.world.advance(20 * DAY)
    await office.sender.tidy()

    states = await office.states()
    assert states[Purpose.MEETING_BOOKED] is State.SUPPRESSED
    assert states[RECEIVED] is State.NEEDS_A_CALL, "no meeting: it still has to be done"


@pytest.mark.parametrize("stopped_at", ["sender.before_smtp", "sender.after_smtp"])
async def test_whoever_dies_while_sending_leaves_it_uncertain(
    post_office: Office,
    mail_sink: MailSink,
    monkeypatch: pytest.MonkeyPatch,
    stopped_at: str,
) -> None:
    class Died(BaseException):
        pass

    def die(name: str) -> None:
        if name == stopped_at:
            raise Died

    monkeypatch.setattr("shared.plumbing.crash.hook", die)
    await post_office.hear(referral_received())
    with pytest.raises(Died):
        await post_office.sender.send_due()
    assert (await post_office.message(RECEIVED)).state is State.SENDING
    monkeypatch.setattr("shared.plumbing.crash.hook", None)

    await post_office.sender.take_over()
    await post_office.send_all()

    message = await post_office.message(RECEIVED)
    assert (message.state, message.reason) == (
        State.UNCERTAIN,
        UnknownReason.STOPPED_WHILE_SENDING,
    )
    assert len(mail_sink.letters) == (stopped_at == "sender.after_smtp")


async def test_a_leader_that_comes_back_late_puts_right_what_only_it_knows(
    office: Office, courier: PromptCourier
) -> None:
    async def somebody_else_leads() -> None:
        await office.sender.take_over()
        assert (await office.message(RECEIVED)).state is State.UNCERTAIN

    courier.meanwhile = somebody_else_leads
    await office.hear(referral_received())
    await office.send_all()

    assert (await office.message(RECEIVED)).state is State.SENT


@pytest.mark.parametrize(("words", "says"), [(NEUTRAL, False), (OPEN, True)])
async def test_the_time_is_said_only_where_it_may_be(
    post_office: Office, mail_sink: MailSink, words: AllowedWords, says: bool
) -> None:
    post_office.referral.will_say(SAM, granted(words=words))
    await post_office.hear(session_scheduled(facilitator_ids=()))

    await post_office.send_all()

    [letter] = mail_sink.letters
    assert ("Saturday 7 March 2026 at 9am" in letter.text) == says
    assert ("Saturday 7 March 2026 at 9am" in letter.html) == says
