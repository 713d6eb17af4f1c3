"""Who stands how to a matter: any order, repeats, walls told early, and what an erasure drops."""

from itertools import permutations

import pytest
from sqlalchemy import select

from shared.contracts.access import AccessRole, Action, Relation, Standing
from shared.contracts.standings import (
    ConflictDeclared,
    ConflictLifted,
    FacilitatorAllocated,
    FacilitatorReleased,
    standings,
)
from tests.fixtures.staff import a_member_of_staff
from tests.plumbing.cabinet import (
    AREAS,
    CASES,
    HIM,
    ME,
    PEOPLE,
    SCHEMA,
    STANDING,
    STANDINGS,
    THIS,
    listed,
    note,
    stands,
    there_is,
)

ALLOCATED = FacilitatorAllocated(referral_id=THIS, person_id=ME)
FOR_ONE = FacilitatorAllocated(referral_id=THIS, person_id=ME, party_id=HIM)
RELEASED = FacilitatorReleased(referral_id=THIS, person_id=ME)
DECLARED = ConflictDeclared(referral_id=THIS, person_id=ME)
LIFTED = ConflictLifted(referral_id=THIS, person_id=ME)


@pytest.fixture
async def store(any_store):
    return await any_store(SCHEMA)


async def hear(store, *told):
    for fact, version in told:
        async with store.transaction() as session:
            for standing in standings(fact, version):
                await STANDINGS.note(session, standing)


FACILITATOR = a_member_of_staff(AccessRole.FACILITATOR, id=ME, areas=[AREAS[2]])


@pytest.mark.parametrize(
    ("last", "relations"),
    [
        (ALLOCATED, {Relation.ALLOCATED}),
        (FOR_ONE, {Relation.PARTYS_FACILITATOR}),
        (RELEASED, set()),
        (DECLARED, {Relation.CONFLICT}),
        (LIFTED, set()),
    ],
)
async def test_each_fact_says_how_somebody_stands(store, last, relations):
    await hear(store, (last, 1))

    assert await stands(store, FACILITATOR) == relations


@pytest.mark.parametrize(
    ("told", "relations"),
    [
        ([(ALLOCATED, 2), (RELEASED, 3)], set()),
        ([(ALLOCATED, 2), (RELEASED, 3), (ALLOCATED, 4)], {Relation.ALLOCATED}),
        ([(ALLOCATED, 2), (FOR_ONE, 3)], {Relation.PARTYS_FACILITATOR}),
        ([(FOR_ONE, 2), (ALLOCATED, 3)], {Relation.ALLOCATED}),
        ([(DECLARED, 2), (LIFTED, 3)], set()),
        ([(LIFTED, 2), (DECLARED, 3)], {Relation.CONFLICT}),
        ([(ALLOCATED, 2), (RELEASED, 3), (DECLARED, 4)], {Relation.CONFLICT}),
    ],
)
async def test_in_any_order_and_told_twice_the_last_is_so(store, told, relations):
    for order in permutations(told):
        async with store.transaction() as session:
            await session.execute(STANDING.delete())
        await hear(store, *order, *order)

        assert await stands(store, FACILITATOR) == relations, order


async def test_whom_somebody_facilitates_for_is_known_by_the_last_that_was_told(store):
    other = FacilitatorAllocated(referral_id=THIS, person_id=ME, party_id=PEOPLE[2])

    await hear(store, (other, 3), (FOR_ONE, 2))

    assert await stands(store, FACILITATOR, person_id=PEOPLE[2]) == {Relation.PARTYS_FACILITATOR}
    assert await stands(store, FACILITATOR, person_id=HIM) == set()


async def test_a_party_told_by_their_case_alone_is_kept_out_once_the_case_is_known(store):
    case_id = CASES[THIS]
    coordinator = a_member_of_staff(AccessRole.COORDINATOR, id=ME)
    await note(store, Standing(case_id, ME, Relation.OWN_CASE, 2))
    before = await stands(store, coordinator)

    await there_is(store, told_as=case_id)

    assert before == set()
    assert await stands(store, coordinator) == {Relation.AREA, Relation.OWN_CASE}
    assert await listed(store, coordinator, Action.SEE_CASE) == set()
    async with store.reading() as session:
        assert await STANDINGS.walled_off(session, THIS) == {ME}


async def test_what_hangs_on_an_erased_person_is_dropped(store):
    await hear(store, (DECLARED, 2))
    await hear(store, (ConflictDeclared(referral_id=THIS, person_id=HIM), 3))

    async with store.transaction() as session:
        await STANDINGS.forget(session, ME)

    async with store.reading() as session:
        assert {row.person_id for row in await session.execute(select(STANDING))} == {HIM}
