"""Time that goes by only when the simulation lets it, for the services and for asyncio alike."""

import asyncio
import math
import selectors
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from tests.fixtures.clock import FixedWorld

T = TypeVar("T")


class NothingWillHappen(Exception):
    """Everybody waits for somebody else: in real life this would hang for ever."""


class _NoWaiting(selectors.SelectSelector):
    """Waits for nothing: the clock is moved to the moment the loop wanted to sleep to."""

    def __init__(self, world: FixedWorld) -> None:
        super().__init__()
        self._world = world

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise NothingWillHappen
        if timeout > 0:
            self._world.advance(timedelta(microseconds=math.ceil(timeout * 1_000_000)))
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop without input, output or threads, whose clock is the world's."""

    def __init__(self, world: FixedWorld) -> None:
        super().__init__(_NoWaiting(world))
        self._world = world
        self._began = world.now()

    def time(self) -> float:
        return (self._world.now() - self._began) / timedelta(seconds=1)


def run(world: FixedWorld, work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end in virtual time."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(world)) as runner:
        return runner.run(work)
