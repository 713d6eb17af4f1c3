"""What is told of somebody in the same moment as their erasure is not kept after it."""

import asyncio
from datetime import timedelta

import pytest

from services.scheduling import actions, store
from services.scheduling.domain.planning import Party
from services.scheduling.store.standings import STANDINGS
from shared.contracts.standings import FacilitatorAllocated
from shared.contracts.words import Side
from tests.scheduling.builders import CASE, STARTS, some_id
from tests.scheduling.test_races import two_desks

WHO = some_id(91)
REFERRAL = some_id(92)

TOLD = {
    "a party": lambda session: actions.cases.add_party(
        session, CASE, Party(WHO, Side.RESPONSIBLE), 9
    ),
    "a facilitator": lambda session: actions.people.note_facilitator(
        session, WHO, works_here=True, version=9
    ),
    "somebody put on a case": lambda session: actions.standings.note(
        session, FacilitatorAllocated(referral_id=REFERRAL, person_id=WHO), 9
    ),
    "the party they work with": lambda session: actions.standings.note(
        session, FacilitatorAllocated(referral_id=REFERRAL, person_id=some_id(93), party_id=WHO), 9
    ),
}


async def forget(session):
    await actions.erasure.forget_person(session, WHO, STARTS - timedelta(days=1))


@pytest.mark.parametrize("erased_first", [True, False])
@pytest.mark.parametrize("what", TOLD)
async def test_what_is_told_of_somebody_beside_their_erasure_is_not_kept(
    any_store, world, what, erased_first
):
    first, second = (forget, TOLD[what]) if erased_first else (TOLD[what], forget)

    async with two_desks(any_store, world) as desks:

        async def meanwhile():
            async with desks[1].transaction() as session:
                await second(session)

        async with desks[0].transaction() as session:
            await first(session)
            other = asyncio.create_task(meanwhile())
            await asyncio.wait([other], timeout=0.5)
        await other

        async with desks[0].reading() as session:
            parties = (await store.cases.parties(session, [CASE]))[CASE]
            working = await store.people.working_here(session)
            standing = await STANDINGS.holding(session, REFERRAL)
    assert WHO not in {party.person_id for party in parties}
    assert WHO not in working
    assert WHO not in {one.person_id for one in standing}
    if erased_first or what != "the party they work with":
        assert WHO not in {one.party_id for one in standing}
