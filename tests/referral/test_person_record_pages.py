"""The pages for managers on which a copy is made: who may, what it holds, what is noted."""

import json
from dataclasses import replace

from sqlalchemy import select

from services.referral import store
from services.referral.actions import triage
from services.referral.actions.case_file import Edit
from services.referral.domain.parties import Party
from services.referral.store import SCHEMA
from services.referral.store.standings import STANDINGS
from shared.contracts.access import AccessRole, Relation, Standing
from shared.contracts.words import Side
from tests.referral.builders import COORDINATOR
from tests.referral.cases import a_waiting_referral, an_open_case
from tests.referral.copies import CONFIRMED, KIMS, SAMS, complain, confirmed, two_people
from tests.referral.standing import ELSEWHERE, MANAGER, keep_from
from tests.referral.web import case_path, visiting


def record_of(case, person_id) -> str:
    return f"{case_path(case.referral_id)}/people/{person_id}/record"


async def test_a_manager_who_has_just_shown_a_code_is_given_the_copy(database):
    case = await two_people(database)
    async with visiting(database, CONFIRMED) as visit:
        page = await visit.get(record_of(case, case.sam))
        html = await visit.send(page, {"kind": "html"})
        data = await visit.send(page, {"kind": "json"})

    assert page.status_code == 200
    assert html.headers["content-disposition"] == 'attachment; filename="copy.html"'
    assert html.headers["cache-control"] == "no-store"
    parts = json.loads(data.text)["parts"]
    for copy in (html.text, json.dumps(parts)):
        assert all(canary in copy for canary in SAMS.all)
        assert not any(canary in copy for canary in KIMS.all)


async def test_a_part_that_did_not_answer_is_named_in_the_copy(database):
    case = await two_people(database)
    async with visiting(database, CONFIRMED) as visit:
        page = await visit.get(record_of(case, case.sam))
        copy = await visit.send(page, {"kind": "html"})
        data = await visit.send(page, {"kind": "json"})

    assert "This copy is not complete" in copy.text
    assert "Meetings, Messages, Figures" in copy.text
    assert json.loads(data.text)["missing"] == ["scheduling", "notifications", "reporting"]


async def test_without_a_code_shown_again_they_are_led_to_show_one(database):
    case = await two_people(database)
    async with visiting(database, MANAGER) as visit:
        for way in (visit.get, visit.post):
            page = await way(record_of(case, case.sam))
            assert page.status_code == 303
            assert page.headers["location"].startswith("/referral/sign-in/confirm")


async def test_nobody_but_a_manager_finds_it(sqlite_database):
    database = await sqlite_database()
    case = await two_people(database)
    async with visiting(database, CONFIRMED) as visit:
        for role in set(AccessRole) - {AccessRole.MANAGER}:
            visit.sits_down(confirmed(role))
            for last in ("", "/pieces"):
                assert (await visit.get(record_of(case, case.sam) + last)).status_code == 404
            assert (await visit.post(record_of(case, case.sam))).status_code == 404


async def a_second_matter(database, person_id):
    """Somebody is a party in a case of their neighbour's, too; the id of its referral."""
    referral = await a_waiting_referral(database, 2)
    async with database.transaction() as session:
        case = await triage.accept_referral(session, Edit(referral.id, 1, COORDINATOR))
        party = Party(case.id, person_id, Side.RESPONSIBLE, added_at=session.now())
        await store.cases.add_party(session, party)
    return referral.id


PAGES = ("record", "record/pieces", "requests")


async def test_a_wall_in_any_matter_keeps_them_from_the_whole_copy(sqlite_database):
    """Through the case that they may see they learn nothing of the one they may not."""
    database = await sqlite_database()
    case = await an_open_case(database)  # without a complaint, which would hide it too
    other = await a_second_matter(database, case.sam)
    async with visiting(database, CONFIRMED) as visit:
        for wall in (False, True):
            if wall:
                async with database.transaction() as session:
                    near = Standing(other, CONFIRMED.id, Relation.CONFLICT, 1)
                    await STANDINGS.note(session, near)
            for last in PAGES:
                path = f"{case_path(case.referral_id)}/people/{case.sam}/{last}"
                assert (await visit.get(path)).status_code == (404 if wall else 200)
            copy = await visit.post(record_of(case, case.sam), {"kind": "json"})
            assert ("TEST-2" in copy.text, copy.status_code) == (not wall, 404 if wall else 200)


async def test_a_wall_of_the_matter_itself_hides_every_page(sqlite_database):
    database = await sqlite_database()
    case = await two_people(database)
    await keep_from(database, case, CONFIRMED.id)
    async with visiting(database, CONFIRMED) as visit:
        for last in PAGES:
            path = f"{case_path(case.referral_id)}/people/{case.sam}/{last}"
            assert (await visit.get(path)).status_code == 404


async def test_whoever_works_in_other_areas_is_given_nothing(sqlite_database):
    database = await sqlite_database()
    case = await two_people(database)
    elsewhere = replace(CONFIRMED, areas=frozenset({ELSEWHERE}))
    async with visiting(database, elsewhere) as visit:
        assert (await visit.get(record_of(case, case.sam))).status_code == 404


async def test_a_manager_who_is_complained_about_is_given_nothing(sqlite_database):
    """The copy would show them a complaint that is not there for them."""
    database = await sqlite_database()
    case = await two_people(database)
    async with visiting(database, CONFIRMED) as visit:
        before = await visit.get(record_of(case, case.sam))
        await complain(database, case, case.sam, "They were rude.", about_id=CONFIRMED.id)
        after = await visit.get(record_of(case, case.sam))

    assert (before.status_code, after.status_code) == (200, 404)


async def test_a_person_who_is_not_in_the_case_is_not_there(sqlite_database):
    database = await sqlite_database()
    case = await two_people(database)
    other = await a_waiting_referral(database, 2)
    async with visiting(database, CONFIRMED) as visit:
        assert (await visit.get(record_of(case, other.person_id))).status_code == 404


async def test_a_copy_is_a_disclosure_and_leaves_nothing_else_behind(sqlite_database):
    database = await sqlite_database()
    case = await two_people(database)
    async with visiting(database, CONFIRMED) as visit:
        await visit.post(record_of(case, case.sam), {"kind": "html"})
        entry = SCHEMA.tables.audit.entry
        async with database.reading() as session:
            noted = (
                await session.execute(select(entry).where(entry.c.purpose == "person_export"))
            ).all()

    assert [(one.verb, one.person_id) for one in noted] == [("disclosure", case.sam)]


async def test_what_people_wrote_is_text_in_the_copy(sqlite_database):
    database = await sqlite_database()
    case = await two_people(database)
    await complain(database, case, case.sam, "<script>alert(1)</script>\n<b>bold</b>")
    async with visiting(database, CONFIRMED) as visit:
        copy = await visit.post(record_of(case, case.sam), {"kind": "html"})

    assert "<script" not in copy.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>&lt;b&gt;bold&lt;/b&gt;" in copy.text


async def test_pieces_are_decided_about_one_by_one_and_can_be_decided_again(database):
    case = await two_people(database)
    here = record_of(case, case.kim) + "/pieces"
    async with visiting(database, CONFIRMED) as visit:
        page = await visit.get(here)
        bare = await visit.send(page, {"decision": "withheld", "reason": "It is of Sam."})
        assert (bare.status_code, "Choose why" in bare.text) == (422, True)
        for left in (3, 2, 1, 0):
            answers = {"decision": "withheld", "ground": "somebody_else", "reason": "Of Sam."}
            sent = await visit.send(page, answers)
            assert sent.status_code == 303
            page = await visit.get(here)
            assert ("No piece waits" in page.text) is (left == 0)
        again = await visit.send(page, {})
        after = await visit.get(again.headers["location"])

    assert "This is the last piece" in after.text


async def test_answers_that_make_no_sense_are_refused_in_words(sqlite_database):
    database = await sqlite_database()
    case = await two_people(database)
    async with visiting(database, CONFIRMED) as visit:
        for path, answers in (
            (record_of(case, case.sam), {"kind": "pdf"}),
            (record_of(case, case.sam), {}),
            (record_of(case, case.sam) + "/pieces", {"decision": "burned"}),
            (record_of(case, case.sam) + "/pieces", {"source": "'; DROP", "size": "many"}),
        ):
            assert (await visit.post(path, answers)).status_code == 422
        gone = await visit.post(record_of(case, case.sam) + "/pieces", {"again": "no id"})
        assert gone.status_code == 303
