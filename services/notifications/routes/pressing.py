"""A button pressed: by two people at once, or twice by one, it is acted on once."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from services.notifications.domain.message import NotNow
from services.notifications.store.messages import Overtaken
from shared.plumbing.database import Session

OpenOne = Callable[[], AbstractAsyncContextManager[Session]]
"""Opens a transaction that knows who pressed."""

CLOSED_TO_THAT = (NotNow, Overtaken)
"""What a page says in a sentence above itself, rather than in its place."""


async def pressed(open_one: OpenOne, act: Callable[[Session], Awaitable[bool]]) -> bool:
    """Do it; False when it had been done before.

    Whoever was overtaken looks once more: it may have been the same button.
    """
    try:
        async with open_one() as session:
            return await act(session)
    except Overtaken:
        async with open_one() as session:
            return await act(session)
