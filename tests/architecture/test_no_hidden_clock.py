"""Time, ids and chance come from outside, so that a seeded run goes the same way twice.

The domain takes them as arguments; edges get them from `session.now()`, `session.new_id()` or the
`World`, which is the one place where they are really made.
"""

import ast

import pytest

from tests.architecture.code import named, python_files, tree_of

MADE_HERE = "shared/plumbing/world.py"

CLOCKS = {"now", "utcnow", "today"}
ASKED_OF = {"datetime", "date", "dt"}
MINTED = {"uuid1", "uuid4", "uuid6", "uuid7", "uuid8", "getrandbits"}
TIMERS = {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter"}
CHANCE = {"random", "secrets"}
SECRETS = {"urandom", "token_bytes", "token_hex", "token_urlsafe"}

INNER_ROOMS = {"domain", "actions", "store"}
"""Where not even a timer may run, and no secret is made: outside, one must never come again."""


def hidden(tree: ast.AST, *, inner: bool) -> list[str]:
    """What in this code makes a time, an id or chance by itself."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found += _imported(node, inner=inner)
        elif isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value).rpartition(".")[2]
            forbidden = MINTED | SECRETS if inner else MINTED
            if node.attr in forbidden or (node.attr in CLOCKS and owner in ASKED_OF):
                found.append(f"line {node.lineno}: {owner}.{node.attr}")
    return found


def _imported(node: ast.Import | ast.ImportFrom, *, inner: bool) -> list[str]:
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    names = {alias.name for alias in node.names}
    forbidden = names & MINTED
    if inner:
        forbidden |= names & (CHANCE | {"time"}) if not module else set()
        forbidden |= names & TIMERS if module == "time" else set()
        forbidden |= names if module in CHANCE else set()
    return [f"line {node.lineno}: {name}" for name in sorted(forbidden)]


def is_inner(path: str) -> bool:
    parts = path.removesuffix(".py").split("/")
    return parts[0] == "services" and len(parts) > 2 and parts[2] in INNER_ROOMS


@pytest.mark.parametrize("room", ["services", "shared", "deploy"])
def test_nothing_makes_a_time_an_id_or_chance_by_itself(room):
    found = {
        named(path): hidden(tree_of(path), inner=is_inner(named(path)))
        for path in python_files(room)
        if named(path) != MADE_HERE
    }

    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "from datetime import datetime\nx = datetime.now(UTC)",
        "import datetime as dt\nx = dt.datetime.now()",
        "from datetime import date\nx = date.today()",
        "from uuid import uuid4",
        "import uuid\nx = uuid.uuid4()",
        "from uuid_utils.compat import uuid7",
        "from pydantic import Field\nx = Field(default_factory=uuid.uuid4)",
    ],
)
def test_a_planted_clock_is_seen_in_every_room(planted):
    assert hidden(ast.parse(planted), inner=False) != []


@pytest.mark.parametrize(
    "planted",
    [
        "import random",
        "import time",
        "from time import monotonic",
        "from random import choice",
        "import os\nx = os.urandom(4)",
    ],
)
def test_chance_and_timers_are_seen_where_rules_are_made(planted):
    assert hidden(ast.parse(planted), inner=True) != []
    assert hidden(ast.parse(planted), inner=False) == []


def test_asking_the_session_is_how_it_is_done():
    usual = "from datetime import time\nnow = session.now()\nnew = session.new_id()\nt = time(9)"

    assert hidden(ast.parse(usual), inner=True) == []
    assert is_inner("services/referral/domain/intake.py")
    assert is_inner("services/referral/store.py")
    assert not is_inner("services/referral/routes/intake.py")
