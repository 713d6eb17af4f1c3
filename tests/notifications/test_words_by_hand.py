"""What somebody is given to say or to copy, when the person asked us not to use some words."""

import re
from itertools import product

import pytest

from services.notifications.wording import Occasion, call_script, write_letter
from services.notifications.wording.calls import NOT_SHOWN, SAY_DIFFERENTLY
from shared.contracts.words import Channel, Purpose
from tests.notifications.builders import HEAD, NEUTRAL, OPEN
from tests.notifications.test_wording import CANARY, EVERY_OCCASION, EVERY_WORDS, STARTS


@pytest.mark.parametrize("channel", [Channel.TEXT, Channel.LETTER, Channel.EMAIL])
def test_nothing_to_copy_by_hand_ever_holds_a_word_to_avoid(channel: Channel) -> None:
    for occasion, words in product(EVERY_OCCASION, EVERY_WORDS):
        usual = call_script(channel, occasion, words, CANARY)
        for word in {one for line in usual.say for one in re.findall(r"[A-Za-z]{4,}", line)}:
            avoiding = words.model_copy(update={"avoid": (word.upper(),)})
            script = call_script(channel, occasion, avoiding, CANARY)
            assert (script.say, script.caution) == ((), NOT_SHOWN), (occasion, word)
        assert usual.say, "without such a word it is shown"
        assert not usual.caution


def test_a_machine_is_left_no_message_with_a_word_to_avoid() -> None:
    words = OPEN.model_copy(update={"avoid": ("wrong",)})

    script = call_script(Channel.PHONE, Occasion(Purpose.REFERRAL_RECEIVED), words, HEAD)

    assert "Do not leave a message" in " ".join(script.otherwise)


def test_whoever_rings_is_warned_of_a_sentence_with_a_word_to_avoid() -> None:
    occasion = Occasion(Purpose.MEETING_BOOKED, STARTS)
    words = OPEN.model_copy(update={"avoid": ("appointment",)})

    assert call_script(Channel.PHONE, occasion, words, HEAD).caution == SAY_DIFFERENTLY
    assert not call_script(Channel.PHONE, occasion, OPEN, HEAD).caution


def test_in_their_own_words_nobody_is_told_to_say_what_a_letter_would_not() -> None:
    for words in EVERY_WORDS:
        avoiding = words.model_copy(update={"avoid": ("hello",)})
        script = call_script(Channel.LETTER, Occasion(Purpose.MEETING_BOOKED), avoiding, HEAD)
        advice = " ".join(script.first)
        assert ("no day or time" in advice) != words.say_time
        assert ("Do not say who it is from" in advice) != words.name_service


def test_a_text_that_only_asks_to_ring_is_not_taken_for_having_told() -> None:
    script = call_script(Channel.TEXT, Occasion(Purpose.MEETING_BOOKED), NEUTRAL, HEAD)

    assert "Until then leave this task open." in " ".join(script.first)


@pytest.mark.parametrize("channel", Channel)
def test_whatever_the_reason_a_decline_is_true_and_leaves_the_door_open(channel: Channel) -> None:
    """One wording for every reason that is told: legal proceedings, nobody to meet, elsewhere."""
    letter = write_letter(Occasion(Purpose.REFERRAL_DECLINED), OPEN, HEAD).text
    said = " ".join(call_script(channel, Occasion(Purpose.REFERRAL_DECLINED), OPEN, HEAD).say)

    for words in (letter, said if channel is not Channel.TEXT else letter):
        assert "we cannot take it further now" in words
        assert "come back to us at any time" in words
        assert "not the right people" not in words
    assert f"ring us on {HEAD.phone_number}" in letter
