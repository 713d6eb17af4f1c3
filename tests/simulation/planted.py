"""Which seed finds which planted mistake: known from the last time somebody looked for all."""

from pathlib import Path

from tests.simulation import simulation
from tests.simulation.mutants import MUTANTS
from tests.simulation.mutants.planting import Mutant

SEEDS = 100
"""So many seeds have to be enough."""

KNOWN = Path(__file__).with_name("planted.txt")

HEADING = (
    "# The first seed that finds each planted mistake. `make simulate PLANTED=yes` writes it anew."
)


def known() -> dict[str, int]:
    """The first seed that found each mistake, by the mistake's name."""
    lines = (line.partition("#")[0].split(maxsplit=1) for line in KNOWN.read_text().splitlines())
    return {name.strip(): int(seed) for seed, name in filter(None, lines)}


def write(first: dict[str, int]) -> None:
    lines = [f"{seed:3}  {name}" for name, seed in sorted(first.items())]
    KNOWN.write_text("\n".join([HEADING, *lines, ""]))


def found_by(mutant: Mutant, seed: int) -> list[str]:
    """The invariants that one seed shows broken when the mistake is in the product."""
    simulation.beginning()  # which is made without the mistake
    with mutant.plant():
        violations = simulation.run(seed).violations
    return list(dict.fromkeys(one.invariant for one in violations))


def first_seed(place: int) -> int | None:
    """The first seed that finds the mistake in this place of the list; None when none does."""
    simulation.beginning()
    with MUTANTS[place].plant():
        seeds = range(1, SEEDS + 1)
        return next((seed for seed in seeds if simulation.run(seed).violations), None)
