"""What the service has told so far, read from its outbox."""

import json

from sqlalchemy import select

from services.referral.store import SCHEMA
from shared.plumbing.database import Database

AT_THE_START = {"staff_joined", "area_named"}
"""What a fresh development copy tells by itself."""


async def told(database: Database, *, everything: bool = False) -> list[dict]:
    """Each fact in the order it was told: its name, its version and what it says."""
    outbox = SCHEMA.tables.outbox
    async with database.reading() as session:
        rows = await session.execute(select(outbox).order_by(outbox.c.id))
        facts = [
            {"fact": row.subject.split(".")[1], "version": row.version, **json.loads(row.body)}
            for row in rows
        ]
    return [fact for fact in facts if everything or fact["fact"] not in AT_THE_START]


async def facts(database: Database) -> list[str]:
    """The names alone."""
    return [fact["fact"] for fact in await told(database)]
