"""The coordinator's pages: each change once, and never from a page that is out of date."""

import asyncio
import re
from datetime import timedelta

import pytest

from services.referral import store
from services.referral.actions.seeds import demo_id
from services.referral.domain.intake import Status
from shared.contracts.words import Role
from tests.fixtures.web import visitor
from tests.referral.builders import AREA, a_newcomer, some_id
from tests.referral.cases import a_waiting_referral
from tests.referral.standing import MANAGER
from tests.referral.told import facts, told
from tests.referral.web import case_path, the_form, visiting


async def test_who_waits_is_on_the_list_and_opens_on_a_page(database):
    referral = await a_waiting_referral(database)
    async with visiting(database) as visit:
        listed = await visit.get("/referral/cases")
        page = await visit.get(case_path(referral.id))

    assert "Sam Example" in listed.text
    assert case_path(referral.id) in listed.text
    for shown in ("Sam Example", "TEST-1", "sam@example.org", "Noise", "City centre", "Waiting"):
        assert shown in page.text


async def test_the_list_has_a_tab_for_each_state_and_pages(sqlite_database, world):
    database = await sqlite_database()
    for number in range(30):
        world.advance(timedelta(minutes=1))
        await a_waiting_referral(database, number, a_newcomer(f"Person {number}"))
    async with visiting(database) as visit:
        first = await visit.get("/referral/cases")
        second = await visit.get("/referral/cases?page=2")
        closed = await visit.get("/referral/cases?tab=closed")
        wrong = [
            await visit.get(f"/referral/cases?{query}")
            for query in ("page=0", "page=x", "page=99999999999999999999", "tab=secret")
        ]

    assert "Person 0<" in first.text
    assert "page=2" in first.text
    assert "Person 29<" in second.text
    assert "No referral is closed." in closed.text
    assert {page.status_code for page in wrong} == {422}


async def test_accepting_twice_by_a_double_click_is_accepting_once(database):
    referral = await a_waiting_referral(database)
    async with visiting(database) as visit:
        page = await visit.get(case_path(referral.id))
        both = await asyncio.gather(visit.send(page, {}), visit.send(page, {}))
        after = await visit.get(both[0].headers["location"])

    assert [(answer.status_code, answer.headers["location"]) for answer in both] == [
        (303, f"{case_path(referral.id)}?done=accepted")
    ] * 2
    assert "You accepted the referral" in after.text
    assert await facts(database) == ["referral_received", "referral_accepted"]


async def test_a_page_that_is_out_of_date_says_so_and_changes_nothing(database):
    referral = await a_waiting_referral(database)
    async with visiting(database) as visit:
        mine = await visit.get(case_path(referral.id))
        theirs = await visit.get(f"{case_path(referral.id)}/decline")
        await visit.send(mine, {})

        late = await visit.send(theirs, {"reason": "duplicate"})

    assert late.status_code == 409
    assert "nothing was saved" in late.text
    assert await facts(database) == ["referral_received", "referral_accepted"]


async def test_declining_needs_a_reason(database):
    referral = await a_waiting_referral(database)
    async with visiting(database) as visit:
        page = await visit.get(f"{case_path(referral.id)}/decline")
        without = await visit.send(page, {})
        done = await visit.send(page, {"reason": "legal_timing"})
        after = await visit.get(case_path(referral.id))

    assert without.status_code == 422
    assert "Choose the reason" in without.text
    assert done.status_code == 303
    assert "Legal proceedings do not allow it now" in after.text
    async with database.reading() as session:
        found = await store.intake.find(session, referral.id)
    assert found is not None
    assert found.status is Status.DECLINED


async def test_addresses_that_lead_nowhere_say_so(sqlite_database):
    database = await sqlite_database()
    referral = await a_waiting_referral(database)
    async with visiting(database) as visit:
        for path in (
            case_path(some_id(404)),
            case_path("not-an-id"),
            f"{case_path(some_id(404))}/decline",
            f"{case_path(some_id(404))}/parties",
            f"{case_path(referral.id)}/people/{some_id(404)}/agree",
            f"{case_path(referral.id)}/people/{referral.person_id}/dance",
            f"/referral/areas/{some_id(404)}",
        ):
            assert (await visit.get(path)).status_code == 404, path


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"version": "x", "once": "y"},
        {"version": "1"},
        {"version": "1", "once": "not an id"},
        {"version": ["1", "2"], "once": str(some_id(1))},
        {"version": "9" * 30, "once": str(some_id(1))},
    ],
)
async def test_a_button_pressed_without_its_page_is_refused(sqlite_database, values):
    database = await sqlite_database()
    referral = await a_waiting_referral(database)
    async with visiting(database) as visit:
        answer = await visit.post(f"{case_path(referral.id)}/accept", {"x": "", **values})

    assert answer.status_code in (409, 422)
    assert await facts(database) == ["referral_received"]


async def test_names_are_shown_as_text_and_never_as_markup(sqlite_database):
    database = await sqlite_database()
    name = "<script>alert(1)</script>{{7*7}}${7*7}%s"
    referral = await a_waiting_referral(database, who=a_newcomer(name))
    async with visiting(database) as visit:
        for path in ("/referral/cases", case_path(referral.id)):
            page = await visit.get(path)
            assert "<script>alert" not in page.text
            assert "{{7*7}}${7*7}%s" in page.text


async def test_a_colleague_is_added_and_leaves(database):
    async with visiting(database, as_staff=MANAGER) as visit:
        page = await visit.get("/referral/staff")
        wrong = await visit.send(page, {"name": "Ada", "email": "two@x.example, y@x.example"}, -1)
        ada = {"name": "Ada", "email": "ada@parley.example", "roles": ["facilitator"]}
        await visit.send(page, ada, -1)
        await visit.send(page, ada, -1)
        listed = await visit.get("/referral/staff")
        (leaving,) = re.findall(
            r"/referral/staff/([0-9a-f-]+)/leave(?=(?:(?!</form>).)*\(Ada\))", listed.text, re.S
        )[:1]
        async with database.reading() as session:
            colleagues = await store.staff.colleagues(session)

    assert wrong.status_code == 422
    assert "Choose at least one role" in wrong.text
    assert listed.text.count("ada@parley.example") == 1
    assert leaving
    assert [c.roles for c in colleagues if c.person_id not in DEMO] == [
        frozenset({Role.FACILITATOR})
    ]


DEMO = {demo_id(number) for number in range(1, 5)}


async def test_the_last_coordinator_cannot_leave(database):
    async with visiting(database, as_staff=MANAGER) as visit:
        page = await visit.get("/referral/staff")
        once = the_form(page, -1).values["once"]
        leave = f"/referral/staff/{demo_id(1)}/leave"
        refused = await visit.post(leave, {"once": once})
        gone = await visit.post(f"/referral/staff/{demo_id(2)}/leave", {"once": once})
        twice = await visit.post(f"/referral/staff/{demo_id(2)}/leave", {"once": once})
        nobody = await visit.post(f"/referral/staff/{some_id(404)}/leave", {"once": once})

    assert refused.status_code == 409
    assert "only coordinator" in refused.text
    assert (gone.status_code, twice.status_code, nobody.status_code) == (303, 303, 404)
    left = [fact for fact in await told(database, everything=True) if fact["fact"] == "staff_left"]
    assert [fact["person_id"] for fact in left] == [str(demo_id(2))]


async def test_areas_are_added_and_renamed_and_no_two_are_alike(database):
    async with visiting(database, as_staff=MANAGER) as visit:
        page = await visit.get("/referral/areas")
        taken = await visit.send(page, {"label": "city centre"})
        added = await visit.send(page, {"label": "The docks"})
        one = await visit.get(f"/referral/areas/{AREA}")
        empty = await visit.send(one, {"label": " "})
        long = await visit.send(one, {"label": "x" * 81})
        renamed = await visit.send(one, {"label": "Old town"})
        stale = await visit.send(one, {"label": "Older town"})
        form = await visit.answered("area")

    assert "area with this name already" in taken.text
    assert (taken.status_code, empty.status_code, long.status_code) == (422, 422, 422)
    assert (added.status_code, renamed.status_code, stale.status_code) == (303, 303, 409)
    assert "The docks" in form.text
    assert "Old town" in form.text
    assert "City centre" not in form.text


async def test_nobody_who_is_not_signed_in_sees_a_staff_page(sqlite_database):
    database = await sqlite_database()
    referral = await a_waiting_referral(database)
    async with visiting(database) as visit:
        app = visit.browser._transport.app
        async with visitor(app, staff=None) as stranger:
            pages = [
                await stranger.get(path)
                for path in (
                    "/referral/cases",
                    case_path(referral.id),
                    "/referral/staff",
                    "/referral/areas",
                )
            ]
            public = await stranger.get("/referral/refer")

    assert {page.status_code for page in pages} == {303}
    assert not any("Sam Example" in page.text for page in pages)
    assert public.status_code == 200
