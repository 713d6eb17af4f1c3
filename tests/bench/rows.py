"""Every row there is, by its number in the plan."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.bench import hearing, listing, mailing, posting, rebuilding, resting, sealing, telling
from tests.bench.figures import Row
from tests.bench.ground import a_ground
from tests.fixtures import postgres

Measuring = Callable[..., Awaitable[list[Row]]]


@dataclass(frozen=True)
class Path:
    """How one row is measured, and how to see quickly that it can be."""

    measure: Measuring
    briefly: dict[str, Any]
    """Counts that prove nothing and take a moment."""


ROWS: dict[int, Path] = {
    1: Path(telling.rows, {"rounds": 1, "events": 3}),
    2: Path(hearing.rows, {"rounds": 1, "events": 3}),
    3: Path(rebuilding.rows, {"rounds": 1, "events": 20}),
    4: Path(posting.rows, {"rounds": 1, "posts": 2}),
    5: Path(mailing.rows, {"rounds": 1, "letters": 2, "rushes": 1, "each": 1}),
    6: Path(listing.rows, {"rounds": 1, "visits": 1, "few": 200, "many": 400}),
    7: Path(resting.rows, {"starts": 1, "rest": 0.0}),
    8: Path(sealing.rows, {"rounds": 1, "posts": 2, "visits": 1, "rewrapped": 600}),
}


async def measured(
    numbers: list[int], server: postgres.Running | None, *, briefly: bool = False
) -> AsyncIterator[Row]:
    """The rows with these numbers, each on a ground of its own."""
    for number in numbers:
        path = ROWS[number]
        async with a_ground(server) as ground:
            for row in await path.measure(ground, **(path.briefly if briefly else {})):
                yield row
