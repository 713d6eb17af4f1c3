"""`make simulate SEEDS=17` tells one seed's story; `SEEDS=1-5000` runs many on all processors.

`PLANTED=yes` looks for the first seed that finds each mistake planted in the product.
"""

import multiprocessing
import os
import sys
import time

import typer

from tests.simulation import planted, seeds, simulation
from tests.simulation.mutants import MUTANTS
from tests.simulation.simulation import Outcome


def main(text: str) -> int:
    """Run these seeds; 1 when something was not as it must be in any of them."""
    if text == "planted":
        return _planted()
    wanted = list(seeds.read(text))
    if len(wanted) == 1:
        outcome = simulation.run(wanted[0])
        typer.echo(seeds.story(outcome) if outcome.violations else _well(outcome))
        return int(bool(outcome.violations))
    return _many(wanted)


def _well(outcome: Outcome) -> str:
    return "\n".join([*outcome.trace, f"Seed {outcome.seed}: everything is as it must be."])


def _many(wanted: list[int]) -> int:
    began, failed, done = time.monotonic(), 0, 0
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        for outcome in pool.imap_unordered(simulation.run, wanted, chunksize=5):
            done += 1
            if outcome.violations:
                failed += 1
                seeds.keep(outcome)
                typer.echo(f"seed {outcome.seed}: {outcome.violations[0]}")
            if done == len(wanted):
                pool.close()
            if done % 500 == 0:
                typer.echo(f"{done} of {len(wanted)} seeds, {failed} failed")
        pool.join()
    a_minute = 60 * done / (time.monotonic() - began)
    typer.echo(f"{done} seeds, {a_minute:.0f} a minute, {failed} failed")
    return int(bool(failed))


def _planted() -> int:
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        # By its place: a mistake itself cannot be sent to another process.
        seeds_needed = pool.map(planted.first_seed, range(len(MUTANTS)), chunksize=1)
    first = {mutant.name: seed for mutant, seed in zip(MUTANTS, seeds_needed, strict=True)}
    planted.write({name: seed for name, seed in first.items() if seed is not None})
    for name, seed in first.items():
        typer.echo(f"{'never' if seed is None else seed:>5}  {name}")
    return int(None in seeds_needed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "1-1000"))
