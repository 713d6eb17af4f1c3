"""Two people at once: one transaction held open while another tries to do its part."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.plumbing.database import Database, Session

LONG_ENOUGH = 0.4
"""Seconds after which whoever nothing keeps waiting would long be done."""

First = TypeVar("First")
Second = TypeVar("Second")


async def while_held(
    database: Database,
    first: Callable[[Session], Awaitable[First]],
    second: Callable[[], Awaitable[Second]],
) -> tuple[First, Second | BaseException]:
    """Do `first`, and start `second` before it is committed; what each of them came to."""
    async with database.transaction() as session:
        one = await first(session)
        other = asyncio.ensure_future(second())
        await asyncio.sleep(LONG_ENOUGH)
        assert not other.done(), "nothing made it wait"
    (ended,) = await asyncio.gather(other, return_exceptions=True)
    return one, ended
