"""What a row of the table says, and how its figures come about."""

import gc
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Samples = list[float]
Measure = Callable[[], Awaitable[Samples]]
"""One short round: what it took each time, or how many went through in a second."""

MILLISECONDS, PER_SECOND, MEGABYTES, SECONDS = "ms", "/s", "MB", "s"


@dataclass(frozen=True)
class Bar:
    """What the ratio of ours to the limit must reach, or must not pass."""

    kind: Literal["at least", "at most"]
    ratio: float

    def __str__(self) -> str:
        return f"{'≥' if self.kind == 'at least' else '≤'} {self.ratio:g}"

    def is_met(self, ratio: float) -> bool:
        return ratio >= self.ratio if self.kind == "at least" else ratio <= self.ratio


def at_least(ratio: float) -> Bar:
    return Bar("at least", ratio)


def at_most(ratio: float) -> Bar:
    return Bar("at most", ratio)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    path: str
    """Begins with the number of the row in the plan."""
    ours: float
    limit: float
    bar: Bar
    unit: str

    @property
    def ratio(self) -> float:
        return self.ours / self.limit

    @property
    def ok(self) -> bool:
        return self.bar.is_met(self.ratio)

    def written(self) -> dict[str, object]:
        """As it stands in `var/bench.json`."""
        named = asdict(self) | {"bar": str(self.bar), "ratio": round(self.ratio, 3), "ok": self.ok}
        return named | {"ours": round(self.ours, 3), "limit": round(self.limit, 3)}


def percentile(samples: Sequence[float], percent: int) -> float:
    """The sample that so many in a hundred do not pass."""
    ordered = sorted(samples)
    place = -(-len(ordered) * percent // 100)
    return ordered[max(place, 1) - 1]


def median(samples: Sequence[float]) -> float:
    return statistics.median(samples)


async def alternately(rounds: int, ours: Measure, limit: Measure) -> tuple[Samples, Samples]:
    """Every round of both, in turn, so that a machine that slows down slows both.

    The first round of each warms up and is forgotten; who goes first changes each time.
    """
    pooled: tuple[Samples, Samples] = ([], [])
    await ours()
    await limit()
    gc.collect()
    for number in range(rounds):
        both = [(pooled[0], ours), (pooled[1], limit)]
        for samples, measure in both if number % 2 == 0 else reversed(both):
            samples += await measure()
    return pooled
