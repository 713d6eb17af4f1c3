"""Storing what was done: with the change it is about, or before a page is shown."""

from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from fastapi import HTTPException, Request
from sqlalchemy import Insert, insert

from shared.plumbing.audit.entry import Entry, purpose_of_glass
from shared.plumbing.database import Schema, Session
from shared.plumbing.edge import transaction_of

NOT_NOTED = (
    "We have to note who looks at this, and could not do so just now. So we do not show it. "
    "Please try again in a few minutes."
)

log = structlog.get_logger()


class NotRecorded(HTTPException):
    """A look could not be noted: nothing is shown."""

    def __init__(self) -> None:
        super().__init__(503, NOT_NOTED)


async def record(session: Session, *entries: Entry) -> None:
    """Store what was done in the transaction that does it, in one statement however much it is.

    What the store raises goes on to whoever opened the transaction: the change is rolled back
    with its entry, and there is never one without the other.
    """
    if not entries:
        return
    first, *more = (_row(session, entry) for entry in entries)
    if more:
        await session.execute(_insert(session.schema), [first, *more])
    else:
        await session.change(_insert(session.schema), first)


async def looked(request: Request, *entries: Entry, session: Session | None = None) -> None:
    """Note a look, durably, before what was looked at leaves. Raises NotRecorded: a 503.

    With a `session` that may write it is part of that transaction, which is committed before the
    answer leaves. One that only reads is let go of here, so that nobody who looks holds one
    connection while waiting for another. Without one the route must hold no transaction.
    What its gate let through in an emergency alone is noted with that for its purpose.
    """
    glass_id: UUID | None = getattr(request.state, "glass_id", None)
    if glass_id is not None:
        entries = tuple(replace(one, purpose=purpose_of_glass(glass_id)) for one in entries)
    try:
        if session is not None and session.writes:
            await record(session, *entries)
            return
        if session is not None:
            await session.rollback()
        async with transaction_of(request) as own:
            await record(own, *entries)
    except Exception as error:
        log.error("look_not_recorded", error_type=type(error).__name__)
        raise NotRecorded from error


@cache
def _insert(schema: Schema) -> Insert:
    """Made once for each store: making a statement costs more than saying it."""
    return insert(schema.tables.audit.entry)


def _row(session: Session, entry: Entry) -> dict[str, Any]:
    asker, cause = entry.asker or session.asker, session.envelope
    return {
        "id": session.new_id(),
        "at": session.now(),
        "actor_id": asker.id,
        "role": asker.role[:120],
        "verb": entry.verb.value,
        "referral_id": entry.referral_id,
        "case_id": entry.case_id,
        "person_id": entry.person_id,
        "fields": ",".join(entry.fields),
        "purpose": entry.purpose,
        "outcome": entry.outcome.value,
        "reference": cause.correlation if cause else asker.reference,
    }
