"""The three things a program cannot work out for itself: the time, a new id, and chance.

Everything that needs one of them is given a `World`, so that a test or a simulation can give
another one, and a seeded run replays identically.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


@dataclass(frozen=True)
class World:
    """Where the time, ids and chance come from."""

    now: Callable[[], datetime]
    """The time now, with its zone, in UTC."""

    new_id: Callable[[], UUID]
    """An id nobody has: UUIDv7, so that rows written together lie together."""

    chance: random.Random
    """For jitter and the like; never for secrets."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


REAL = World(now=_utc_now, new_id=uuid7, chance=random.Random())  # noqa: S311 - not for secrets
