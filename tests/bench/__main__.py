"""`python -m tests.bench`: measure, print the table, keep it; ends in 1 when a bar is missed."""

import argparse
import asyncio
import sys

from shared.plumbing import logs
from shared.plumbing.settings import Settings
from tests.bench import table
from tests.bench.figures import Row
from tests.bench.rows import ROWS, measured
from tests.fixtures import postgres


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rows", default="", help="only these, as in 1,2; all when empty")
    parser.add_argument("--write", action="store_true", help="put the table into docs/bench.md too")
    asked = parser.parse_args()
    numbers = [int(word) for word in asked.rows.split(",") if word.strip()] or list(ROWS)
    unknown = [number for number in numbers if number not in ROWS]
    if unknown:
        parser.error(f"there is no row {unknown[0]}; there are {', '.join(map(str, ROWS))}")
    logs.configure(Settings(log_level="error"))
    return 0 if asyncio.run(_measure(numbers, write=asked.write)) else 1


async def _measure(numbers: list[int], *, write: bool) -> bool:
    server = _postgres()
    rows: list[Row] = []
    where = table.machine(server.what if server else None)
    _say(table.heads())
    try:
        async for row in measured(numbers, server):
            rows.append(row)
            _say(table.line(row))
    finally:
        if server is not None:
            server.stop()
    table.keep(rows, where)
    if write:
        table.write_page(rows, where)
    return all(row.ok for row in rows)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is what it is for


def _postgres() -> postgres.Running | None:
    try:
        return postgres.start()
    except postgres.NotHere as why:
        _say(f"NOT MEASURED: everything on PostgreSQL: {why}")
        return None


if __name__ == "__main__":
    sys.exit(main())
