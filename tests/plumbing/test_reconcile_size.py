"""A comparison remembers a few numbers for each day, however many events there are."""

import asyncio
import tracemalloc
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from shared.plumbing.envelope import to_headers
from tests.plumbing.house import BAKERY, BreadBaked, around, baked
from tests.plumbing.mischief import a_bakery, loose

MANY = 50_000
AT_ONCE = 100


async def test_fifty_thousand_events_are_compared_in_little_memory(nats_server, sqlite_store):
    """Told in a year; their ids alone would take five times the memory."""
    store = await sqlite_store(BAKERY)
    async with a_bakery(nats_server, store) as bakery:
        await bakery.jetstream.delete_stream("bakery")
        await bakery.jetstream.add_stream(loose().evolve(storage="memory"))
        await fill(bakery, MANY)

        tracemalloc.start()
        try:
            report = await bakery.reconciler.reconcile()
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert (report.is_equal, report.told) == (True, MANY)
        assert most < 4 * 2**20


async def fill(bakery, how_many):
    """As if so many events had been told, evenly over a year."""
    began = datetime(2025, 1, 1, tzinfo=UTC)
    rows = []
    for number in range(0, how_many, AT_ONCE):
        told = []
        for one in range(number, number + AT_ONCE):
            fact = baked(one)
            envelope = around(fact, time=began + one * timedelta(days=365) / how_many)
            told.append((fact.model_dump_json().encode(), envelope))
        await asyncio.gather(*(tell(bakery, *one) for one in told))
        rows += [row_of(*one) for one in told]
    async with bakery.store.transaction() as session:
        await session.execute(insert(bakery.store.schema.tables.outbox), rows)


async def tell(bakery, body, envelope):
    await bakery.jetstream.publish(BreadBaked.subject, body, headers=to_headers(envelope))


def row_of(body, envelope):
    return {
        "event_id": envelope.id,
        "source": "bakery",
        "subject": BreadBaked.subject,
        "aggregate_id": envelope.subject,
        "version": 1,
        "recorded_at": envelope.time,
        "correlation": envelope.id,
        "body": body,
        "sent_at": envelope.time,
    }
