"""A case that is closed waits no more; one that was destroyed leaves nothing, in any order."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select, true

from services.scheduling import store
from services.scheduling.store.tables import SCHEMA
from shared.contracts.lifecycle import CaseClosed, ClosureCode, RecordsDestroyed
from tests.scheduling.builders import (
    CASE,
    NOW,
    REFERRAL,
    STARTS,
    a_preparation,
    a_proposal,
    some_id,
)
from tests.scheduling.office import an_office, book
from tests.scheduling.test_handlers import ACCEPTED, ADDED, hear

CLOSED = CaseClosed(case_id=CASE, referral_id=REFERRAL, outcome=ClosureCode.NO_CONTACT)
GONE = RecordsDestroyed(referral_id=REFERRAL, case_id=CASE)
OF_A_CASE = (
    "planning_case",
    "party",
    "meeting",
    "meeting_person",
    "held_time",
    "revoked_grant",
    "standing",
)


async def waiting(database):
    async with database.reading() as session:
        return [one.id for one in await store.cases.waiting(session, true(), skip=0, most=9)]


async def left(database):
    async with database.reading() as session:
        tables = SCHEMA.metadata.tables
        return {
            name: len((await session.execute(select(tables[name]))).all()) for name in OF_A_CASE
        }


@pytest.mark.parametrize("order", [*itertools.permutations([ACCEPTED, ADDED, CLOSED])])
async def test_a_closed_case_waits_no_more_in_whatever_order_it_is_heard(any_store, world, order):
    database = await any_store(SCHEMA, world=world)
    for number, fact in enumerate(order, start=1):
        await hear(database, fact, sequence=number)
        await hear(database, fact, sequence=number)

    assert await waiting(database) == []


async def test_a_case_waits_until_it_is_closed(any_store, world):
    database = await any_store(SCHEMA, world=world)
    await hear(database, ACCEPTED)
    before = await waiting(database)
    await hear(database, CLOSED)

    assert (before, await waiting(database)) == ([CASE], [])


async def test_a_case_that_was_destroyed_leaves_nothing_and_nothing_told_late_brings_it_back(
    any_store, world
):
    database = await an_office(any_store, world)
    await hear(database, ADDED, sequence=2)
    await book(database, a_proposal())
    await book(database, a_preparation(meeting_id=some_id(14), starts_at=STARTS + timedelta(2)))
    before = await left(database)
    assert all(before[name] for name in ("planning_case", "meeting", "held_time"))
    for fact in (CLOSED, GONE, GONE):
        await hear(database, fact, sequence=9, time=NOW)
    for late in (ACCEPTED, ADDED, CLOSED):
        await hear(database, late, sequence=3)

    assert set((await left(database)).values()) == {0}
