"""A list shows a matter just when its page is open: whoever asks, whatever they may do."""

import random
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

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
from shared.contracts.glass import OpenedGlass
from shared.plumbing.standing import Matters, Standings
from tests.fixtures.clock import NOW
from tests.fixtures.staff import a_member_of_staff
from tests.plumbing.cabinet import (
    AREAS,
    CASES,
    LETTER,
    MATTER,
    MATTERS,
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

BARE = Standings(STANDING, Matters(MATTER, MATTER.c.matter_id, MATTER.c.area_id))


@pytest.fixture
async def store(any_store, world):
    return await any_store(SCHEMA, world=world)


async def listed_letters(store, staff, action):
    """The letters on a list that is cut by its own columns."""
    async with store.reading() as session:
        columns = (LETTER.c.about_id, LETTER.c.part_of_id)
        condition = STANDINGS.visible(staff, action, *columns, now=session.now())
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
        referred_by = chance.choice([None, *PEOPLE])
        await there_is(store, matter, chance.choice(AREAS), own, told_as, referred_by)
    not_noted = {Relation.AREA, Relation.NONE, Relation.OWN_REFERRAL, Relation.BROKEN_GLASS}
    relations = sorted(set(Relation) - not_noted)
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
    await opened_in_an_emergency(store, chance)
    letters = {}
    async with store.transaction() as session:
        for number, matter in enumerate(MATTERS * 4):
            about = {"about_id": matter, "part_of_id": chance.choice([None, *PEOPLE])}
            letters[UUID(int=900 + number)] = about
            await session.execute(LETTER.insert(), {"id": UUID(int=900 + number)} | about)
    return letters


async def opened_in_an_emergency(store, chance):
    """Some matters, to some people; some no longer, and some of them closed before their time."""
    pairs = [(matter, person) for matter in MATTERS for person in PEOPLE if chance.random() < 0.3]
    async with store.transaction() as session:
        for number, (matter, person) in enumerate(pairs):
            until = session.now() + timedelta(minutes=chance.choice([-1, 0, 1, 60]))
            opened = OpenedGlass(
                UUID(int=600 + number), matter, person, until, 1, holds=chance.random() < 0.8
            )
            await STANDINGS.glass.note(session, opened)


def about_matters() -> list[Action]:
    """Actions that are not open to everybody who may do them at all."""
    return sorted(
        {
            action
            for actions in TABLE.values()
            for action, within in actions.items()
            if Relation.NONE not in within
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

    await note(store, Standing(THIS, ME, Relation.CONFLICT, 2))

    assert before == {THIS}
    assert await listed(store, coordinator, Action.SEE_PLAN, by=BARE) == set()


@pytest.mark.parametrize(
    ("dialect", "said"),
    [(sqlite.dialect(), "matter.matter_id IN (SELECT"), (postgresql.dialect(), "= ANY (ARRAY(")],
)
def test_whoever_works_on_few_of_very_many_has_them_looked_up_by_an_index(dialect, said):
    """Compared with anything, even with true, neither database would take one."""
    facilitator = a_member_of_staff(AccessRole.FACILITATOR, id=ME)
    condition = STANDINGS.visible(facilitator, Action.SEE_CASE, MATTER.c.matter_id, now=NOW)

    words = str(condition.compile(dialect=dialect))

    assert said in words
    assert ") = 1" not in words
    assert ") = 0" not in words
