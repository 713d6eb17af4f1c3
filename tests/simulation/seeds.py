"""Which seeds are run, and what is said of one that shows a mistake."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.simulation import simulation
from tests.simulation.invariants import INVARIANTS
from tests.simulation.simulation import Outcome

KEPT = Path(__file__).with_name("seeds.txt")
"""Seeds that once showed a mistake: they are always run."""

EVERY_TIME = 1000
"""Seeds 1 to this are run with every run of the tests; `make simulate` runs as many as you like."""

SENTENCES = {one.name: one.sentence for one in INVARIANTS}


def kept() -> list[int]:
    lines = (line.partition("#")[0].strip() for line in KEPT.read_text().splitlines())
    return [int(line) for line in lines if line]


def read(text: str) -> Iterator[int]:
    """Seeds as people write them: `17`, `1-5000`, `3,17,90-95`."""
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        yield from range(int(first), int(last or first) + 1)


def failing(seeds: Iterable[int]) -> list[Outcome]:
    """Run them; what became of those in which something was not as it must be."""
    return [outcome for outcome in map(simulation.run, seeds) if outcome.violations]


def story(outcome: Outcome) -> str:
    """What happened in a seed, what is wrong with it, and what to do now."""
    wrong = [
        f"{violation}\n    ({SENTENCES.get(violation.invariant, 'it fell over')})"
        for violation in outcome.violations[:20]
    ]
    return "\n".join(
        [
            f"Seed {outcome.seed}:",
            *outcome.trace,
            f"What is wrong after seed {outcome.seed}:",
            *wrong,
            f"Replay it with `make simulate SEEDS={outcome.seed}`. Once it is understood, keep it: "
            f"write {outcome.seed} and a word of why into tests/simulation/{KEPT.name}.",
        ]
    )


def keep(outcome: Outcome) -> None:
    """On a developer's machine a seed that fails is written down at once."""
    if os.environ.get("CI") or outcome.seed in kept():
        return
    with KEPT.open("a") as file:
        file.write(f"{outcome.seed}  # {outcome.violations[0].invariant}\n")
