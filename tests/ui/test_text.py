"""What people type: tidied where that is harmless, refused in words where it could mislead."""

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from shared.ui.text import HIDDEN, Line, Paragraph, plain_error


class Note(BaseModel):
    line: Annotated[str, Line(20)] = "."
    paragraph: Annotated[str, Paragraph(40)] = "."


def refusal(**text: str) -> str:
    with pytest.raises(ValidationError) as refused:
        Note(**text)
    return refused.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  José  ", "José"),
        ("Jose\u0301", "Jos\u00e9"),
        ("Anne\u00a0Marie", "Anne Marie"),
        ("Anne\tMarie", "Anne Marie"),
        ("\u202a07400 123456\u202c", "07400 123456"),
        ("\ufeffO\u2019Brien", "O\u2019Brien"),
        ("مریم\u200cپور", "مریم\u200cپور"),
        ("ශ්\u200dරී", "ශ්\u200dරී"),
        ("ক\u09cd\u200d", "ক\u09cd\u200d"),
        ("Đặng Thị Ngọc", "Đặng Thị Ngọc"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("<b>{{ 7*7 }}</b>", "<b>{{ 7*7 }}</b>"),
    ],
)
def test_a_line_is_tidied_and_names_of_every_script_are_kept(typed: str, kept: str):
    assert Note(line=typed).line == kept


@pytest.mark.parametrize(
    "typed",
    [
        "a\x00b",
        "a\nb",
        "a\r\nb",
        "a\x1fb",
        "a\x85b",
        "a\u2028b",
        "a\u200bb",
        "a\u2060b",
        "a\u00adb",
        "a\u202eb",
        "a\u2066b",
        "a\u200fb",
        "a\u200d b",
        "a\ue000b",
        "a\uffffb",
        "a\U000e0041b",
        "a\u3164b",
        "a\ufe0f\ufe0fb",
    ],
    ids=lambda typed: f"U+{ord(typed[1]):04X}",
)
def test_characters_that_cannot_be_seen_are_refused_in_words(typed: str):
    assert refusal(line=typed) == HIDDEN


def test_a_lone_surrogate_is_refused():
    with pytest.raises(ValidationError):
        Note(line="a\ud800b")


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u200b", "\u3164", "\ufeff \u00a0"])
def test_nothing_that_can_be_seen_is_no_answer(typed: str):
    with pytest.raises(ValidationError):
        Note(line=typed)


def test_the_length_is_counted_after_the_text_is_tidied():
    assert Note(line=" " + "e\u0301" * 20 + " ").line == "é" * 20
    assert refusal(line="x" * 21) == "Use 20 characters or fewer. You have used 21"


def test_a_pile_of_marks_is_refused():
    assert "marks" in refusal(line="a" + "\u0336" * 9)


def test_a_paragraph_keeps_its_lines():
    assert Note(paragraph="one\r\ntwo\rthree\u2028four\n").paragraph == "one\ntwo\nthree\nfour"
    assert refusal(paragraph="one\x00two") == HIDDEN


def test_an_error_in_plain_words_is_shown_as_it_stands():
    assert plain_error("Say {which} one").message() == "Say {which} one"


@given(st.text(max_size=60))
def test_what_is_kept_stays_as_it_is_when_it_is_read_again(typed: str):
    for kind in (Line(60), Paragraph(60)):
        try:
            kept = kind.read(typed)
        except ValueError:
            continue
        assert kind.read(kept) == kept
        assert kept.strip() == kept
        assert "\x00" not in kept
        kept.encode()
