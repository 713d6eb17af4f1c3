"""A04: whoever looks over a shoulder learns nothing from any message, in any part of it."""

from email import message_from_bytes, policy
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest

from services.notifications import wording
from services.notifications.channels.mail import mail
from services.notifications.wording import call_script, write_letter
from shared.contracts.referral import AllowedWords
from shared.contracts.words import Channel, Purpose
from tests.notifications.builders import NOW
from tests.notifications.test_wording import CANARY, DENIED, EVERY_OCCASION

INTENT = UUID(int=1)
TO = "zyxcanary@example.org"
AVOIDED = "Zyxcanaryword"
NOT_NAMED = [
    AllowedWords(name_service=False, say_time=timed, leave_voicemail=voicemail, avoid=(AVOIDED,))
    for timed, voicemail in product((True, False), repeat=2)
]
NAMED = AllowedWords(name_service=True, say_time=True, leave_voicemail=True, avoid=(AVOIDED,))

LANGUAGES = {"en-GB"}
"""Whoever adds one adds its words to those that are denied."""


def envelopes(words: AllowedWords):
    """Every letter there is, as a mail server gets it."""
    for occasion in EVERY_OCCASION:
        letter = write_letter(occasion, words, CANARY)
        yield occasion, mail(letter, TO, INTENT, NOW).as_bytes()


def parts_of(raw: bytes) -> str:
    """Every header but the one with the address, and every half, decoded."""
    message = message_from_bytes(raw, policy=policy.default)
    headers = [f"{name}: {value}" for name, value in message.items() if name != "To"]
    halves = [part.get_content() for part in message.walk() if not part.is_multipart()]
    return "\n".join([*headers, *halves]).casefold()


@pytest.mark.parametrize("words", NOT_NAMED, ids=str)
def test_a04_no_part_of_a_letter_gives_away_who_what_or_from_whom(words):
    for occasion, raw in envelopes(words):
        said = parts_of(raw)
        for denied in (*DENIED, "zyxcanary", "canary restorative", "canary-site", "0999"):
            assert denied not in said, (occasion, denied)


def test_a04_even_where_the_service_may_be_named_nobody_is_and_the_subject_says_nothing():
    for occasion, raw in envelopes(NAMED):
        message = message_from_bytes(raw, policy=policy.default)
        assert "zyxcanary" not in parts_of(raw), occasion
        for shown_on_a_locked_screen in (message["Subject"], message["From"]):
            said = str(shown_on_a_locked_screen).casefold().replace("canary-domain", "")
            assert not [word for word in (*DENIED, "canary", "parley") if word in said], occasion
        assert message["From"].addresses[0].display_name == ""


def test_a04_nothing_is_attached_and_no_appointment_goes_into_a_calendar():
    kinds = set()
    for words in (*NOT_NAMED, NAMED):
        for _, raw in envelopes(words):
            message = message_from_bytes(raw, policy=policy.default)
            kinds |= {part.get_content_type() for part in message.walk()}
            assert {message["Content-Language"]} == LANGUAGES

    assert kinds == {"multipart/alternative", "text/plain", "text/html"}


@pytest.mark.parametrize("channel", Channel)
def test_a04_what_is_texted_or_written_by_hand_gives_nothing_away(channel):
    for occasion, words in product(EVERY_OCCASION, NOT_NAMED):
        said = "\n".join(call_script(channel, occasion, words, CANARY).say).casefold()
        if channel is not Channel.PHONE:  # on the phone the right person is asked for first
            assert not [one for one in (*DENIED, "canary", "zyx") if one in said], occasion


def test_a04_every_template_is_among_what_was_looked_at():
    """One for each purpose, and the one around them."""
    room = Path(wording.__file__).parent
    for kind in ("letters", "calls"):
        found = {path.stem for path in (room / kind).glob("*.txt")} - {"layout"}
        assert found == {purpose.value for purpose in Purpose}


def test_a04_a_word_that_gives_something_away_is_seen():
    for word in ("Victim", "your RESTORATIVE meeting", TO):
        raw = mail(write_letter(EVERY_OCCASION[0], NAMED, CANARY), TO, INTENT, NOW).as_bytes()
        told = parts_of(raw.replace(b"Hello,", f"Hello, {word}".encode()))
        assert [one for one in (*DENIED, "zyxcanary") if one in told]
