"""A store with a case to plan, its parties, two facilitators and three venues in it."""

import json
from datetime import datetime

from sqlalchemy import select

from services.scheduling import actions, store
from services.scheduling.domain.planning import Case, Party
from services.scheduling.domain.venues import VenueKind
from services.scheduling.store.tables import SCHEMA, HeldTimeRow
from shared.contracts.words import Matter, Side
from shared.plumbing.database import Database, Session
from shared.plumbing.world import World
from tests.scheduling.builders import (
    AREA,
    CASE,
    COLLEAGUE,
    COORDINATOR,
    FACILITATOR,
    FIRST,
    NOW,
    OFFICE,
    ONLINE,
    REFERRAL,
    SECOND,
    a_grant,
    a_venue,
)


def a_case(case_id=CASE, opened_at: datetime = NOW) -> Case:
    return Case(
        id=case_id,
        referral_id=REFERRAL,
        matter=Matter.NEIGHBOUR_DISPUTE,
        area_id=AREA,
        opened_at=opened_at,
        waiting_since=opened_at,
    )


async def furnish(session: Session) -> None:
    """Let everything be there that a booking needs."""
    await actions.cases.open_case(session, a_case(), Party(FIRST, Side.HARMED))
    await actions.cases.add_party(session, CASE, Party(SECOND, Side.RESPONSIBLE), 2)
    for person_id in (FACILITATOR, COLLEAGUE):
        await actions.people.note_facilitator(session, person_id, works_here=True, version=1)
    for venue in (
        a_venue(),
        a_venue(id=ONLINE, label="Online", kind=VenueKind.ONLINE),
        a_venue(id=OFFICE, label="Our office", kind=VenueKind.OFFICE),
    ):
        await actions.venues.add_venue(session, venue)


async def an_office(any_store, world: World) -> Database:
    database: Database = await any_store(SCHEMA, world=world)
    async with database.transaction() as session:
        await furnish(session)
    return database


async def book(database: Database, proposal, grant=None):
    async with database.transaction() as session:
        return await actions.booking.book(session, proposal, grant or a_grant(), COORDINATOR)


async def move(database: Database, meeting_id, to, reason, seen=1, grant=None):
    wanted = actions.booking.Move(meeting_id=meeting_id, seen=seen, to=to, reason=reason)
    async with database.transaction() as session:
        return await actions.booking.move(session, wanted, grant or a_grant(), COORDINATOR)


async def meeting_of(database: Database, meeting_id):
    async with database.reading() as session:
        return await store.meetings.find(session, meeting_id)


async def case_of(database: Database, case_id=CASE):
    async with database.reading() as session:
        return await store.cases.find(session, case_id)


async def held(database: Database) -> set:
    """What is held now, as (meeting, who or what)."""
    async with database.reading() as session:
        rows = await session.execute(select(HeldTimeRow.meeting_id, HeldTimeRow.held_id))
        return {tuple(row) for row in rows}


async def told(database: Database) -> list[tuple[str, int, dict]]:
    """Every fact told so far: what, of which version, in which words."""
    outbox = SCHEMA.tables.outbox
    async with database.reading() as session:
        rows = await session.execute(select(outbox).order_by(outbox.c.id))
        return [(row.subject.split(".")[1], row.version, json.loads(row.body)) for row in rows]
