"""How far each consumer has come, read from the store of the service that reads with it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from shared.plumbing.database import Database
from shared.plumbing.hearing import durable_name


@dataclass(frozen=True)
class Place:
    """The furthest event a consumer has acted on.

    The number alone proves nothing: a rebuilt stream counts anew. With the id it can be checked.
    """

    stream_seq: int
    event_id: UUID


Places = Callable[[str, str], Awaitable[Place | None]]
"""Given a reader and a teller: how far the one has come in what the other told."""


def places_in(stores: Mapping[str, Database]) -> Places:
    """Places read from each service's own store; None for a service that is not among them."""

    async def place(reader: str, teller: str) -> Place | None:
        store = stores.get(reader)
        if store is None:
            return None
        inbox = store.schema.tables.inbox
        furthest = (
            select(inbox.c.stream_seq, inbox.c.event_id)
            .where(
                inbox.c.consumer == durable_name(reader, teller), inbox.c.stream_seq.is_not(None)
            )
            .order_by(inbox.c.stream_seq.desc())
            .limit(1)
        )
        async with store.reading() as session:
            row = (await session.execute(furthest)).first()
        return None if row is None else Place(row.stream_seq, row.event_id)

    return place
