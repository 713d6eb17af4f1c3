"""Finding out that a stream was lost and made anew, and telling it everything again."""

from typing import Protocol

import structlog
from sqlalchemy import func, select, update

from shared.plumbing.database import Database

log = structlog.get_logger()


class Counting(Protocol):
    """Knows how far a stream has come."""

    async def last_seq(self) -> int:
        """The place of the last event in the stream; raises when that cannot be known."""


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


async def tell_all_again(database: Database) -> None:
    """Let everything wait to be published, in order. What a reader has acted on its inbox knows."""
    outbox = database.schema.tables.outbox
    anew = update(outbox).where(outbox.c.sent_at.is_not(None)).values(sent_at=None, stream_seq=None)
    async with database.transaction() as session:
        await session.execute(anew)
    log.warning("stream_short_all_told_again", service=database.schema.name)
