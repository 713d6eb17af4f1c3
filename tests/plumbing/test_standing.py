"""Who stands how to a matter, and that lists and pages hide the same, on both databases."""

import random
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import Column, Table, Uuid, select
from sqlmodel import SQLModel

from shared.contracts.access import (
    TABLE,
    AccessRole,
    Action,
    Actor,
    Context,
    Decision,
    Relation,
    Resource,
    Standing,
    decide,
)
from shared.contracts.standings import (
    ConflictDeclared,
    ConflictLifted,
    FacilitatorAllocated,
    FacilitatorReleased,
    standings,
)
from shared.plumbing.columns import NOT_PERSONAL
from shared.plumbing.database import Schema, new_registry
from shared.plumbing.standing import Matters, Standings, standing_table
from tests.fixtures.staff import a_member_of_staff


class Base(SQLModel, registry=new_registry()):
    pass


def column(name: str, *, key: bool = False) -> Column:
    return Column(name, Uuid, primary_key=key, nullable=not key, **NOT_PERSONAL)


SCHEMA = Schema("guard", Base)
STANDING = standing_table(SCHEMA.metadata)
MATTER = Table(
    "matter",
    SCHEMA.metadata,
    column("told_as", key=True),
    column("matter_id"),
    column("area_id"),
    column("person_id"),
)
LETTER = Table(
    "letter", SCHEMA.metadata, column("id", key=True), column("about_id"), column("part_of_id")
)
STANDINGS = Standings(
    STANDING,
    Matters(
        MATTER,
        MATTER.c.matter_id,
        MATTER.c.area_id,
        person=MATTER.c.person_id,
        told_as=MATTER.c.told_as,
    ),
)
BARE = Standings(STANDING, Matters(MATTER, MATTER.c.matter_id, MATTER.c.area_id))

PEOPLE = [UUID(int=100 + number) for number in range(5)]
AREAS = [UUID(int=200 + number) for number in range(3)]
MATTERS = [UUID(int=300 + number) for number in range(8)]
CASES = {matter: UUID(int=400 + number) for number, matter in enumerate(MATTERS)}
ME, HIM = PEOPLE[:2]
THIS = MATTERS[0]

ALLOCATED = FacilitatorAllocated(referral_id=THIS, person_id=ME)
FOR_ONE = FacilitatorAllocated(referral_id=THIS, person_id=ME, party_id=HIM)
RELEASED = FacilitatorReleased(referral_id=THIS, person_id=ME)
DECLARED = ConflictDeclared(referral_id=THIS, person_id=ME)
LIFTED = ConflictLifted(referral_id=THIS, person_id=ME)


@pytest.fixture
async def store(any_store):
    return await any_store(SCHEMA)


async def hear(store, *told, by=STANDINGS):
    for fact, version in told:
        async with store.transaction() as session:
            for standing in standings(fact, version):
                await by.note(session, standing)


async def note(store, *noted):
    async with store.transaction() as session:
        for standing in noted:
            await STANDINGS.note(session, standing)


async def stands(store, staff, matter_id=THIS, person_id=None):
    async with store.reading() as session:
        return await STANDINGS.relations(session, staff, matter_id, person_id)


async def there_is(store, matter_id=THIS, area_id=AREAS[0], person_id=None, told_as=None):
    async with store.transaction() as session:
        row = {"matter_id": matter_id, "area_id": area_id, "person_id": person_id}
        for name in (matter_id, told_as):
            if name is not None:
                await session.execute(MATTER.insert(), row | {"told_as": name})


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


async def listed(store, staff, action, by=STANDINGS):
    """The matters on a list of them."""
    statement = select(MATTER.c.matter_id).where(by.visible(staff, action, MATTER.c.matter_id))
    async with store.reading() as session:
        return {matter_id for (matter_id,) in await session.execute(statement)}


async def listed_letters(store, staff, action):
    """The letters on a list that is cut by its own columns."""
    condition = STANDINGS.visible(staff, action, LETTER.c.about_id, LETTER.c.part_of_id)
    async with store.reading() as session:
        found = await session.execute(select(LETTER.c.id).where(condition))
        return {letter_id for (letter_id,) in found}


async def allowed(store, staff, action, matter_id, person_id=None):
    """What a gate would say."""
    found = await stands(store, staff, matter_id, person_id)
    context = Context(confirmed=True)
    decision = decide(Actor(staff.id, staff.roles), action, Resource(found), context)
    return decision is Decision.ALLOWED


async def a_muddle(store, chance):
    """Matters in several areas, some not known yet, and everybody standing somehow to each."""
    for matter in MATTERS[:-1]:
        own = chance.choice([None, None, *PEOPLE])
        told_as = CASES[matter] if chance.random() < 0.7 else None
        await there_is(store, matter, chance.choice(AREAS), own, told_as)
    relations = sorted(set(Relation) - {Relation.AREA, Relation.NONE, Relation.OWN_REFERRAL})
    noted = [
        Standing(
            chance.choice([matter, matter, CASES[matter]])
            if (relation := chance.choice(relations)) is Relation.OWN_CASE
            else matter,
            person,
            relation,
            1,
            holds=chance.random() < 0.7,
            party_id=chance.choice(PEOPLE) if relation is Relation.PARTYS_FACILITATOR else None,
        )
        for matter in MATTERS
        for person in PEOPLE
        if chance.random() < 0.5
    ]
    await note(store, *noted)
    letters = {}
    async with store.transaction() as session:
        for number, matter in enumerate(MATTERS * 4):
            about = {"about_id": matter, "part_of_id": chance.choice([None, *PEOPLE])}
            letters[UUID(int=900 + number)] = about
            await session.execute(LETTER.insert(), {"id": UUID(int=900 + number)} | about)
    return letters


def about_matters() -> list[Action]:
    """Actions that are not open to everybody who may do them at all."""
    return sorted(
        {
            action
            for actions in TABLE.values()
            for action, within in actions.items()
            if Relation.NONE not in within and action is not Action.SEE_PROCESS
        }
    )


@pytest.mark.parametrize("seed", range(6))
async def test_a_list_shows_a_matter_just_when_its_page_is_open(store, seed):
    chance = random.Random(seed)
    letters = await a_muddle(store, chance)
    for person in PEOPLE:
        roles = chance.sample(sorted(AccessRole), chance.randint(1, 3))
        areas = chance.choice([(), AREAS[:1], AREAS[1:]])
        staff = a_member_of_staff(*roles, id=person, areas=areas)
        for action in chance.sample(about_matters(), 4):
            on_the_list = await listed(store, staff, action)
            for matter in MATTERS[:-1]:
                is_open = await allowed(store, staff, action, matter)
                assert (matter in on_the_list) is is_open, (roles, areas, action, matter)
            in_the_post = await listed_letters(store, staff, action)
            for letter, about in letters.items():
                is_open = await allowed(
                    store, staff, action, about["about_id"], about["part_of_id"]
                )
                assert (letter in in_the_post) is is_open, (roles, areas, action, about)


async def test_a_matter_nobody_has_told_of_is_on_no_list_of_an_area(store):
    letter = {"id": UUID(int=900), "about_id": THIS, "part_of_id": None}
    async with store.transaction() as session:
        await session.execute(LETTER.insert(), letter)
    coordinator = a_member_of_staff(AccessRole.COORDINATOR, id=ME)
    before = await listed_letters(store, coordinator, Action.SEE_MESSAGES)

    await there_is(store)

    assert before == set()
    assert await listed_letters(store, coordinator, Action.SEE_MESSAGES) == {letter["id"]}


async def test_without_any_role_nothing_is_listed(store):
    await there_is(store)

    for action in Action:
        assert await listed(store, a_member_of_staff(id=ME), action) == set()


async def test_a_service_that_keeps_only_areas_hides_behind_conflicts_as_well(store):
    await there_is(store)
    coordinator = a_member_of_staff(AccessRole.COORDINATOR, id=ME, areas=AREAS[:1])
    before = await listed(store, coordinator, Action.SEE_PLAN, by=BARE)

    await hear(store, (DECLARED, 2), by=BARE)

    assert before == {THIS}
    assert await listed(store, coordinator, Action.SEE_PLAN, by=BARE) == set()
