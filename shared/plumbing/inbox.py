"""Which events have been acted on, so that none is acted on twice."""

from collections.abc import Collection
from functools import cache
from itertools import islice
from uuid import UUID

from sqlalchemy import bindparam, exists, select, text

from shared.contracts.fact import Envelope
from shared.plumbing.database import (
    ConflictInsert,
    Schema,
    Session,
    conflict_insert,
    insert_first,
)

IN_ONE_INSERT = 5000


async def is_new(
    session: Session, envelope: Envelope, consumer: str, stream_seq: int | None = None
) -> bool:
    """Remember the event in this transaction; False when `consumer` has acted on it before.

    False too when it was parked: from then on only whoever looks after parked events decides.
    Keyed on the event's id, never on its place in the stream: a rebuilt stream counts anew.
    `stream_seq` only tells people how far the reader had come; nothing rests on it.
    """
    row = {
        "consumer": consumer,
        "event_id": envelope.id,
        "stream_seq": stream_seq,
        "heard_at": session.now(),
        "event_key": str(envelope.id),
    }
    statement = _insert_unless_parked(session.schema, session.database.dialect)
    return await session.change(statement, row) == 1


async def remembered(session: Session) -> dict[str, set[UUID]]:
    """The ids of all events acted on, by consumer: for a rebuild, which must not lack any."""
    inbox = session.schema.tables.inbox
    ids: dict[str, set[UUID]] = {}
    for consumer, event_id in await session.execute(select(inbox.c.consumer, inbox.c.event_id)):
        ids.setdefault(consumer, set()).add(event_id)
    return ids


async def remember(session: Session, consumer: str, event_ids: Collection[UUID]) -> None:
    """Remember many events as acted on by `consumer`; those it knows already stay as they are."""
    statement = insert_first(session.schema.tables.inbox, session.database.dialect)
    row = {"consumer": consumer, "stream_seq": None, "heard_at": session.now()}
    left = iter(event_ids)
    while some := list(islice(left, IN_ONE_INSERT)):
        await session.execute(statement, [{**row, "event_id": event_id} for event_id in some])


@cache
def _insert_unless_parked(schema: Schema, dialect: str) -> ConflictInsert:
    inbox, parked = schema.tables.inbox, schema.tables.parked_event
    was_parked = exists().where(
        parked.c.consumer == bindparam("consumer", type_=parked.c.consumer.type),
        parked.c.event_key == bindparam("event_key", type_=parked.c.event_key.type),
    )
    columns = [inbox.c.consumer, inbox.c.event_id, inbox.c.stream_seq, inbox.c.heard_at]
    values = select(*(bindparam(column.name, type_=column.type) for column in columns))
    statement = conflict_insert(inbox, dialect).from_select(columns, values.where(~was_parked))
    return statement.on_conflict_do_nothing()


async def hold_still(session: Session) -> None:
    """Wait for the events being acted on, and let none be acted on until this transaction ends.

    Acting on an event begins with its inbox row, so nobody who waits here can be in the way of
    whoever holds it. SQLite has one writer at a time: there it is so already.
    """
    if session.database.dialect == "postgresql":
        name = session.schema.tables.inbox.name
        await session.execute(text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))
    else:
        await session.execute(select(session.schema.tables.inbox.c.event_id).limit(1))
