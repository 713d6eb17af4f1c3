"""Seeing at little cost that a stream has lost something: it has come less far than was told.

That is enough for a stream that was wiped or lost its end, and is looked at often. What is gone
from the middle only a comparison finds (`reconcile`).
"""

from sqlalchemy import func, select, update

from shared.plumbing.database import Database
from shared.plumbing.outbox.strangers import own_reader
from shared.plumbing.outbox.stream import Counting


async def is_short(database: Database, stream: Counting) -> bool:
    """Whether the stream has come less far than the outbox remembers.

    Every event told has a place of its own, so there are never more of them than places: that
    shows when an emptied stream has already been told something new.
    """
    outbox = database.schema.tables.outbox
    remembered = select(func.max(outbox.c.stream_seq), func.count(outbox.c.stream_seq))
    async with database.reading() as session:  # first: the stream can only grow meanwhile
        furthest, told = (await session.execute(remembered)).one()
    return bool(told) and await stream.last_seq() < max(furthest, told)


async def is_further(database: Database, stream: Counting) -> bool:
    """Whether the stream has come further than the store knows of.

    An event that was just told and is not marked yet looks like that too.
    """
    outbox, parked = database.schema.tables.outbox, database.schema.tables.parked_event
    own = own_reader(database.schema.name)
    told = select(func.max(outbox.c.stream_seq))
    kept = select(func.max(parked.c.stream_seq)).where(parked.c.consumer == own)
    last = await stream.last_seq()  # first: the store can only learn meanwhile
    async with database.reading() as session:
        known = [await session.scalar(told) or 0, await session.scalar(kept) or 0]
    return last > max(known)


async def forget_stale_places(database: Database, stream: Counting) -> None:
    """Forget places beyond the stream's end, once it is known that it holds those events.

    A stream that was put back in another way counts anew, and would be found short for ever.
    """
    if not await is_short(database, stream):
        return
    outbox = database.schema.tables.outbox
    beyond = outbox.c.stream_seq > await stream.last_seq()
    async with database.transaction() as session:
        await session.execute(update(outbox).where(beyond).values(stream_seq=None))
