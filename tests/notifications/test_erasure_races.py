"""What is told of somebody in the same moment as their erasure is not kept after it."""

import asyncio

import pytest
from sqlalchemy import select

from services.notifications.actions import people, standings
from services.notifications.store.matters import STANDINGS
from services.notifications.store.tables import SCHEMA, STAFF
from shared.contracts.standings import FacilitatorAllocated
from shared.contracts.words import Role
from shared.plumbing.database import Database
from tests.notifications.builders import an_id

WHO, REFERRAL, CASE = an_id("erased"), an_id("referral"), an_id("case")

TOLD = {
    "a colleague": lambda session: people.joined(session, WHO, Role.FACILITATOR, 9),
    "a party": lambda session: standings.party_added(session, CASE, WHO, 9),
    "somebody put on a case": lambda session: standings.note(
        session, FacilitatorAllocated(referral_id=REFERRAL, person_id=WHO), 9
    ),
}


async def forget(session):
    await people.erased(session, WHO)


@pytest.mark.parametrize("erased_first", [True, False])
@pytest.mark.parametrize("what", TOLD)
async def test_what_is_told_of_somebody_beside_their_erasure_is_not_kept(
    any_store, world, what, erased_first
):
    first, second = (forget, TOLD[what]) if erased_first else (TOLD[what], forget)
    one = await any_store(SCHEMA, world=world)
    other = Database(one.url, SCHEMA, world, one.keyring)

    async def meanwhile():
        async with other.transaction() as session:
            await second(session)

    async with one.transaction() as session:
        await first(session)
        beside = asyncio.create_task(meanwhile())
        await asyncio.wait([beside], timeout=0.5)
    await beside
    await other.close()

    async with one.reading() as session:
        working = set(await session.scalars(select(STAFF.c.person_id)))
        standing = [*await STANDINGS.holding(session, REFERRAL)]
        standing += await STANDINGS.holding(session, CASE)
    assert WHO not in working | {held.person_id for held in standing}
