"""The audit is cut to what its reader may know of before it is divided into pages."""

import re

import pytest
from sqlalchemy import insert

from services.scheduling.store.standings import STANDINGS as PLANNED
from shared.contracts.access import AccessRole, Relation, Standing
from shared.plumbing import audit
from shared.plumbing.audit import Entry, Verb
from tests.audit.furnished import furnished
from tests.fixtures.staff import a_member_of_staff, as_staff
from tests.referral.builders import AREA
from tests.referral.cases import a_waiting_referral, an_open_case
from tests.referral.conftest import seeded
from tests.referral.standing import ELSEWHERE, MANAGER, keep_from
from tests.referral.web import visiting
from tests.scheduling.builders import CASE, FIRST, REFERRAL, SECOND

NOTHING = "Nothing is noted here yet."


async def looked_at(database, number: int, first: int = 0, **about) -> None:
    """So many looks, each with its own number for a purpose."""
    async with database.transaction() as session:
        for one in range(first, first + number):
            entry = Entry(verb=Verb.CONSULTATION, purpose=f"look_{one:03}", **about)
            await audit.record(session, entry)


def seen(page) -> list[str]:
    return re.findall(r"Look (\d{3})", page.text)


async def test_pages_are_full_and_end_where_there_is_no_more(database):
    """Of two cases of one person one is hidden: its entries take no room on any page."""
    case = await an_open_case(database)
    other = await a_waiting_referral(database, 2)
    about = {"person_id": case.sam}
    for number in range(60):
        hidden = {"referral_id": other.id}
        await looked_at(database, 1, 500 + number, **about, **hidden)
        await looked_at(database, 1, number, **about, referral_id=case.referral_id)
    await keep_from_manager(database, other.id)
    path = f"/referral/audit/people/{case.sam}"
    async with visiting(database, MANAGER) as visit:
        pages = [await visit.get(f"{path}?page={number}") for number in (1, 2)]

    assert len(seen(pages[0])) == 50
    assert 'rel="next"' in pages[0].text
    assert 'rel="next"' not in pages[1].text
    everything = {one for page in pages for one in seen(page)}
    assert everything == {f"{number:03}" for number in range(60)}


async def keep_from_manager(database, referral_id):
    from services.referral.store.standings import STANDINGS

    async with database.transaction() as session:
        wall = Standing(referral_id, MANAGER.id, Relation.CONFLICT, 99)
        await STANDINGS.note(session, wall)


@pytest.mark.parametrize("who", ["sam", "kim"])
async def test_what_names_only_a_person_is_hidden_from_whoever_is_kept_from_their_case(
    database, who
):
    case = await an_open_case(database)
    person = getattr(case, who)
    await looked_at(database, 3, person_id=person)
    path = f"/referral/audit/people/{person}"
    async with visiting(database, MANAGER) as visit:
        before = await visit.get(path)
        await keep_from(database, case, MANAGER.id)
        after = await visit.get(path)
        nobodys = await visit.get(f"/referral/audit/people/{database.world.new_id()}")

    assert seen(before) == ["002", "001", "000"]
    assert (after.status_code, seen(after)) == (200, [])
    assert NOTHING in after.text
    assert NOTHING in nobodys.text


async def test_whoever_is_in_a_case_reads_nothing_of_themselves_or_of_the_others(database):
    case = await an_open_case(database)
    for person in (case.sam, case.kim):
        await looked_at(database, 1, person_id=person)
    for reader in (case.sam, case.kim):
        manager = a_member_of_staff(AccessRole.MANAGER, id=reader)
        async with visiting(database, manager) as visit:
            for person in (case.sam, case.kim):
                page = await visit.get(f"/referral/audit/people/{person}")
                assert seen(page) == []


async def test_what_names_only_a_person_of_another_area_is_for_that_areas_managers(database):
    case = await an_open_case(database)
    await looked_at(database, 1, person_id=case.kim)
    read = []
    for area in (AREA, ELSEWHERE):
        manager = a_member_of_staff(AccessRole.MANAGER, id=MANAGER.id, areas=[area])
        async with visiting(database, manager) as visit:
            read.append(seen(await visit.get(f"/referral/audit/people/{case.kim}")))

    assert read == [["000"], []]


async def test_what_was_done_with_a_colleague_is_read_by_managers_of_every_area(database):
    await looked_at(database, 1, person_id=MANAGER.id)
    manager = a_member_of_staff(AccessRole.MANAGER, id=MANAGER.id, areas=[ELSEWHERE])
    async with visiting(database, manager) as visit:
        page = await visit.get(f"/referral/audit/people/{MANAGER.id}")

    assert seen(page) == ["000"]


async def test_what_names_a_case_by_its_own_id_alone_belongs_to_its_referral(database):
    case = await an_open_case(database)
    await looked_at(database, 1, case_id=case.case_id)
    path = f"/referral/audit/cases/{case.referral_id}"
    async with visiting(database, MANAGER) as visit:
        before = await visit.get(path)
        await keep_from(database, case, MANAGER.id)
        after = await visit.get(path)

    assert (seen(before), seen(after)) == (["000"], [])


@pytest.mark.parametrize("told_as", [CASE, REFERRAL])
@pytest.mark.parametrize("person", [FIRST, SECOND])
async def test_planning_hides_what_names_only_a_person_of_a_case_that_is_kept(
    sqlite_store, world, person, told_as
):
    async with furnished("scheduling", sqlite_store, world) as desk:
        await looked_at(desk.database, 1, person_id=person)
        path = f"/scheduling/audit/people/{person}"
        before = await desk.browser.get(path)
        async with desk.database.transaction() as session:
            await PLANNED.note(session, Standing(told_as, desk.staff.id, Relation.CONFLICT, 1))
        after = await desk.browser.get(path)

    assert (seen(before), seen(after)) == (["000"], [])


async def test_notifications_hides_it_as_well(sqlite_store, world):
    from services.notifications.store.matters import STANDINGS

    async with furnished("notifications", sqlite_store, world) as desk:
        person = desk.ids["person_id"]
        await looked_at(desk.database, 1, person_id=person)
        path = f"/notifications/audit/people/{person}"
        before = await desk.browser.get(path)
        async with desk.database.transaction() as session:
            case_id = desk.ids["case_id"]
            await STANDINGS.note(session, Standing(case_id, desk.staff.id, Relation.CONFLICT, 1))
        after = await desk.browser.get(path)

    assert (seen(before), seen(after)) == (["000"], [])


async def test_a_service_that_keeps_no_cases_shows_what_it_has(sqlite_store, world):
    async with furnished("reporting", sqlite_store, world) as desk:
        person = desk.ids["person_id"]
        await looked_at(desk.database, 1, person_id=person)
        page = await desk.browser.get(f"/reporting/audit/people/{person}")

    assert seen(page) == ["000"]


async def test_whoever_reads_the_alarms_is_in_the_audit_with_whom_they_are_about(
    sqlite_store, world
):
    async with furnished("referral", sqlite_store, world) as desk:
        about = world.new_id()
        async with desk.database.transaction() as session:
            row = {"id": world.new_id(), "kind": "many_records", "raised_at": world.now()}
            await session.execute(
                insert(desk.database.schema.tables.alarm), {**row, "about": about}
            )
        as_staff(desk.browser, desk.staff)
        page = await desk.browser.get("/referral/alarms")
        last = (await desk.entries())[-1]

    assert str(about) in page.text
    assert (last.purpose, last.person_id, last.actor_id) == ("alarm_page", about, desk.staff.id)


@pytest.fixture
async def database(any_store, world):
    return await seeded(any_store, world)
