"""What health asks: is the database there, is anything parked or unsent, is the bus whole?

Whether the store can be written is asked by `heartbeat.py`.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from shared.plumbing import parked
from shared.plumbing.bus import Bus
from shared.plumbing.database import Database, Session
from shared.plumbing.health import OLD_OUTBOX, PROBE_SECONDS, Ailment, ailment
from shared.plumbing.loops import Loops
from shared.plumbing.metrics import Metrics
from shared.plumbing.outbox import Publisher, is_short, oldest_unsent_age, strangers
from shared.plumbing.sealing import kids


async def probe_store(database: Database, metrics: Metrics) -> Sequence[Ailment]:
    """Look for parked and long unsent events; raises when the database does not answer."""
    async with database.reading() as session:
        waiting_for_a_person = await parked.count(session)
        unknown = await strangers.count(session)  # among them
        age = await oldest_unsent_age(session, session.now()) or timedelta()
        unsent = await _unsent(session)
    metrics.parked.set(waiting_for_a_person)
    metrics.outbox_waiting.set(unsent)
    metrics.outbox_age.set(max(0.0, age.total_seconds()))
    found = []
    if waiting_for_a_person > unknown:
        found.append(ailment("events_parked", str(waiting_for_a_person - unknown)))
    if unknown:
        found.append(ailment("stream_unknown", str(unknown)))
    if age > OLD_OUTBOX:
        found.append(ailment("outbox_old", str(unsent)))
    return found


async def probe_bus(bus: Bus) -> Sequence[Ailment]:
    """Ask the server itself: a connection that looks alive may lead nowhere."""
    return [ailment(code, about) for code, about in await bus.ailments()]


async def probe_loops(loops: Loops) -> Sequence[Ailment]:
    """Which work in the background has only failed for a while?"""
    return [ailment("loop_failing", name) for name in loops.failing()]


async def probe_stream(database: Database, publisher: Publisher) -> Sequence[Ailment]:
    """Has the stream all that was told? Says nothing when a store or the server is away."""
    try:
        async with asyncio.timeout(PROBE_SECONDS / 2):
            short = await is_short(database, publisher)
    except Exception:  # the other probes say what is gone
        return []
    return [ailment("stream_short", database.schema.name)] if short else []


async def probe_keys(database: Database) -> Sequence[Ailment]:
    """Can what is personal be shown and stored? Says nothing when the store is away."""
    try:
        async with asyncio.timeout(PROBE_SECONDS / 2):
            away = await kids.trouble(database)
    except Exception:  # the other probes say what is gone
        return []
    return [ailment(away.code, database.schema.name)] if away else []


async def _unsent(session: Session) -> int:
    outbox = session.schema.tables.outbox
    statement = select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))
    return await session.scalar(statement) or 0
