"""The code as the guards read it: files and syntax trees, without running any of it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("services", "shared", "deploy", "tests")


def python_files(*rooms: str) -> list[Path]:
    """Every Python file of these rooms; nothing of what other tools made or left behind."""
    return sorted(
        path
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if not {"__pycache__", "node_modules"} & set(path.parts)
    )


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
