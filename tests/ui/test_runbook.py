"""What the runbook tells somebody to open, choose or press is there under that name."""

import re
from pathlib import Path

import pytest

from shared.ui.pages import MAILBOX, STAFF_PLACES

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs/runbook.md").read_text()
TEMPLATES = [path for room in ("services", "shared") for path in (ROOT / room).rglob("*.html")]

TO_OPEN = re.compile(r"\*\*(.+?)\*\*", re.S)
"""In bold: a part of Parley, or a link or button on a page."""

TO_PRESS = re.compile(r"(?:Set|then|only then)\s+\*([^*]+)\*", re.S)
"""In italics after one of these words: a button, or the mark it leaves."""

PRESSED = (
    re.compile(r"\blink\(\"([^\"]+)\""),
    re.compile(r"\bsubmit\(\"([^\"]+)\""),
    re.compile(r"\bstatus_tag\(\"([^\"]+)\""),
    re.compile(r"\"text\": \"([^\"]+)\""),
    re.compile(r"<(?:a|button)\b[^>]*>\s*([^<{]+)"),
)


def on_pages() -> set[str]:
    """The words of every link, button and tag, and of the parts of Parley."""
    found = {place.text for place in (*STAFF_PLACES, MAILBOX)}
    for path in TEMPLATES:
        text = path.read_text()
        found |= {match[1].strip() for pattern in PRESSED for match in pattern.finditer(text)}
    return found


def named_in(text: str) -> list[str]:
    """Everything a text says to open, choose or press, each once."""
    quoted = [*TO_OPEN.findall(text), *TO_PRESS.findall(text)]
    return list(dict.fromkeys(" ".join(one.split()) for one in quoted))


def is_there(name: str) -> bool:
    """A runbook may say the first words only: **Calls** for "Calls and letters to do by hand"."""
    return any(words == name or words.startswith(f"{name} ") for words in on_pages())


@pytest.mark.parametrize("name", named_in(RUNBOOK))
def test_what_the_runbook_says_to_press_is_on_a_page(name: str):
    assert is_there(name)


def test_the_runbook_is_really_read():
    named = named_in(RUNBOOK)

    assert {"Messages", "Try again", "They do not want to be contacted"} <= set(named)
    assert not is_there("Try once more")
    assert not is_there("Call")
