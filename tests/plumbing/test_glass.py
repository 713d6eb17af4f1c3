"""A matter opened in an emergency: as long as the clock says, in any order, and never a wall."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import select

from shared.contracts.access import WALLS, AccessRole, Action, Relation, Standing
from shared.contracts.glass import BreakGlassEnded, BreakGlassOpened, opened_glass
from tests.fixtures.clock import NOW
from tests.fixtures.staff import a_member_of_staff
from tests.plumbing.cabinet import (
    AREAS,
    HIM,
    MATTERS,
    ME,
    SCHEMA,
    STANDINGS,
    THIS,
    listed,
    note,
    stands,
    there_is,
)

ABOUT = {
    "glass_id": UUID(int=700),
    "referral_id": THIS,
    "person_id": ME,
    "until": NOW + timedelta(minutes=60),
}
OPENED, ENDED = BreakGlassOpened(**ABOUT), BreakGlassEnded(**ABOUT)
FACILITATOR = a_member_of_staff(AccessRole.FACILITATOR, id=ME)
COORDINATOR = a_member_of_staff(AccessRole.COORDINATOR, id=ME, areas=[AREAS[2]])
GLASS = {Relation.BROKEN_GLASS}


@pytest.fixture
async def store(any_store, world):
    database = await any_store(SCHEMA, world=world)
    for matter in MATTERS[:2]:
        await there_is(database, matter)
    return database


async def hear(store, *told):
    for fact, version in told:
        async with store.transaction() as session:
            await STANDINGS.glass.note(session, opened_glass(fact, version))


@pytest.mark.parametrize("staff", [FACILITATOR, COORDINATOR])
async def test_what_is_opened_is_seen_for_sixty_minutes_and_not_a_moment_longer(
    store, world, staff
):
    await hear(store, (OPENED, 1))
    seen = []
    for step in (timedelta(), timedelta(minutes=60) - timedelta.resolution, timedelta.resolution):
        world.advance(step)
        listing = await listed(store, staff, Action.SEE_CASE)
        seen.append((await stands(store, staff) & GLASS, listing))

    assert seen == [(GLASS, {THIS}), (GLASS, {THIS}), (set(), set())]


async def test_one_matter_is_opened_to_one_colleague_to_look_at_and_nothing_else(store):
    await hear(store, (OPENED, 1))

    other = a_member_of_staff(AccessRole.FACILITATOR, id=HIM)
    assert await stands(store, other) == {Relation.AREA}
    assert GLASS.isdisjoint(await stands(store, FACILITATOR, MATTERS[1]))
    assert await listed(store, FACILITATOR, Action.SEE_PLAN) == {THIS}
    for action in (Action.CHANGE_CASE, Action.CHANGE_PLAN, Action.REACH_BY_HAND):
        assert await listed(store, FACILITATOR, action) == set()


async def test_what_is_closed_before_its_time_is_closed_in_whatever_order_it_is_heard(store):
    for order in permutations([(OPENED, 1), (ENDED, 2)]):
        async with store.transaction() as session:
            await session.execute(STANDINGS.glass.table.delete())

        await hear(store, *order, *order)

        assert GLASS.isdisjoint(await stands(store, FACILITATOR)), order


async def test_it_can_be_opened_again_after_it_was_closed(store):
    again = OPENED.model_copy(update={"glass_id": UUID(int=701)})

    await hear(store, (OPENED, 1), (ENDED, 2), (again, 1))

    assert await listed(store, FACILITATOR, Action.SEE_CASE) == {THIS}
    async with store.reading() as session:
        assert await STANDINGS.glass.of(session, ME, THIS) == again.glass_id


@pytest.mark.parametrize("wall", sorted(WALLS))
@pytest.mark.parametrize("role", AccessRole)
async def test_no_wall_is_opened_by_it_whoever_asks(store, role, wall):
    staff = a_member_of_staff(role, id=ME)
    await hear(store, (OPENED, 1))
    await note(store, Standing(THIS, ME, wall, 1))

    for action in Action:
        assert THIS not in await listed(store, staff, action), action


async def test_what_hangs_on_an_erased_colleague_is_dropped(store):
    await hear(store, (OPENED, 1))

    async with store.transaction() as session:
        await STANDINGS.forget(session, ME)

    async with store.reading() as session:
        assert (await session.execute(select(STANDINGS.glass.table))).all() == []
