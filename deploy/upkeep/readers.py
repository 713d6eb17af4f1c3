"""Does each reader remember what it has acknowledged? One put back from an older copy does not.

It would never notice by itself: the server hands over no event twice that was acknowledged.
"""

from sqlalchemy import select, union_all

from deploy.parts import blueprints, hearings
from deploy.upkeep.finding import Finding, look, well
from deploy.upkeep.where import Where
from shared.plumbing import topology
from shared.plumbing.database import Database
from shared.plumbing.hearing import durable_name
from shared.plumbing.outbox import Stored
from shared.plumbing.parked import event_key


async def examine(where: Where) -> list[Finding]:
    """What to say of the readers whose stores and consumers are there. Raises CannotStart."""
    parts = blueprints()
    forgetful: list[Finding] = []
    async with where.nats() as client:
        for reader, hearing in hearings(parts).items():
            if not where.has_store(reader):
                continue
            async with where.store(parts[reader]) as store:
                for teller in hearing.heard:
                    last = await topology.last_acknowledged(client, reader, teller)
                    consumer = durable_name(reader, teller)
                    if last is not None and not await _remembers(store, consumer, last):
                        forgetful.append(_forgot(reader, teller))
    return forgetful or [well("Every reader remembers what it has acknowledged.")]


async def _remembers(store: Database, consumer: str, event: Stored) -> bool:
    inbox, parked = store.schema.tables.inbox, store.schema.tables.parked_event
    key = event_key(event.headers, event.body, event.seq)
    set_aside = select(parked.c.consumer).where(
        parked.c.consumer == consumer, parked.c.event_key == key
    )
    known = set_aside
    if event.event_id is not None:
        acted_on = select(inbox.c.consumer).where(
            inbox.c.consumer == consumer, inbox.c.event_id == event.event_id
        )
        known = union_all(acted_on, set_aside)  # type: ignore[assignment]
    async with store.reading() as session:
        return (await session.execute(known.limit(1))).first() is not None


def _forgot(reader: str, teller: str) -> Finding:
    return look(
        f"{reader} has acknowledged an event of {teller} that its store does not know: the store "
        "was put back from an older copy. The runbook says how it hears again what it missed."
    )
