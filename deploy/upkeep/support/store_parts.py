"""What each store holds: how much of it, never what."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import func, select

from deploy.parts import blueprints
from deploy.upkeep import auditing
from deploy.upkeep.kinds import known
from deploy.upkeep.support.scrubbing import sentence
from deploy.upkeep.where import Where
from shared.plumbing import migrations, parked
from shared.plumbing.blueprint import Blueprint
from shared.plumbing.database import Database, Session
from shared.plumbing.outbox import oldest_unsent_age
from shared.plumbing.sealing import keyfile
from shared.plumbing.sealing.trouble import KeysAway

MOST_PARKED = 200


async def stores(where: Where) -> object:
    """Each service's store; one that cannot be read says so and hides no other."""
    return {name: await _or_why(where, one, _store) for name, one in blueprints().items()}


async def keys(where: Where) -> object:
    """The marks and ages of keys, and how many keys of people each of them wraps."""
    return {name: await _or_why(where, one, _keys) for name, one in blueprints().items()}


async def audit(where: Where) -> object:
    """What `parley audit verify` says."""
    found = {}
    async for report in auditing.verify_all(where, []):
        found[report.service] = {
            "entries": report.entries,
            "signatures": report.heads,
            "anchors": report.anchors,
            "tampered": report.tampered,
            "unproven": report.is_unproven,
            "faults": {fault.value: count for fault, count in report.faults.items()},
        }
    return found


async def _or_why(
    where: Where,
    blueprint: Blueprint,
    look: Callable[[Where, Blueprint, Database], Awaitable[dict[str, Any]]],
) -> dict[str, Any]:
    if not where.has_store(blueprint.name):
        return {"not_read": "there is no store yet"}
    try:
        async with where.store(blueprint) as database:
            return await look(where, blueprint, database)
    except Exception as error:
        return {"not_read": type(error).__name__}


async def _store(where: Where, blueprint: Blueprint, database: Database) -> dict[str, Any]:
    name = blueprint.name
    state = await migrations.state(where.store_url(name), name)
    found: dict[str, Any] = {
        "database": database.dialect,
        "revision": state.current,
        "wanted": state.head,
    }
    async with database.reading() as session:
        tables = database.schema.metadata.sorted_tables
        found["rows"] = {
            table.name: await session.scalar(select(func.count()).select_from(table))
            for table in tables
        }
        age = await oldest_unsent_age(session, session.now())
        found["outbox"] = {
            "waiting": await _unsent(session),
            "oldest_seconds": round(age.total_seconds()) if age else 0,
        }
        found["inbox"] = await _inbox(session)
        found["parked"] = await _parked(session)
    return found


async def _unsent(session: Session) -> int:
    outbox = session.schema.tables.outbox
    count = select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))
    return await session.scalar(count) or 0


async def _inbox(session: Session) -> dict[str, int]:
    inbox = session.schema.tables.inbox
    count = select(inbox.c.consumer, func.count()).group_by(inbox.c.consumer)
    return {str(consumer): number for consumer, number in await session.execute(count)}


async def _parked(session: Session) -> list[dict[str, Any]]:
    """Ids and kinds; what they say is sealed, and is not even opened for this."""
    table = session.schema.tables.parked_event
    columns = (
        table.c.id,
        table.c.consumer,
        table.c.subject,
        table.c.error_code,
        table.c.state,
        table.c.stream_seq,
        table.c.parked_at,
    )
    open_ = select(*columns).where(table.c.state.in_(parked.OPEN))
    rows = await session.execute(open_.order_by(table.c.parked_at).limit(MOST_PARKED))
    return [
        {
            "id": str(row.id),
            "reader": row.consumer,
            "kind": known(row.subject),
            "why": sentence(row.error_code),
            "state": row.state,
            "place": row.stream_seq,
            "parked_at": row.parked_at.isoformat(),
        }
        for row in rows
    ]


async def _keys(where: Where, blueprint: Blueprint, database: Database) -> dict[str, Any]:
    try:
        held = keyfile.load(keyfile.path_of(where.keys, blueprint.name), blueprint.name)
        files = [{"mark": one.kid.hex(), "made_at": one.made_at.isoformat()} for one in held.keys]
    except KeysAway as away:
        files = [{"not_read": away.code}]
    async with database.reading() as session:
        table = session.schema.tables.sealed_key
        count = select(table.c.kid, func.count()).group_by(table.c.kid)
        wraps = {row[0].hex() or "destroyed": row[1] for row in await session.execute(count)}
    return {"in_the_file": files, "wrapped_with": wraps}
