"""The table: on the screen, in `var/bench.json`, and in `docs/bench.md`."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.bench.figures import Row
from tests.fixtures import nats

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "var" / "bench.json"
PAGE = ROOT / "docs" / "bench.md"
BEGIN, END = "<!-- the table begins -->", "<!-- the table ends -->"

WIDTHS = (52, 10, 10, 5, 7, 7)
HEADS = ("path", "ours", "limit", "unit", "ratio", "bar")


def machine(postgres: str | None) -> dict[str, object]:
    """What the figures were measured on, and when."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "python": platform.python_version(),
        "nats_server": nats.version(),
        "postgresql": postgres,
        "load_before": round(os.getloadavg()[0], 1),
    }


def heads() -> str:
    return _line(HEADS, "")


def line(row: Row) -> str:
    """One row, for people."""
    cells = (row.path, _round(row.ours), _round(row.limit), row.unit, f"{row.ratio:.2f}")
    return _line((*cells, str(row.bar)), "" if row.ok else "  missed")


def _line(cells: Sequence[str], after: str) -> str:
    first, *others = zip(cells, WIDTHS, strict=True)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return "".join(padded) + after


def _round(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"


def keep(rows: Sequence[Row], where: dict[str, object], path: Path = KEPT) -> None:
    """Write the figures down for other programs."""
    path.parent.mkdir(exist_ok=True)
    kept = {**where, "rows": [row.written() for row in rows]}
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def write_page(rows: Sequence[Row], where: dict[str, object], page: Path = PAGE) -> None:
    """Put the table into the page, in place of the one before."""
    text = page.read_text()
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    said = (
        f"Measured on {where['date']}: {where['cores']} cores, {where['memory_gb']} GB, Python "
        f"{where['python']}, nats-server {where['nats_server']}, PostgreSQL "
        f"{where['postgresql'] or 'not there'}; load before the run: {where['load_before']}."
    )
    lines = ["| path | ours | limit | unit | ratio | must be |", "|---|---:|---:|---|---:|---|"]
    lines += [
        f"| {row.path} | {_round(row.ours)} | {_round(row.limit)} | {row.unit} | "
        f"{row.ratio:.2f}{'' if row.ok else ' (missed)'} | {row.bar} |"
        for row in rows
    ]
    table = "\n".join(lines)
    page.write_text(f"{before}{BEGIN}\n{said}\n\n{table}\n{END}{after}")
