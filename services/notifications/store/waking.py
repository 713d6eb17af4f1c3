"""Wakes the sender at the commit that gave it something to do, in whichever process it leads."""

import asyncio
from weakref import WeakKeyDictionary

from sqlalchemy import func, select

from shared.plumbing.database import Database, Session

CHANNEL = "sender_notifications"
"""The PostgreSQL channel on which the leading sender is woken."""

_BELLS: WeakKeyDictionary[Database, asyncio.Event] = WeakKeyDictionary()


def bell(database: Database) -> asyncio.Event:
    """Set after each commit on this store, by this process, that made a message due."""
    return _BELLS.setdefault(database, asyncio.Event())


async def wake(session: Session) -> None:
    """Ring once this transaction is durable; never if it is rolled back."""
    if session.database.dialect == "postgresql":
        await session.execute(select(func.pg_notify(CHANNEL, "")))
    session.after_commit(bell(session.database).set)
