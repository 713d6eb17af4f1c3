"""What docs/guarantees.md says is shown by a test is shown by a test."""

import re
from pathlib import Path

from tests.fixtures.system import ROOT

EXPERIMENTS = (
    "kills",
    "crash_points",
    "outages",
    "lost_streams",
    "power_cuts",
    "older_stores",
    "controls",
)

PAGE = ROOT / "docs/guarantees.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LOOSE = re.compile(r"`(tests/[\w/.:]+)`")


def cases_of(path: Path) -> set[str]:
    return set(re.findall(r"^(?:async )?def (test_\w+)\(", path.read_text(), re.MULTILINE))


def missing(page: str) -> list[str]:
    """The tests a page names that do not exist."""
    return [
        f"{file}::{test}"
        for file, test in NAMED.findall(page)
        if not (ROOT / file).is_file() or test not in cases_of(ROOT / file)
    ]


def test_every_test_the_guarantees_name_exists():
    assert missing(PAGE.read_text()) == []
    assert len(NAMED.findall(PAGE.read_text())) > 20


def test_whatever_else_looks_like_a_test_there_is_a_room():
    named = {f"{file}::{test}" for file, test in NAMED.findall(PAGE.read_text())}
    loose = [one for one in LOOSE.findall(PAGE.read_text()) if one not in named]

    assert [one for one in loose if not (ROOT / one).is_dir()] == []


def test_every_experiment_is_on_the_page():
    there = {
        f"tests/faults/test_{name}.py::{test}"
        for name in EXPERIMENTS
        for test in cases_of(Path(__file__).with_name(f"test_{name}.py"))
    }
    named = {f"{file}::{test}" for file, test in NAMED.findall(PAGE.read_text())}

    assert there - named == set()


def test_a_test_that_does_not_exist_is_seen():
    assert missing("`tests/faults/test_guarantees.py::test_of_nothing`") != []
    assert missing("`tests/faults/test_of_nothing.py::test_of_nothing`") != []
