"""Walls as planning hears of them: any order, repeats, erasure, and nobody is booked behind one."""

from uuid import UUID

import pytest

from services.scheduling.domain.refusals import CannotBook
from services.scheduling.store.standings import STANDINGS
from services.scheduling.store.tables import SCHEMA
from shared.contracts.referral import PartyAdded, PersonErased, ReferralAccepted
from shared.contracts.standings import ConflictDeclared
from shared.contracts.words import Matter, Side
from tests.scheduling.builders import (
    AREA,
    CASE,
    COLLEAGUE,
    FACILITATOR,
    FIRST,
    REFERRAL,
    SECOND,
    a_proposal,
    some_id,
)
from tests.scheduling.office import an_office, book
from tests.scheduling.test_handlers import hear

ME = some_id(801)
CONFLICT = ConflictDeclared(referral_id=REFERRAL, person_id=ME)


async def test_whoever_stands_too_near_is_not_offered_and_cannot_be_booked(any_store, world):
    database = await an_office(any_store, world)
    await hear(database, ConflictDeclared(referral_id=REFERRAL, person_id=FACILITATOR), sequence=4)

    with pytest.raises(CannotBook, match="stands too near to this case"):
        await book(database, a_proposal())
    await book(database, a_proposal(facilitator_ids=(COLLEAGUE,)))


async def test_the_form_does_not_offer_whoever_stands_too_near(desk):
    await hear(
        desk.database, ConflictDeclared(referral_id=REFERRAL, person_id=FACILITATOR), sequence=4
    )

    form = (await desk.get(f"/cases/{CASE}/book?kind=joint")).text

    assert str(FACILITATOR) not in form
    assert str(COLLEAGUE) in form


async def walls_of(database) -> frozenset[UUID]:
    async with database.reading() as session:
        return await STANDINGS.walled_off(session, REFERRAL)


ACCEPTED = ReferralAccepted(
    referral_id=REFERRAL,
    case_id=CASE,
    person_id=FIRST,
    side=Side.HARMED,
    matter=Matter.CRIME,
    area_id=AREA,
)
ADDED = PartyAdded(case_id=CASE, person_id=SECOND, side=Side.RESPONSIBLE)


@pytest.mark.parametrize(
    "order",
    [
        [ACCEPTED, ADDED, CONFLICT],
        [CONFLICT, ADDED, ACCEPTED],
        [ADDED, ACCEPTED, CONFLICT, ADDED, ACCEPTED, CONFLICT],
    ],
)
async def test_walls_stand_in_whatever_order_they_are_heard_of(any_store, world, order):
    database = await any_store(SCHEMA, world=world)
    for number, fact in enumerate(order):
        await hear(database, fact, sequence=number + 1)

    assert await walls_of(database) == {FIRST, SECOND, ME}


async def test_the_walls_of_an_erased_person_are_dropped_and_told_late_do_not_come_back(
    any_store, world
):
    database = await an_office(any_store, world)

    await hear(database, PersonErased(person_id=SECOND))
    await hear(database, ADDED, sequence=9)

    assert await walls_of(database) == {FIRST}
