"""What letters and calls say to frightened people, and above all what they never say."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.purposes import TO_STAFF
from services.notifications.domain.speech import spoken_time, word_to_avoid
from services.notifications.wording import Occasion, call_script, write_letter
from services.notifications.wording.calls import TEXT
from shared.contracts.referral import AllowedWords
from shared.contracts.words import Channel, Purpose
from tests.notifications.builders import HEAD, NEUTRAL, NOW, OPEN

STARTS = datetime(2026, 3, 7, 14, 30, tzinfo=UTC)
BEFORE = STARTS - timedelta(days=2)

DENIED = (
    "restorative",
    "justice",
    "victim",
    "offend",
    "offence",
    "police",
    "crime",
    "criminal",
    "harm",
    "mediat",
    "dispute",
    "conflict",
    "neighbour",
    "incident",
    "abuse",
    "violen",
    "hate",
    "court",
    "prison",
    "probation",
    "complain",
    "perpetrator",
    "responsible",
    "referral",
    "case",
    "meeting",
    "facilitat",
    "coordinator",
    "agreement",
    "consent",
    "charity",
    "safe for you",
    "secret",
    "danger",
)
"""What would tell somebody who looks over a shoulder what this is about."""

CANARY = replace(
    HEAD,
    mail_from="office@canary-domain.example",
    service_name="Canary Restorative Justice",
    phone_number="020 7946 0999",
    site_url="https://canary-site.example",
)

EVERY_WORDS = [
    AllowedWords(name_service=named, say_time=timed, leave_voicemail=voicemail)
    for named, timed, voicemail in product((True, False), repeat=3)
]
EVERY_OCCASION = [
    Occasion(purpose, starts_at, told_before)
    for purpose in Purpose
    for starts_at in (None, STARTS)
    for told_before in (None, BEFORE, STARTS)
]


def letters():
    for occasion, words in product(EVERY_OCCASION, EVERY_WORDS):
        yield occasion, words, write_letter(occasion, words, CANARY)


def test_no_letter_gives_away_what_it_is_about() -> None:
    for occasion, words, letter in letters():
        said = f"{letter.subject}\n{letter.text}\n{letter.html}"
        if words.name_service:
            said = said.replace(CANARY.service_name, "").replace(CANARY.site_url, "")
            said = said.replace("/referral/cases", "")
        for denied in DENIED:
            assert denied not in said.casefold(), (occasion, words, denied)


def test_unless_it_may_be_named_nothing_leads_to_the_service() -> None:
    for occasion, words, letter in letters():
        if not words.name_service:
            said = f"{letter.subject}\n{letter.text}\n{letter.html}".casefold()
            assert "canary" not in said, occasion
            assert "0999" not in said, occasion
            assert "http" not in said, occasion
            assert "parley" not in said, occasion


def test_where_it_may_be_named_it_is_named_in_the_letter_and_never_in_the_subject() -> None:
    for occasion, words, letter in letters():
        assert "Canary" not in letter.subject
        if words.name_service:
            assert letter.paragraphs[-1] == CANARY.service_name, occasion


def test_unless_it_may_be_said_no_day_and_no_hour_is_in_a_letter() -> None:
    for occasion, words, letter in letters():
        said = f"{letter.subject}\n{letter.text}\n{letter.html}"
        if not words.say_time:
            assert not re.search(
                r"\d{4}|\dam|\dpm|[A-Z][a-z]+day|midday", said.replace("7946 0999", "")
            )
        if words.say_time and occasion.starts_at and occasion.purpose is Purpose.MEETING_BOOKED:
            assert "Saturday 7 March 2026 at 2:30pm" in said


def test_both_halves_of_a_letter_say_the_same() -> None:
    for occasion, _, letter in letters():
        from_html = re.sub(r"<title>.*</title>|<[^>]+>", "", letter.html)
        words_of = [re.sub(r"\s+", " ", half).strip() for half in (letter.text, from_html)]
        assert words_of[0] == words_of[1], occasion


def test_letters_have_no_gaps_and_no_leftovers() -> None:
    for occasion, _, letter in letters():
        assert letter.paragraphs[0] == "Hello,"
        assert 2 <= len(letter.paragraphs) <= 9
        for paragraph in (letter.subject, *letter.paragraphs):
            assert paragraph == paragraph.strip() != "", occasion
            assert not re.search(r"\{|\}|None|  |\n| ,| \.", paragraph), (occasion, paragraph)


def test_everybody_but_staff_is_reminded_that_they_are_free() -> None:
    for occasion, _, letter in letters():
        free = ("change your mind", "come back to us at any time", "would like to do next")
        if occasion.purpose not in TO_STAFF:
            assert any(one in letter.text for one in free), occasion


def test_staff_are_led_to_their_list_and_told_nothing_else() -> None:
    letter = write_letter(Occasion(Purpose.STAFF_NEW_REFERRAL), OPEN, HEAD)

    assert "https://parley.example/referral/cases" in letter.paragraphs
    assert '<a href="https://parley.example/referral/cases">' in letter.html


def test_what_an_operator_sets_cannot_break_out_of_the_html() -> None:
    head = replace(HEAD, service_name='<b onclick="x">&', site_url='https://x.example/"><script>')

    letter = write_letter(Occasion(Purpose.STAFF_NEW_REFERRAL), OPEN, head)

    assert "<b" not in letter.html.replace("<body", "")
    assert "<script" not in letter.html


# Calls


def scripts():
    for occasion, words, channel in product(EVERY_OCCASION, EVERY_WORDS, Channel):
        yield occasion, words, channel, call_script(channel, occasion, words, CANARY)


def test_what_is_written_by_hand_is_as_neutral_as_a_letter() -> None:
    for occasion, words, channel, script in scripts():
        if channel is not Channel.PHONE and not words.name_service:
            said = " ".join(script.say).casefold()
            assert not [denied for denied in DENIED if denied in said], (occasion, channel)
            assert "canary" not in said


def test_a_machine_hears_nothing_unless_the_person_allowed_it() -> None:
    for _, words, channel, script in scripts():
        if channel is Channel.PHONE:
            advice = " ".join(script.otherwise)
            assert ("You may leave a message" in advice) == words.leave_voicemail
            assert ("Do not leave a message" in advice) != words.leave_voicemail


def test_somebody_else_is_told_nothing_and_the_right_person_is_asked_first() -> None:
    for _, words, channel, script in scripts():
        if channel is Channel.PHONE:
            assert "Is this a good time to talk?" in " ".join(script.first)
            assert "Do not say who you are" in " ".join(script.otherwise)
            assert ("ringing from Canary" in " ".join(script.first)) == words.name_service


def test_a_text_is_the_same_whatever_it_is_about() -> None:
    said = {script.say for _, _, channel, script in scripts() if channel is Channel.TEXT}

    assert said == {(TEXT,)}


def test_nobody_is_told_why_a_meeting_is_off_or_whose_decision_it_was() -> None:
    script = call_script(Channel.PHONE, Occasion(Purpose.MEETING_CANCELLED), OPEN, HEAD)

    assert "(Do not say why, and never whose decision it was.)" in script.say


# Words to avoid


@pytest.mark.parametrize(
    ("avoid", "text", "found"),
    [
        (("meet",), "We are meeting you.", True),
        (("MEET",), "meet", True),
        (("the re",), "there", False),
        (("call me",), "Please call\n  me today", True),
        (("call-me",), "Please call me", True),
        (("Jose",), "José", True),
        (("straße",), "STRASSE", True),
        (("\uff4deet",), "meet", True),
        (("", "  ", "!"), "anything!", False),
        (("absent",), "present", False),
    ],
)
def test_a_word_is_found_in_any_spelling(avoid: tuple[str, ...], text: str, found: bool) -> None:
    assert (word_to_avoid(text, avoid) is not None) == found


@given(st.text(alphabet=st.characters(categories=("L", "Zs")), min_size=1, max_size=20))
def test_a_letter_never_holds_a_word_it_says_it_does_not(word: str) -> None:
    words = NEUTRAL.model_copy(update={"avoid": (word,)})
    letter = write_letter(Occasion(Purpose.MEETING_BOOKED, STARTS), words, HEAD)

    if word.strip() and letter.word_to_avoid(words) is None:
        assert word.strip().casefold() not in letter.text.casefold()


def test_the_address_it_comes_from_is_read_too() -> None:
    words = NEUTRAL.model_copy(update={"avoid": ("canary",)})

    letter = write_letter(Occasion(Purpose.MEETING_BOOKED), words, CANARY)

    assert letter.word_to_avoid(words) == "canary"


# Times


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 3, 3, 14, 30, tzinfo=UTC), "Tuesday 3 March 2026 at 2:30pm"),
        (datetime(2026, 7, 1, 9, 0, tzinfo=UTC), "Wednesday 1 July 2026 at 10am"),
        (datetime(2026, 7, 1, 11, 0, tzinfo=UTC), "Wednesday 1 July 2026 at midday"),
        (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), "Wednesday 1 July 2026 at midnight"),
        (
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            "Sunday 25 October 2026 at 1:30am (before the clocks go back)",
        ),
        (
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            "Sunday 25 October 2026 at 1:30am (after the clocks go back)",
        ),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Sunday 29 March 2026 at 2am"),
        (NOW, "Monday 2 March 2026 at 9am"),
    ],
)
def test_times_are_said_by_londons_clocks(moment: datetime, said: str) -> None:
    assert spoken_time(moment) == said
