"""Words that people type: what is tidied, what is refused, and how the refusal is worded.

Usage: `name: Annotated[str, Line(80)]`, `note: Annotated[str, Paragraph(2000)] | None = None`.
"""

import re
import unicodedata
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

JOINERS = {"\u200c", "\u200d"}
"""Zero-width non-joiner and joiner: Persian, Urdu and the Indic scripts need them; so do emoji."""

LOOKS_EMPTY = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
"""Not control or format characters by their category, yet shown as nothing at all."""

LONGEST_STACK_OF_MARKS = 8
"""No script piles more marks on one letter; a longer pile only spills over the lines around it."""

HIDDEN = "Delete the hidden character and type that part again: it may have come with a paste"
SPACES = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def plain_error(words: str) -> PydanticCustomError:
    """An error whose message is fit to show as it stands; `forms.check` shows it unchanged."""
    return PydanticCustomError("plain_words", "{words}", {"words": words})


@dataclass(frozen=True)
class Line:
    """One line of text: at least one character that can be seen, at most `maximum` after NFC."""

    maximum: int

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.read, core_schema.str_schema())

    def read(self, text: str) -> str:
        """The text tidied; raises the error `forms.check` and FastAPI know how to show."""
        return _checked(text, self.maximum)


@dataclass(frozen=True)
class Paragraph(Line):
    """Like `Line`, with line breaks kept as a single newline each."""

    def read(self, text: str) -> str:
        return _checked(LINE_ENDS.sub("\n", text), self.maximum, breaks=True)


def _checked(text: str, maximum: int, *, breaks: bool = False) -> str:
    if any(unicodedata.category(character) == "Cs" for character in text):
        raise plain_error(HIDDEN)
    text = _trimmed(unicodedata.normalize("NFC", SPACES.sub(" ", text)))
    if not text:
        raise PydanticCustomError("missing", "Enter an answer")
    if len(text) > maximum:
        raise plain_error(f"Use {maximum:,} characters or fewer. You have used {len(text):,}")
    marks = 0
    for place, character in enumerate(text):
        if _hidden(text, place) and not (breaks and character == "\n"):
            raise plain_error(HIDDEN)
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks > LONGEST_STACK_OF_MARKS:
            raise plain_error("Take away some of the marks above or below the letters")
    return text


def _trimmed(text: str) -> str:
    """Without space or format characters at either end.

    Phones wrap a copied number in invisible direction marks; at the ends they can mislead nobody.
    """
    start, end = 0, len(text)
    while start < end and _blank(text[start]):
        start += 1
    while end > start and _blank(text[end - 1]) and not _after_virama(text, end - 1):
        end -= 1
    return text[start:end]


def _blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"


def _hidden(text: str, place: int) -> bool:
    character = text[place]
    if character in JOINERS:
        return not _joins(text, place)
    if _is_variation_selector(character):
        return place == 0 or _is_variation_selector(text[place - 1])
    if character in LOOKS_EMPTY or ord(character) & 0xFFFE == 0xFFFE:
        return True
    return unicodedata.category(character) in {"Cc", "Cf", "Co", "Zl", "Zp"}


def _joins(text: str, place: int) -> bool:
    """Whether a joiner stands where writing needs it: inside a word, after a virama, in emoji."""
    if _after_virama(text, place):
        return True
    if place == 0 or place + 1 == len(text):
        return False
    before, after = (unicodedata.category(text[at]) for at in (place - 1, place + 1))
    if before[0] in "LM" and after[0] in "LM":
        return True
    return text[place] == "\u200d" and before in {"So", "Sk", "Mn"} and after == "So"


def _after_virama(text: str, place: int) -> bool:
    return text[place] in JOINERS and place > 0 and unicodedata.combining(text[place - 1]) == 9


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
