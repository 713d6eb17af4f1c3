"""`docs/security-tests.md` stays true: what it names exists, and what is numbered is on it."""

import re

from tests.architecture.code import ROOT

PAGE = ROOT / "docs" / "security-tests.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
NUMBERED = re.compile(r"^(?:async )?def (test_(?:a\d\d_)+\w+)", re.MULTILINE)
NUMBERS = {f"A{number:02}" for number in range(1, 36)}


def missing(text: str) -> list[str]:
    """The tests a page names and nobody wrote."""
    return [
        f"{path}::{name}"
        for path, name in NAMED.findall(text)
        if not (ROOT / path).is_file()
        or not re.search(rf"def {name}\(", (ROOT / path).read_text("utf-8"))
    ]


def unlisted(text: str) -> list[str]:
    """The numbers of attacks that a test has and that the page does not list with that file."""
    listed = {(number, path) for number, path in _listed(text)}
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for name in NUMBERED.findall(path.read_text("utf-8")):
            for number in re.findall(r"(?<=_)a(\d\d)(?=_)", name):
                found.add((f"A{number}", path.relative_to(ROOT).as_posix()))
    return sorted(f"{number} in {path}" for number, path in found - listed)


def _listed(text: str):
    number = ""
    for line in text.splitlines():
        if begins := re.match(r"\*\*(A\d\d)\*\* ", line):
            number = begins[1]
        elif line.startswith("#"):
            number = ""
        for path, _ in NAMED.findall(line):
            yield number, path


def test_every_test_the_page_names_exists():
    text = PAGE.read_text("utf-8")

    assert missing(text) == []
    assert len(NAMED.findall(text)) > 50


def test_every_numbered_test_is_on_the_page():
    assert unlisted(PAGE.read_text("utf-8")) == []


def test_the_page_speaks_of_every_attack():
    assert set(re.findall(r"\bA\d\d\b", PAGE.read_text("utf-8"))) == NUMBERS


def test_what_is_not_there_and_what_is_not_listed_is_seen():
    assert missing("`tests/architecture/test_security_tests.py::test_nobody_wrote`")
    assert missing("`tests/no_such_file.py::test_a`")
    assert not missing(
        "`tests/architecture/test_security_tests.py::test_every_numbered_test_is_on_the_page`"
    )
    assert "A25 in tests/deploy/test_guessed_ids.py" in unlisted("")
