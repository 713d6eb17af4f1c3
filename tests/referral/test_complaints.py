"""The register of complaints: kept, seen by those who may, gone with its person."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from services.referral import store
from services.referral.channels import overdue
from services.referral.domain.complaints import DESTROYED
from services.referral.domain.erasure import Basis, Erasure
from services.referral.store import SCHEMA
from shared.contracts.access import AccessRole
from shared.plumbing.database import Database
from tests.referral.builders import COORDINATOR, FACILITATOR
from tests.referral.cases import an_open_case
from tests.referral.copies import CONFIRMED, TODAY, complain, two_people
from tests.referral.standing import keep_from, staff
from tests.referral.web import case_path, visiting

LIST = "/referral/complaints"

FROM_OUTSIDE = {
    "who": "A heron, heron@example.org",
    "came_day": "1",
    "came_month": "3",
    "came_year": "2026",
    "how": "by_letter",
    "said": "Nobody <b>rang</b> me back.\nTwice.",
    "about": "nobody",
}


async def the_complaint(database: Database) -> str:
    async with database.reading() as session:
        found = await session.scalar(select(SCHEMA.metadata.tables["complaint"].c.id))
    return f"{LIST}/{found}"


async def test_a_complaint_from_somebody_unknown_goes_its_whole_way(database):
    async with visiting(database, CONFIRMED) as visit:
        form = await visit.get(f"{LIST}/new")
        sent = await visit.send(form, FROM_OUTSIDE)
        listed = await visit.get(sent.headers["location"])
        page = await visit.get(await the_complaint(database))
        assert "Acknowledge it within 28 days" in listed.text
        assert "Nobody &lt;b&gt;rang&lt;/b&gt; me back.<br>Twice." in page.text
        for answers in (
            {"step": "acknowledged", "words_said": "We wrote that Cora deals with it."},
            {"step": "answered"},
            {"step": "closed", "outcome": "partly_upheld"},
        ):
            done = await visit.send(page, answers)
            page = await visit.get(done.headers["location"])
        closed = await visit.get(f"{LIST}?closed=true")
        none = await visit.get(LIST)

    assert "We wrote that Cora deals with it." in page.text
    assert "<form" not in page.text.partition("What was done")[2]
    assert "Partly upheld" in closed.text
    assert "No complaint is open" in none.text


async def test_words_and_whoever_wrote_them_are_sealed(sqlite_database):
    database = await sqlite_database()
    async with visiting(database, CONFIRMED) as visit:
        await visit.send(await visit.get(f"{LIST}/new"), FROM_OUTSIDE)
        page = await visit.get(await the_complaint(database))
        await visit.send(page, {"step": "noted", "words_said": "A bittern was found."})
    async with database.reading() as session:
        await session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    with open(database.url.database, "rb") as file:  # noqa: ASYNC230
        stored = file.read()

    assert b"heron" not in stored
    assert b"bittern" not in stored


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"came_year": "2027"}, "cannot lie ahead"),
        ({"came_day": "31", "came_month": "2"}, "came"),
        ({"how": "by_pigeon"}, "Choose how it came"),
        ({"said": ""}, "Enter what they complain of"),
        ({"who": "   "}, "Enter who complains"),
        ({"about": "somebody"}, "Choose whether it is about a colleague"),
        ({"reference": "XXX-XXXX-XXX"}, "There is no referral with this reference"),
    ],
)
async def test_what_is_missing_or_makes_no_sense_is_said_and_nothing_is_kept(
    sqlite_database, changes, said
):
    database = await sqlite_database()
    async with visiting(database, CONFIRMED) as visit:
        page = await visit.send(await visit.get(f"{LIST}/new"), {**FROM_OUTSIDE, **changes})
        listed = await visit.get(LIST)

    assert (page.status_code, said in page.text) == (422, True)
    assert "No complaint is open" in listed.text


async def test_a_party_is_known_and_the_complaint_stands_beside_their_case(database):
    case = await an_open_case(database)
    path = f"{case_path(case.referral_id)}/people/{case.kim}/complaint"
    async with visiting(database, CONFIRMED) as visit:
        form = await visit.get(path)
        sent = await visit.send(form, {**FROM_OUTSIDE, "who": ""})
        page = await visit.get(await the_complaint(database))

    assert "Record a complaint by Kim Example" in form.text
    assert sent.status_code == 303
    assert "Kim Example" in page.text
    assert "TEST-1" in page.text


async def test_the_colleague_it_is_about_never_finds_it(database):
    case = await an_open_case(database)
    complaint_id = await complain(database, case, case.sam, "He was rude.", about_id=FACILITATOR)
    async with visiting(database, CONFIRMED) as visit:
        assert (await visit.get(f"{LIST}/{complaint_id}")).status_code == 200
        visit.sits_down(staff(*AccessRole, person_id=FACILITATOR))
        there, not_there = [
            await visit.get(f"{LIST}/{one}") for one in (complaint_id, case.referral_id)
        ]
        step = await visit.post(f"{LIST}/{complaint_id}", {"step": "noted", "version": "1"})
        listed = await visit.get(LIST)
        audits = [
            await visit.get(f"/referral/audit/cases/{complaint_id}"),
            await visit.get(f"/referral/audit/people/{case.sam}"),
            await visit.get(f"/referral/audit/people/{FACILITATOR}"),
        ]

    assert (there.status_code, there.text) == (404, not_there.text)
    assert step.status_code == 404
    assert "No complaint is open" in listed.text
    assert all("omplaint received" not in page.text for page in audits)


async def test_a_wall_of_the_case_is_a_wall_of_the_complaint(database):
    case = await an_open_case(database)
    linked = await complain(database, case, None, "It took long.")
    not_linked = await complain(database, case, case.kim, "It took long.", referral_id=None)
    await keep_from(database, case)
    async with visiting(database, staff(*AccessRole, person_id=FACILITATOR)) as visit:
        pages = [await visit.get(f"{LIST}/{one}") for one in (linked, not_linked)]
        listed = await visit.get(LIST)

    assert [page.status_code for page in pages] == [404, 404]
    assert "No complaint is open" in listed.text


async def test_whoever_complains_does_not_handle_their_own_complaint(sqlite_database):
    database = await sqlite_database()
    case = await an_open_case(database)
    complaint_id = await complain(database, case, COORDINATOR, "My own.", referral_id=None)
    async with visiting(database, staff(*AccessRole, person_id=COORDINATOR)) as visit:
        assert (await visit.get(f"{LIST}/{complaint_id}")).status_code == 404


async def test_two_who_work_on_one_complaint_do_not_write_over_each_other(sqlite_database):
    database = await sqlite_database()
    case = await an_open_case(database)
    complaint_id = await complain(database, case, case.sam, "It took long.")
    async with visiting(database, CONFIRMED) as visit:
        page = await visit.get(f"{LIST}/{complaint_id}")
        again = await visit.get(f"{LIST}/{complaint_id}")
        first = await visit.send(page, {"step": "acknowledged"})
        second = await visit.send(again, {"step": "noted", "words_said": "Something else."})

    assert (first.status_code, second.status_code) == (303, 409)


async def test_what_a_person_said_goes_when_the_person_goes(database):
    case = await two_people(database)
    async with database.reading() as session:
        [theirs] = await store.complaints.by_person(session, case.sam)
    async with database.transaction() as session:
        await store.erasures.erase(session, Erasure(case.sam, session.now().date(), Basis.REQUEST))
    async with visiting(database, CONFIRMED) as visit:
        page = await visit.get(f"{LIST}/{theirs.id}")
        done = await visit.send(page, {"step": "answered", "words_said": "This is not kept."})
        after = await visit.get(done.headers["location"])

    assert "destroyed with the person" in page.text
    assert DESTROYED.startswith("What stood here")
    assert "Answered" in after.text
    assert "This is not kept" not in after.text


async def test_a_complaint_whose_time_is_over_leaves_nothing(database):
    case = await an_open_case(database)
    complaint_id = await complain(database, case, None, "It took long.")
    async with database.transaction() as session:
        await store.complaints.forget(session, complaint_id)
    async with database.reading() as session:
        for table in ("complaint", "complaint_step"):
            assert not (await session.execute(select(SCHEMA.metadata.tables[table]))).all()


async def test_what_is_overdue_is_listed_first_and_counted(database, world):
    case = await an_open_case(database)
    old = await complain(database, case, None, "A", came_on=TODAY - timedelta(days=30))
    last_day = TODAY - timedelta(days=29)
    await complain(database, case, None, "B", came_on=last_day)
    async with database.reading() as session:
        assert await store.complaints.count_overdue(session, TODAY) == 1
        assert await store.complaints.count_overdue(session, TODAY + timedelta(days=1)) == 2
    async with visiting(database, CONFIRMED) as visit:
        listed = await visit.get(LIST)
        service = visit.app.state.service
        await overdue.look(service)
        figures = service.metrics.text().decode()

    assert "parley_complaints_overdue 1.0" in figures
    assert listed.text.index(str(old)) < listed.text.index("Acknowledge it today")
