"""What was written about a case of several people is not destroyed with one: somebody reads it."""

from sqlalchemy import select

from services.referral import store
from services.referral.store import SCHEMA
from shared.contracts.access import AccessRole
from tests.referral.builders import AREA, COORDINATOR
from tests.referral.cases import an_open_case
from tests.referral.erasing import TODAY, erase
from tests.referral.standing import ELSEWHERE, staff
from tests.referral.web import case_path, visiting

COORDINATES = staff(AccessRole.COORDINATOR, person_id=COORDINATOR, area=AREA)


async def test_a_case_with_others_in_it_is_to_be_looked_through_and_then_is_not(database, ledger):
    case = await an_open_case(database)
    path = f"{case_path(case.referral_id)}/redaction"
    async with visiting(database, as_staff=COORDINATES) as visit:
        before = await visit.get(path)
        await erase(database, ledger, case.sam)
        listed = await visit.get("/referral/requests")
        page = await visit.get(path)
        done = await visit.send(page, {})
        again = await visit.send(page, {})
        after = await visit.get(done.headers["location"])

    assert "Nothing in this case waits" in before.text
    assert path in listed.text
    assert "Somebody in this case asked to be erased" in page.text
    assert (done.status_code, again.status_code) == (303, 303)
    assert "You looked through the case" in after.text
    assert path not in after.text
    entry = SCHEMA.tables.audit.entry
    async with database.reading() as session:
        noted = select(entry.c.actor_id, entry.c.person_id, entry.c.verb)
        found = await session.execute(noted.where(entry.c.purpose == "redaction_done"))
        assert set(found) == {(COORDINATOR, case.sam, "erasure")}


async def test_whoever_sees_that_a_case_waits_to_be_looked_through_is_noted(database, ledger):
    case = await an_open_case(database)
    await erase(database, ledger, case.sam)
    async with visiting(database, as_staff=COORDINATES) as visit:
        listed = await visit.get("/referral/requests")

    assert "Nothing is open." in listed.text
    assert "TEST-1" in listed.text
    entry = SCHEMA.tables.audit.entry
    async with database.reading() as session:
        noted = select(entry.c.actor_id, entry.c.referral_id, entry.c.person_id)
        found = await session.execute(noted.where(entry.c.purpose == "right_list"))
        assert [tuple(row) for row in found] == [(COORDINATOR, case.referral_id, None)]


async def test_with_the_last_person_gone_there_is_nothing_to_look_through(database, ledger):
    case = await an_open_case(database)
    await erase(database, ledger, case.sam)
    async with database.transaction() as session:
        await store.redactions.finish(session, case.referral_id, COORDINATOR, TODAY)

    await erase(database, ledger, case.kim)

    async with database.reading() as session:
        assert await store.redactions.of_case(session, case.referral_id) == []


async def test_nobody_elsewhere_sees_that_there_is_such_a_case(database, ledger):
    case = await an_open_case(database)
    await erase(database, ledger, case.sam)
    elsewhere = staff(AccessRole.COORDINATOR, person_id=COORDINATOR, area=ELSEWHERE)
    async with visiting(database, as_staff=elsewhere) as visit:
        listed = await visit.get("/referral/requests")
        page = await visit.get(f"{case_path(case.referral_id)}/redaction")

    assert str(case.referral_id) not in listed.text
    assert page.status_code == 404
