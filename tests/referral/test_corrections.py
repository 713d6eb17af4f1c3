"""Putting right what is kept about somebody: why, what it was, and who may see that."""

import pytest
from sqlalchemy import select, text

from services.referral import store
from services.referral.actions import people
from services.referral.actions.case_file import Edit
from services.referral.domain.corrections import Corrected
from services.referral.domain.erasure import Basis, Erasure
from services.referral.store import SCHEMA
from shared.contracts.access import AccessRole
from shared.plumbing.sealing.trouble import WasErased
from tests.referral.builders import COORDINATOR, a_newcomer
from tests.referral.cases import an_open_case, version_of
from tests.referral.copies import SAMS, newcomer, two_people
from tests.referral.standing import put_on, staff
from tests.referral.web import case_path, visiting


async def kept(database, person_id):
    async with database.reading() as session:
        return await store.corrections.of_people(session, person_id)


async def correct(database, case, person_id, who, because="They told us."):
    edit = Edit(case.referral_id, await version_of(database, case.referral_id), COORDINATOR)
    async with database.transaction() as session:
        await people.change_contact(session, edit, person_id, who, because)


async def test_what_it_was_is_kept_with_the_reason(database):
    case = await an_open_case(database, sam=newcomer(SAMS, "old.sam@example.org"))
    await correct(database, case, case.sam, a_newcomer("Sam Renamed"), "A slip of the pen")

    name, contact = await kept(database, case.sam)

    assert (name.correction.what, name.was) == (Corrected.NAME, SAMS.name)
    assert contact.was.first.address == "old.sam@example.org"
    assert {name.correction.because, contact.correction.because} == {"A slip of the pen"}
    assert name.correction.by == COORDINATOR


async def test_what_was_not_changed_is_no_correction(database):
    case = await an_open_case(database)
    await correct(database, case, case.sam, a_newcomer())

    assert await kept(database, case.sam) == []


async def test_a_correction_is_an_alteration_in_the_audit(sqlite_database):
    database = await sqlite_database()
    case = await an_open_case(database)
    await correct(database, case, case.sam, a_newcomer("Sam Renamed"))
    entry = SCHEMA.tables.audit.entry
    async with database.reading() as session:
        wanted = select(entry.c.verb).where(
            entry.c.person_id == case.sam, entry.c.purpose == "safe_contact_changed"
        )
        assert (await session.scalars(wanted)).all() == ["alteration"]


async def test_what_it_was_and_why_are_sealed(sqlite_database):
    database = await sqlite_database()
    case = await two_people(database)
    async with database.reading() as session:
        await session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    with open(database.url.database, "rb") as file:  # noqa: ASYNC230
        stored = file.read()

    assert len(await kept(database, case.sam)) == 1
    for canary in (*SAMS.all, "old.sam"):
        assert canary.encode() not in stored


async def test_what_it_was_goes_when_the_person_goes(database):
    case = await two_people(database)
    async with database.transaction() as session:
        await store.erasures.erase(session, Erasure(case.sam, session.now().date(), Basis.REQUEST))

    assert await kept(database, case.sam) == []
    assert len(await kept(database, case.kim)) == 1
    with pytest.raises(WasErased):
        await correct(database, case, case.sam, a_newcomer("Somebody"))


async def test_that_it_was_corrected_is_on_the_page_for_whoever_may_see_how_to_reach_them(
    sqlite_database,
):
    database = await sqlite_database()
    case = await an_open_case(database)
    await correct(database, case, case.sam, a_newcomer("Sam Renamed"), "Sam <b>wrote</b>")
    await put_on(database, case, case.kim)
    async with visiting(database) as visit:
        whole = await visit.get(case_path(case.referral_id))
        visit.sits_down(staff(AccessRole.FACILITATOR, area=case.sam))
        kims = await visit.get(case_path(case.referral_id))

    assert "Name corrected on" in whole.text
    assert "Sam &lt;b&gt;wrote&lt;/b&gt;" in whole.text
    assert kims.status_code == 200
    assert "corrected on" not in kims.text


async def test_nothing_is_corrected_without_saying_why(sqlite_database):
    database = await sqlite_database()
    case = await an_open_case(database)
    path = f"{case_path(case.referral_id)}/people/{case.sam}/safe-contact"
    async with visiting(database) as visit:
        form = await visit.get(path)
        without = await visit.send(form, {"name": "Sam Renamed"})
        after = await visit.get(case_path(case.referral_id))

    assert (without.status_code, "Enter why it is changed" in without.text) == (422, True)
    assert "Sam Renamed" not in after.text
