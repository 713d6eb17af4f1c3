"""A file ends before 300 lines and a function before 40: past that it is two."""

import ast
import textwrap
from pathlib import Path

import pytest

from tests.architecture.code import ROOMS, functions, named, python_files, tree_of

LONGEST_FILE = 300
LONGEST_FUNCTION = 40

GENERATED = "/migrations/versions/"
"""What a migration does is written by Alembic and read once."""


def long_functions(tree: ast.AST) -> list[str]:
    return [
        f"{function.name} has {lines} lines"
        for function in functions(tree)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    ]


def is_long(text: str) -> bool:
    return len(text.splitlines()) > LONGEST_FILE


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_is_longer_than_300_lines(room):
    assert [named(path) for path in python_files(room) if is_long(path.read_text())] == []


@pytest.mark.parametrize("room", ["services", "shared", "deploy"])
def test_no_function_is_longer_than_40_lines(room):
    found = {
        named(path): long_functions(tree_of(path))
        for path in python_files(room)
        if GENERATED not in named(path)
    }

    assert {path: functions for path, functions in found.items() if functions} == {}


def test_one_line_more_is_seen():
    forty = "async def act():\n" + textwrap.indent("step()\n" * 39, "    ")

    assert long_functions(ast.parse(forty)) == []
    assert long_functions(ast.parse(forty + "    step()\n")) == ["act has 41 lines"]
    assert not is_long("line\n" * 300)
    assert is_long("line\n" * 301)


def test_the_rooms_are_really_read():
    assert {path.parts[len(Path(__file__).parts) - 3] for path in python_files(*ROOMS)} == set(
        ROOMS
    )
