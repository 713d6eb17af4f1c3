"""Erasing somebody, as a manager does whom somebody else told of the request."""

from sqlalchemy import func, select

from services.referral.actions import rights
from services.referral.actions.rights import Decider
from services.referral.domain.agreement import HowTold
from services.referral.domain.rights import RightKind
from services.referral.store import SCHEMA
from tests.fixtures.clock import NOW
from tests.referral.builders import COORDINATOR, some_id

TODAY = NOW.date()
NOTED = Decider(COORDINATOR, TODAY)
MANAGER = Decider(some_id(0x3A), TODAY)


async def asked(database, person_id, kind=RightKind.ERASURE):
    async with database.transaction() as session:
        return await rights.receive(session, person_id, kind, TODAY, HowTold.IN_WRITING, NOTED)


async def erase(database, ledger, person_id):
    request = await asked(database, person_id)
    async with database.transaction() as session:
        await rights.carry_out_erasure(session, ledger, request.id, MANAGER)
    return request


async def rows(database, table, *conditions) -> int:
    async with database.reading() as session:
        statement = select(func.count()).select_from(SCHEMA.metadata.tables[table])
        return await session.scalar(statement.where(*conditions))
