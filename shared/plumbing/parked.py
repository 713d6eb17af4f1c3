"""Events a consumer gave up on: kept in its own store until somebody has dealt with them.

What came in may be anything, so it is sealed, with the service's own key. Without keys nothing is
parked: the event stays in its stream and comes again (`sealing/trouble.py`).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, delete, func, literal, select, update
from sqlalchemy.engine import CursorResult

from shared.contracts.refusal import Refusal
from shared.plumbing import attempts
from shared.plumbing.database import Schema, Session, conflict_insert
from shared.plumbing.sealing import keys
from shared.plumbing.sealing.fields import LONG, Field
from shared.plumbing.sealing.keyring import SERVICE_ID


class State(StrEnum):
    """What has become of a parked event."""

    PARKED = "parked"
    RETRY_ASKED = "retry_asked"
    RESOLVED = "resolved"
    DISCARDED = "discarded"


SEALED = ("headers", "body", "reason")

OPEN = (State.PARKED, State.RETRY_ASKED)
"""Nobody has dealt with it yet: health is not green while there is one."""


class NotParked(Refusal):
    """There is no such parked event, or it has been dealt with."""

    status = 409


@dataclass(frozen=True)
class Parked:
    """One event a consumer gave up on."""

    id: UUID
    consumer: str
    event_key: str
    subject: str
    stream_seq: int
    about_id: UUID | None
    headers: dict[str, str]
    body: bytes
    error_code: str
    """The kind of error and where in the body; never a value from it."""
    state: State
    parked_at: datetime
    changed_at: datetime
    reason: str | None
    """Why it was discarded, in the words of whoever did."""


def event_key(headers: Mapping[str, str], body: bytes, stream_seq: int) -> str:
    """What tells an event from all others even when it is malformed and has no good id."""
    event_id = headers.get("ce-id", "")
    try:
        return str(UUID(event_id))
    except ValueError:
        return f"{stream_seq}:{hashlib.sha256(body).hexdigest()[:32]}"


def about_id(headers: Mapping[str, str]) -> UUID | None:
    """The id of what an event is about, where its header is one: an id names nobody."""
    try:
        return UUID(headers.get("ce-subject", ""))
    except ValueError:
        return None


async def park(
    session: Session,
    consumer: str,
    envelope_headers: Mapping[str, str],
    body: bytes,
    subject: str,
    stream_seq: int,
    error_code: str,
) -> UUID:
    """Keep an event that `consumer` cannot act on, and return the id it is parked under.

    Parking it again, after a crash before the stream moved on, changes nothing.
    """
    table = session.schema.tables.parked_event
    key = event_key(envelope_headers, body, stream_seq)
    now, parked_id = session.now(), session.new_id()
    secret = await keys.of_service(session)
    sealed = _fields(session.schema)
    headers = json.dumps(dict(envelope_headers))
    statement = conflict_insert(table, session.database.dialect).values(
        id=parked_id,
        consumer=consumer,
        event_key=key,
        subject=subject,
        stream_seq=stream_seq,
        about_id=about_id(envelope_headers),
        headers=sealed["headers"].seal(secret, parked_id, headers),
        body=sealed["body"].seal(secret, parked_id, body),
        error_code=error_code,
        state=State.PARKED,
        parked_at=now,
        changed_at=now,
    )
    await session.execute(
        statement.on_conflict_do_nothing(index_elements=["consumer", "event_key"])
    )
    await attempts.clear(session, consumer, key)
    this = (table.c.consumer == consumer, table.c.event_key == key)
    kept_as: UUID = (await session.execute(select(table.c.id).where(*this))).scalar_one()
    return kept_as


async def waiting(session: Session, limit: int = 200) -> list[Parked]:
    """Events nobody has dealt with yet, oldest first."""
    table = session.schema.tables.parked_event
    statement = _whole(session).where(table.c.state.in_(OPEN))
    return await _read(session, statement.order_by(table.c.parked_at, table.c.id).limit(limit))


async def count(session: Session) -> int:
    """How many events nobody has dealt with yet."""
    table = session.schema.tables.parked_event
    statement = select(func.count()).select_from(table).where(table.c.state.in_(OPEN))
    return await session.scalar(statement) or 0


async def asked(session: Session) -> list[Parked]:
    """Events somebody asked to try again, oldest first."""
    table = session.schema.tables.parked_event
    statement = _whole(session).where(table.c.state == State.RETRY_ASKED)
    return await _read(session, statement.order_by(table.c.parked_at))


async def find(session: Session, parked_id: UUID) -> Parked | None:
    """One event that is or was parked."""
    table = session.schema.tables.parked_event
    found = await _read(session, _whole(session).where(table.c.id == parked_id))
    return found[0] if found else None


async def ask_retry(session: Session, parked_id: UUID) -> None:
    """Ask the running service to act on the event once more. Raises NotParked."""
    await _change(session, parked_id, (State.PARKED,), state=State.RETRY_ASKED)


async def ask_discard(session: Session, parked_id: UUID, reason: str) -> None:
    """Give the event up for good; it stays on record. Raises NotParked."""
    secret = await keys.of_service(session)
    sealed = _fields(session.schema)["reason"].seal(secret, parked_id, reason)
    await _change(session, parked_id, OPEN, state=State.DISCARDED, reason=sealed)


async def resolve(session: Session, parked_id: UUID) -> None:
    """Say, in the transaction of its effects, that a retried event has been acted on."""
    await _change(session, parked_id, (State.RETRY_ASKED,), state=State.RESOLVED)


async def forget(session: Session, about: UUID) -> None:
    """Drop what is left of events about somebody with which somebody has dealt.

    Those that nobody has dealt with stay: they hold ids, and somebody has to look at them.
    """
    table = session.schema.tables.parked_event
    theirs = table.c.about_id == about
    await session.execute(delete(table).where(theirs, table.c.state == State.RESOLVED))
    given_up = update(table).where(theirs, table.c.state == State.DISCARDED)
    await session.execute(given_up.values(reason=None))


async def park_again(session: Session, parked_id: UUID, error_code: str) -> None:
    """Say that a retried event failed again, and why this time."""
    states = (State.RETRY_ASKED,)
    await _change(session, parked_id, states, state=State.PARKED, error_code=error_code)


async def _change(
    session: Session, parked_id: UUID, allowed: Sequence[State], **values: object
) -> None:
    table = session.schema.tables.parked_event
    statement = (
        update(table)
        .where(table.c.id == parked_id, table.c.state.in_(allowed))
        .values(changed_at=session.now(), **values)
    )
    result = await session.execute(statement)
    assert isinstance(result, CursorResult)  # noqa: S101 - an update has nothing else
    if result.rowcount != 1:
        raise NotParked("This event is not parked any more, or somebody is at it already.")


def _whole(session: Session) -> Select[Any]:
    schema = session.schema
    return keys.joined(select(schema.tables.parked_event), schema, literal(SERVICE_ID, Uuid))


async def _read(session: Session, statement: Select[Any]) -> list[Parked]:
    return [_parked(session, row) for row in await session.execute(statement)]


def _parked(session: Session, row: Row[Any]) -> Parked:
    """Raises Sealed."""
    secret = keys.in_row(session, SERVICE_ID, row)
    table = session.schema.tables.parked_event
    columns = {column.name: row._mapping[column.name] for column in table.c}
    plain = {
        name: None if columns[name] is None else field.open(secret, row.id, columns[name])
        for name, field in _fields(session.schema).items()
    }
    reason = plain["reason"]
    columns["headers"] = json.loads(plain["headers"] or b"{}")
    columns["body"] = plain["body"] or b""
    columns["reason"] = None if reason is None else reason.decode()
    columns["state"] = State(columns["state"])
    return Parked(**columns)


@cache
def _fields(schema: Schema) -> dict[str, Field]:
    """The sealed columns, by their names."""
    table = schema.tables.parked_event
    return {name: Field.of(schema.name, table.c[name], LONG) for name in SEALED}
