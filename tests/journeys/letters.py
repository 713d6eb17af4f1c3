"""What the journeys ask of mail: that it came, how much of it, and that it gives nothing away."""

import re
from collections.abc import Iterable

from tests.fixtures.mail import Letter
from tests.fixtures.patience import LONG, eventually
from tests.fixtures.system import System

COORDINATOR = "coordinator@parley.example"
FACILITATOR = "facilitator.one@parley.example"

RECEIVED = ACCEPTED = DECLINED = "A message for you"
APPOINTMENT = "About your appointment"
DIARY = "A change in your diary"
NEW_REFERRAL = "Something new is waiting for you"

GIVES_AWAY = (
    "restorative",
    "mediation",
    "victim",
    "harm",
    "offend",
    "crime",
    "police",
    "neighbour",
    "dispute",
    "complain",
    "noise",
)
"""Words that would tell whoever looks over a shoulder what a message is about."""

PLACES = ("Riverside", "community hall", "Northfields", "Online meeting", "Our office")
OURS = ("Parley", "020 7946 0123", "127.0.0.1")


def letters_to(system: System, address: str, count: int) -> list[Letter]:
    """Everything that came to this address, which must be just so much."""
    # A permit nobody answered in time, on a busy machine, is asked for again some seconds later.
    eventually(lambda: len(system.letters(address)) >= count, LONG)
    system.rest()
    found = system.letters(address)
    assert len(found) == count, [letter.message["Subject"] for letter in found]
    return found


def letter_saying(system: System, address: str, words: str) -> Letter:
    """The one letter to this address that says so; for colleagues, who get many."""
    system.rest()
    [found] = [letter for letter in system.letters(address) if words in letter.text]
    return found


def assert_neutral(letter: Letter, *people: str) -> None:
    """Whoever else reads it learns nothing: not who, not where, not what about."""
    assert letter.message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.message.iter_parts()] == [
        "text/plain",
        "text/html",
    ]
    names = [name for person in people for name in person.split()]
    headers = " ".join(f"{key}: {value}" for key, value in letter.message.items() if key != "To")
    for text in (headers, letter.text, letter.html):
        without_address = text.replace(letter.to, "")
        assert words_in(without_address, (*GIVES_AWAY, *PLACES)) == []
        assert [name for name in names if re.search(rf"\b{name}\b", without_address)] == []


def words_in(text: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word.lower() in text.lower()]
