"""How much one member of staff reads: slowed down past a page a second, told of past forty records.

Somebody who copies everything they can reach looks like somebody who works, only faster.
"""

from datetime import timedelta
from functools import cache
from uuid import UUID

from fastapi import Request
from sqlalchemy import Delete, Table, bindparam, delete, func, select, tuple_

from shared.plumbing import alarms, limits
from shared.plumbing.blueprint import Service
from shared.plumbing.database import Session
from shared.plumbing.database.conflicts import insert_latest
from shared.plumbing.limits import Limit

MANY_RECORDS = 40
"""So many different records opened by one person within AN_HOUR raise an alarm."""
AN_HOUR = timedelta(hours=1)
MOST_FORGOTTEN = 100

WORDS = "You have opened many pages in a short time."


async def note_read(request: Request, staff_id: UUID) -> None:
    """Count a page that is opened, before it is. Raises TooMany.

    Committed on its own: a look counts although the page then cannot be shown.
    """
    service = getattr(request.app.state, "service", None)
    if request.method not in ("GET", "HEAD") or not isinstance(service, Service):
        return
    limit = Limit("reads", service.settings.reads_per_minute, timedelta(minutes=1), WORDS)
    record_id = _uuid(request.path_params.get(service.record_parameter))
    async with service.database.transaction() as session:
        key = limits.key_of(service.settings, service.name)
        await limits.take(session, key, (limit, str(staff_id)))
        if record_id is not None:
            await note_record(session, staff_id, record_id)


async def note_record(session: Session, staff_id: UUID, record_id: UUID) -> None:
    """Count a record that somebody opens; the fortieth within an hour raises one alarm."""
    table = session.schema.tables.opened_record
    since = session.now() - AN_HOUR
    await session.execute(_forgetting(table), {"since": since})
    row = {"staff_id": staff_id, "record_id": record_id, "opened_at": session.now()}
    await session.change(insert_latest(table, session.database.dialect), row)
    opened = select(func.count()).where(table.c.staff_id == staff_id, table.c.opened_at > since)
    if (await session.scalar(opened) or 0) >= MANY_RECORDS:
        await alarms.raise_once(session, alarms.Kind.MANY_RECORDS, staff_id, quiet=AN_HOUR)


@cache
def _forgetting(table: Table) -> Delete:
    """Some of what was opened more than an hour ago, by anybody."""
    key = tuple_(table.c.staff_id, table.c.record_id)
    some = (
        select(table.c.staff_id, table.c.record_id)
        .where(table.c.opened_at <= bindparam("since"))
        .limit(MOST_FORGOTTEN)
        .with_for_update(skip_locked=True)
    )
    return delete(table).where(key.in_(some))


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
