"""A14: somebody who looks for themselves, their family, or what is kept from them finds nothing."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from services.referral.domain.people import Newcomer, Route, surname
from services.referral.store.base import SCHEMA
from shared.contracts.access import AccessRole, Relation
from shared.contracts.words import Channel
from shared.plumbing import alarms
from shared.plumbing.alarms import Kind
from tests.referral.builders import COORDINATOR, a_newcomer, a_safe_contact
from tests.referral.cases import a_waiting_referral, an_open_case
from tests.referral.standing import MANAGER, staff, stand
from tests.referral.test_break_glass import to_the_letter
from tests.referral.web import visiting

PEOPLE = "/referral/people"
BORN = {"born_day": "27", "born_month": "3", "born_year": "1986"}
PHONE = Route(Channel.PHONE, "+447700900982")
SEARCHER = staff(AccessRole.COORDINATOR, person_id=COORDINATOR)
"""Called Demo Coordinator."""


async def find(visit, **values):
    return await visit.send(await visit.get(PEOPLE), values)


async def alarmed(database) -> list[tuple[Kind, object]]:
    async with database.reading() as session:
        return [(one.kind, one.about) for one in await alarms.newest(session)]


def called(name: str) -> Newcomer:
    return Newcomer(name, a_safe_contact(PHONE), date(1986, 3, 27))


@pytest.mark.parametrize("name", ["Robin Coordinator", "ROBIN  COÖRDINATOR", "Ann O'Coordinator"])
@pytest.mark.parametrize("way", ["name", "phone"])
async def test_a14_whoever_has_the_searchers_own_surname_is_not_found_and_an_alarm_is_raised(
    database, name, way
):
    asked = {"name": name, **BORN} if way == "name" else {"phone": "07700 900 982"}
    async with visiting(database, SEARCHER) as visit:
        nobody = await find(visit, **asked)
        await an_open_case(database, kim=called(name))
        hidden = await find(visit, **asked)
        visit.sits_down(MANAGER)
        others = await find(visit, **asked)

    assert "Nobody was found" in hidden.text
    assert hidden.status_code == nobody.status_code == 200
    assert to_the_letter(hidden) == to_the_letter(nobody)
    assert "1 person was found" in others.text
    assert await alarmed(database) == [(Kind.TOO_NEAR, COORDINATOR)]


@pytest.mark.parametrize("who", ["sam", "kim"])
@pytest.mark.parametrize("wall", ["conflict", "own_case"])
async def test_a14_whoever_is_in_a_case_that_is_kept_from_the_searcher_is_not_found(
    database, who, wall
):
    by_name = {"name": "Kim Example", **BORN}
    asked = {"email": "sam@example.org"} if who == "sam" else by_name
    other = staff(*AccessRole)
    async with visiting(database, other) as visit:
        nobody = await find(visit, **asked)
        case = await an_open_case(database, sam=a_newcomer(), kim=called("Kim Example"))
        if wall == "conflict":
            await stand(database, case, Relation.CONFLICT)
        else:
            other = staff(*AccessRole, person_id=case.kim)
            visit.sits_down(other)
        hidden = await find(visit, **asked)

    assert to_the_letter(hidden) == to_the_letter(nobody)
    assert await alarmed(database) == [(Kind.TOO_NEAR, other.id)]


async def test_a14_a_manager_is_told_on_the_page_of_alarms(database):
    await an_open_case(database, kim=called("Robin Coordinator"))
    async with visiting(database, SEARCHER) as visit:
        for _ in range(3):
            await find(visit, name="Robin Coordinator", **BORN)
        visit.sits_down(MANAGER)
        page = await visit.get("/referral/alarms")

    assert page.text.count("somebody of their own name") == 1
    assert str(COORDINATOR) in page.text


async def test_a14_that_they_tried_is_in_the_audit_with_whom_they_did_not_see(database):
    referral = await a_waiting_referral(database, who=called("Robin Coordinator"))
    async with visiting(database, SEARCHER) as visit:
        await find(visit, phone="07700 900 982")
    entry = SCHEMA.tables.audit.entry
    async with database.reading() as session:
        last = (await session.execute(select(entry).order_by(entry.c.id.desc()))).first()

    assert (last.purpose, last.outcome) == ("search", "denied")
    assert (last.person_id, last.actor_id) == (referral.person_id, COORDINATOR)


async def test_a_search_for_somebody_else_raises_nothing(database, world):
    await an_open_case(database, kim=called("Kim Example"))
    async with visiting(database, SEARCHER) as visit:
        found = await find(visit, name="Kim Example", **BORN)
        world.advance(timedelta(hours=2))

    assert "1 person was found" in found.text
    assert await alarmed(database) == []


def test_a_surname_is_the_last_word_however_it_is_written():
    assert surname("Zoë Ó Brien") == surname("sean BRIEN ") == "brien"
    assert surname("Jo Smith-Jones") == "jones"
    assert surname("…") == ""
