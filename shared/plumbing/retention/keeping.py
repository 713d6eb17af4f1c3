"""What a service keeps for how long: how to find what is over, what holds it, how it goes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.engine import CursorResult

from shared.contracts.retention import RecordClass
from shared.plumbing.audit import Entry, Verb
from shared.plumbing.database import Schema, Session
from shared.plumbing.parked import State


async def _no_lock(_session: Session, _subject_id: UUID) -> None:
    return


@dataclass(frozen=True)
class Keeping:
    """The records of one class in one store, each known by an id."""

    record_class: RecordClass
    over: Callable[[datetime], Select[Any]]
    """The ids, as the one column `id`, of what began at this moment or before."""
    destroy: Callable[[Session, UUID], Awaitable[Entry]]
    """Destroy one of them, tell others, and give what the audit is to remember.

    In a transaction that is committed afterwards; whatever is missing already is no error.
    """
    held: Callable[[ColumnElement[UUID]], ColumnElement[bool]] | None = None
    """Whether a hold keeps the one with this id."""
    lock: Callable[[Session, UUID], Awaitable[None]] = _no_lock
    """Be the only one to change it; called before anything of it is read."""


@dataclass(frozen=True)
class Sweeping:
    """Records that name nobody and go when their period is over, without a mark."""

    record_class: RecordClass
    sweep: Callable[[Session, datetime, int], Awaitable[int]]
    """Drop at most so many of those that began before a moment; how many went."""


def everywhere(schema: Schema) -> tuple[Keeping, Sweeping]:
    """What plumbing itself keeps, in every store alike."""
    event, key = schema.tables.parked_event, schema.tables.idempotency_key

    def settled(before: datetime) -> Select[Any]:
        done = event.c.state.in_([State.RESOLVED.value, State.DISCARDED.value])
        return select(event.c.id).where(done, event.c.changed_at <= before)

    async def drop_event(session: Session, event_id: UUID) -> Entry:
        await session.execute(delete(event).where(event.c.id == event_id))
        purpose = RecordClass.PARKED_EVENTS.value
        return Entry(verb=Verb.ERASURE, purpose=purpose, fields=("event",))

    async def drop_keys(session: Session, before: datetime, most: int) -> int:
        some = select(key.c.key_digest).where(key.c.remembered_at < before).limit(most)
        done = await session.execute(delete(key).where(key.c.key_digest.in_(some)))
        assert isinstance(done, CursorResult)  # noqa: S101 - a delete has nothing else
        return done.rowcount

    return (
        Keeping(RecordClass.PARKED_EVENTS, settled, drop_event),
        Sweeping(RecordClass.IDEMPOTENCY_KEYS, drop_keys),
    )
