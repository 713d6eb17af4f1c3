"""A button pressed: by two people at once, or twice by one, it is acted on once."""

from collections.abc import Awaitable, Callable

from services.notifications.domain.message import NotNow
from services.notifications.store.messages import Overtaken
from shared.plumbing.database import Database, Session

CLOSED_TO_THAT = (NotNow, Overtaken)
"""What a page says in a sentence above itself, rather than in its place."""


async def pressed(database: Database, act: Callable[[Session], Awaitable[bool]]) -> bool:
    """Do it; False when it had been done before.

    Whoever was overtaken looks once more: it may have been the same button.
    """
    try:
        async with database.transaction() as session:
            return await act(session)
    except Overtaken:
        async with database.transaction() as session:
            return await act(session)
