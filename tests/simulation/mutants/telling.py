"""Mistakes in how facts get from a store into a stream."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from shared.contracts.fact import Fact
from shared.plumbing import envelope, outbox
from shared.plumbing.database import Database, Session
from shared.plumbing.outbox import relay
from shared.plumbing.outbox.reconcile import Reconciler, Report
from shared.plumbing.outbox.relay import PublishFailed, Relay
from shared.plumbing.own_stream import OwnStream
from tests.simulation.faults import acting
from tests.simulation.mutants.planting import mutant

_record = outbox.record
_transaction = Database.transaction
_publish = OwnStream.publish


async def _record_and_publish(session: Session, fact: Fact, *, version: int) -> UUID:
    """Tell the stream at once, whether or not the change is ever stored."""
    event_id = await _record(session, fact, version=version)
    table = session.schema.tables.outbox
    row = (await session.execute(table.select().where(table.c.event_id == event_id))).one()
    headers = envelope.to_headers(relay._envelope_of(row))
    try:
        await acting.get().bus.publisher.publish(row.subject, row.body, headers)
    except Exception:
        return event_id
    return event_id


async def _record_later(session: Session, fact: Fact, *, version: int) -> None:
    session.info.setdefault("later", []).append((fact, version))


@asynccontextmanager
async def _transaction_then_facts(self: Database) -> AsyncIterator[Session]:
    async with _transaction(self) as session:
        yield session
    if later := session.info.pop("later", []):
        async with _transaction(self) as another:
            another.envelope = session.envelope
            for fact, version in later:
                await _record(another, fact, version=version)


async def _mark_first(self: Relay, rows: Sequence[Any]) -> int:
    await self._mark({row.id: place for place, row in enumerate(rows, 1)})
    places: dict[int, int] = {}
    refused = await self._publish_each(rows, places)
    if refused is not None:
        raise refused
    return len(rows)


async def _without_acknowledgement(self: OwnStream, subject: str, body: bytes, headers: Any) -> int:
    try:
        return await _publish(self, subject, body, headers)
    except Exception:
        return 1


async def _compare_nothing(self: Reconciler, **_: object) -> Report:
    return Report(self._database.schema.name, 0)


async def _never_short(*_: object) -> bool:
    return False


async def _skip_what_fails(self: Relay, rows: Sequence[Any], places: dict[int, int]) -> None:
    """Go on with the next event when one is not taken."""
    for row in rows:
        try:
            places[row.id] = await self._publish(row)
        except PublishFailed:
            continue


MUTANTS = (
    mutant("tell before the commit", (outbox, "record", _record_and_publish)),
    mutant(
        "tell in another transaction",
        (outbox, "record", _record_later),
        (Database, "transaction", _transaction_then_facts),
    ),
    mutant("mark as told before telling", (Relay, "_publish_run", _mark_first)),
    mutant("told without being taken", (OwnStream, "publish", _without_acknowledgement)),
    mutant("overtake an event that was refused", (Relay, "_publish_each", _skip_what_fails)),
    mutant(
        "never compare with the stream",
        (Reconciler, "reconcile", _compare_nothing),
        (relay, "is_short", _never_short),
    ),
)
