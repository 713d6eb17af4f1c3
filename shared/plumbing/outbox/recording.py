"""Storing a fact in the transaction it belongs to."""

from functools import cache
from uuid import UUID

from sqlalchemy import Insert, func, insert
from sqlalchemy.exc import IntegrityError

from shared.contracts.fact import Fact
from shared.contracts.refusal import Refusal
from shared.plumbing import tracing
from shared.plumbing.database import Schema, Session


class ChangedMeanwhile(Refusal):
    """Somebody else changed the same thing in the same moment. Trying again may well succeed."""

    status = 409


def channel(service: str) -> str:
    """The PostgreSQL channel on which a service's relay is woken."""
    return f"outbox_{service}"


async def record(session: Session, fact: Fact, *, version: int) -> UUID:
    """Store `fact`, to be published once this transaction is durable; return the event's id.

    `version` is the version of what the fact is about, from 1, one higher for each fact about it.
    Raises ChangedMeanwhile when that version was told already, and ValueError for a programming
    mistake: a fact of another service, or two facts with one version in one transaction.
    """
    aggregate_id = fact.aggregate_id
    _check(session, fact, aggregate_id, version)
    event_id = session.new_id()
    cause = session.envelope
    row = {
        "event_id": event_id,
        "source": session.schema.name,
        "subject": fact.subject,
        "aggregate_id": aggregate_id,
        "version": version,
        "recorded_at": session.now(),
        "correlation": cause.correlation if cause else event_id,
        "causation": cause.id if cause else None,
        "traceparent": tracing.current_traceparent(),
        "body": fact.model_dump_json().encode(),
    }
    statement = _statement(session.schema, session.database.dialect)
    try:
        await session.change(statement, row)
    except IntegrityError as error:
        raise ChangedMeanwhile(
            "Somebody else changed this at the same moment. Please look at it again."
        ) from error
    session.after_commit(session.database.outbox_written.set)
    return event_id


@cache
def _statement(schema: Schema, dialect: str) -> Insert:
    statement = insert(schema.tables.outbox)
    if dialect == "sqlite":
        return statement
    # Rides along with the insert: wakes the leading relay, wherever it runs, at the commit.
    return statement.returning(func.pg_notify(channel(schema.name), ""))


def _check(session: Session, fact: Fact, aggregate_id: UUID, version: int) -> None:
    if fact.teller() != session.schema.name:
        raise ValueError(f"{fact.subject} is not {session.schema.name}'s to tell")
    if version < 1:
        raise ValueError(f"version {version} of a fact: versions count from 1")
    if (aggregate_id, version) in session.told:
        raise ValueError(f"{fact.subject}: another fact has version {version} already")
    session.told.add((aggregate_id, version))
