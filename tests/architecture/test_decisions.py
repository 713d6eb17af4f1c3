"""Every decision fits on a screen, can be quoted, and names tests that exist."""

import re

import pytest

from tests.architecture.code import ROOT

FOLDER = ROOT / "docs/decisions"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))
PARTS = ["Context", "Decision", "Consequences", "Instead of", "Kept true by"]
ONE_SCREEN = 50
GUARD = re.compile(r"`(tests/[\w/]+\.py)`")

named_after_file = pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)


@named_after_file
def test_a_decision_has_all_its_parts_on_one_screen(path):
    text = path.read_text()

    assert re.match(rf"# {path.stem[:4]} .+\n\nAccepted, \d+ \w+ \d{{4}}\n", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    assert len(text.splitlines()) <= ONE_SCREEN


@named_after_file
def test_a_decision_is_one_sentence_to_quote(path):
    said = path.read_text().partition("## Decision\n")[2].partition("\n## ")[0].strip()

    assert re.fullmatch(r"\*\*((?!\. )[^*])+\.\*\*", said), said


@named_after_file
def test_a_decision_names_the_tests_that_keep_it_true(path):
    guards = GUARD.findall(path.read_text().partition("## Kept true by\n")[2])

    assert guards
    assert [guard for guard in guards if not (ROOT / guard).is_file()] == []


def test_the_index_lists_every_decision_in_its_own_words():
    index = (FOLDER / "README.md").read_text()

    for path in DECISIONS:
        sentence = path.read_text().partition("\n**")[2].partition("**\n")[0]
        title = path.read_text().splitlines()[0].removeprefix(f"# {path.stem[:4]} ")
        assert f"| [{path.stem[:4]}]({path.name}) | {title} | {sentence} |" in index


def test_the_numbers_have_no_gap():
    assert [int(path.stem[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
