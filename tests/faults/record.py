"""What each experiment found, one line of JSON each, and all of a run in one line for its end."""

import json
import os
import platform
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from tests.fixtures import nats
from tests.fixtures.system import ROOT

FILE = ROOT / "var" / "faults.jsonl"

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}-{time.time_ns()}"
"""The same in every process of one run."""


Kind = Literal["experiment", "control", "set back"]


@dataclass(frozen=True)
class Counts:
    """What was promised, and what became of it."""

    accepted: int = 0
    found: int = 0
    doubled: int = 0
    lost: int = 0
    uncertain: int = 0
    faults: int = 0
    """How often something was broken."""


@dataclass(frozen=True)
class Line:
    """One experiment."""

    experiment: str
    seed: int
    counts: Counts
    seconds: float
    kind: Kind = "experiment"
    """A control leaves a protection out, and has to lose or double something; a store that is set
    back has to lose what it cannot know."""
    broken: int = 0
    """How many sentences about it are not true."""
    run: str = RUN
    versions: dict[str, str] = field(default_factory=lambda: versions())


def versions() -> dict[str, str]:
    """Of everything that takes part in keeping a promise."""
    ours = {name: version(name) for name in ("parley", "faststream", "nats-py", "sqlalchemy")}
    return {
        "python": platform.python_version(),
        "nats-server": nats.version(),
        "sqlite": sqlite3.sqlite_version,
        **ours,
    }


def keep(line: Line, file: Path = FILE) -> None:
    """Add a line; processes of one run write to the same file, so it goes in one piece."""
    flat = asdict(line)
    written = json.dumps(flat.pop("counts") | flat)
    file.parent.mkdir(exist_ok=True)
    with file.open("a") as lines:
        lines.write(written + "\n")


def kept(run: str = RUN, file: Path = FILE) -> list[dict[str, Any]]:
    """The lines of one run."""
    if not file.exists():
        return []
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return [line for line in lines if line["run"] == run]


def summary(lines: Iterable[dict[str, Any]]) -> str:
    """One line: the experiments together, and what was to lose something beside them."""
    lines = list(lines)
    real = [line for line in lines if line["kind"] == "experiment"]
    total = {name: sum(line[name] for line in real) for name in Counts.__annotations__}
    said = (
        f"experiments: {len(real)}, faults: {total['faults']}, referrals or writes accepted: "
        f"{total['accepted']}, lost: {total['lost']}, doubled: {total['doubled']}, letters "
        f"uncertain: {total['uncertain']}"
    )
    others = [
        f"{line['experiment']}: {line['lost']} lost, {line['doubled']} doubled"
        for line in sorted(lines, key=lambda line: line["kind"])
        if line["kind"] != "experiment"
    ]
    return "; ".join([said, *others])
