"""A request to be erased on its pages: noted by one, decided by another."""

from dataclasses import replace
from datetime import timedelta

from services.referral import store
from services.referral.actions.seeds import demo_id
from services.referral.domain.rights import RequestState
from shared.contracts.access import AccessRole
from shared.plumbing.staff import Staff
from tests.fixtures.clock import NOW
from tests.referral.builders import AREA, COORDINATOR, some_id
from tests.referral.cases import a_meeting, an_open_case, ask_grant, both_agree
from tests.referral.standing import MANAGER, keep_from, staff
from tests.referral.told import facts
from tests.referral.web import case_path, heading, title, visiting

NOTES = Staff(COORDINATOR, frozenset({AccessRole.COORDINATOR}))
DECIDES = replace(MANAGER, stepped_up_until=NOW + timedelta(days=365))
RECEIVED = {"received_day": "27", "received_month": "2", "received_year": "2026"}


def page_of(case, person_id) -> str:
    return f"{case_path(case.referral_id)}/people/{person_id}/erasure"


async def noted(visit, path):
    visit.sits_down(NOTES)
    return await visit.send(await visit.get(path), {**RECEIVED, "how": "by_phone"})


async def test_a_request_is_noted_by_one_and_carried_out_by_another(database, ledger):
    case = await an_open_case(database)
    await both_agree(database, case)
    assert (await ask_grant(database, a_meeting(case))).given
    path = page_of(case, case.sam)
    async with visiting(database, ledger=ledger.path) as visit:
        done = await noted(visit, path)
        after = await visit.get(path)
        listed = await visit.get("/referral/requests")
        visit.sits_down(DECIDES)
        decision = await visit.get(f"{path}/decision")
        carried = await visit.send(decision, {"decision": "carry_out"})
        again = await visit.send(decision, {"decision": "carry_out"})
        shown = await visit.get(carried.headers["location"])
        gone = await visit.get(path)
        empty = await visit.get("/referral/requests")

    assert (done.status_code, carried.status_code, again.status_code) == (303, 303, 303)
    assert "27 March 2026" in after.text
    assert "Due in 25 days" in after.text
    assert "A manager decides." in after.text
    assert "Sam Example" in listed.text
    for said in ("Erase Sam Example?", "TEST-1", "the figures stay as they are"):
        assert said in decision.text
    assert "A meeting with them is booked" in decision.text
    assert "was erased for good" in shown.text
    assert "Sam Example" not in shown.text
    assert "Kim Example" in shown.text
    assert "There is nothing left to decide" in gone.text
    assert "Nothing is open." in empty.text
    assert [line.subject for line in ledger.read()] == [case.sam]
    assert (await facts(database)).count("person_erased") == 1


async def test_whoever_noted_it_is_told_that_somebody_else_has_to_carry_it_out(database, ledger):
    case = await an_open_case(database)
    path = page_of(case, case.sam)
    async with visiting(database, ledger=ledger.path) as visit:
        visit.sits_down(DECIDES)
        await visit.send(await visit.get(path), {**RECEIVED, "how": "by_phone"})
        page = await visit.get(f"{path}/decision")
        forced = await visit.send(page, {"decision": "carry_out"})

    assert "You noted this request yourself" in page.text
    assert "Carry it out" not in page.text
    assert forced.status_code == 403
    assert ledger.read() == []


async def test_where_the_operator_says_there_is_one_manager_they_may_do_both(database, ledger):
    case = await an_open_case(database)
    path = page_of(case, case.sam)
    async with visiting(database, ledger=ledger.path, one_manager=True) as visit:
        visit.sits_down(DECIDES)
        await visit.send(await visit.get(path), {**RECEIVED, "how": "by_phone"})
        done = await visit.send(await visit.get(f"{path}/decision"), {"decision": "carry_out"})

    assert done.status_code == 303
    assert [line.subject for line in ledger.read()] == [case.sam]


async def test_it_is_refused_for_a_reason_of_the_law_and_with_a_note(database, ledger):
    case = await an_open_case(database)
    path = page_of(case, case.sam)
    async with visiting(database, ledger=ledger.path) as visit:
        await noted(visit, path)
        visit.sits_down(DECIDES)
        page = await visit.get(f"{path}/decision")
        bare = await visit.send(page, {"decision": "refuse"})
        undecided = await visit.send(page, {})
        reason = {"decision": "refuse", "reason": "legal_claims", "note": "A claim is pending."}
        refused = await visit.send(page, reason)
        after = await visit.get(path)

    assert (bare.status_code, undecided.status_code, refused.status_code) == (422, 422, 303)
    assert "Choose the reason the law gives" in bare.text
    assert "Write down what it rests on" in bare.text
    assert "Choose what you decide" in undecided.text
    assert "It is needed for a legal claim" in after.text
    assert "A claim is pending." in after.text
    async with database.reading() as session:
        [request] = await store.rights.of_person(session, case.sam)
        assert request.state is RequestState.REFUSED
        assert (await store.people.find(session, case.sam)).name == "Sam Example"


async def test_it_takes_two_months_longer_only_within_the_first(database, world, ledger):
    case = await an_open_case(database)
    path = page_of(case, case.sam)
    async with visiting(database, ledger=ledger.path) as visit:
        await noted(visit, path)
        open_page = await visit.get(path)
        longer = await visit.send(open_page, {"why": "complex"})
        after = await visit.get(path)
        world.advance(timedelta(days=100))
        late = await visit.get("/referral/requests")

    assert longer.status_code == 303
    assert "27 May 2026" in after.text
    assert "Does it have to take two months longer" not in after.text
    assert "Overdue by 14 days" in late.text


async def test_a_day_that_has_not_come_or_is_none_is_refused_in_words(database, ledger):
    case = await an_open_case(database)
    path = page_of(case, case.sam)
    async with visiting(database, ledger=ledger.path) as visit:
        visit.sits_down(NOTES)
        page = await visit.get(path)
        ahead = await visit.send(page, {**RECEIVED, "received_year": "2027", "how": "by_phone"})
        no_day = await visit.send(page, {**RECEIVED, "received_day": "31", "how": "by_phone"})
        nothing = await visit.send(page, {})

    assert [one.status_code for one in (ahead, no_day, nothing)] == [422] * 3
    assert "cannot lie ahead" in ahead.text
    assert "Enter a date" in nothing.text
    assert "Choose how they asked" in nothing.text
    async with database.reading() as session:
        assert await store.rights.of_person(session, case.sam) == []


async def test_deciding_asks_for_a_code_once_more(database, ledger):
    case = await an_open_case(database)
    path = page_of(case, case.sam)
    async with visiting(database, ledger=ledger.path) as visit:
        await noted(visit, path)
        visit.sits_down(MANAGER)
        asked = await visit.get(f"{path}/decision")
        forced = await visit.post(f"{path}/decision", {"decision": "carry_out"})

    for answer in (asked, forced):
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/referral/sign-in/confirm")
    assert ledger.read() == []


async def test_nobody_erases_somebody_out_of_a_case_they_may_not_know_of(database, ledger):
    case = await an_open_case(database)
    async with visiting(database, ledger=ledger.path) as visit:
        await noted(visit, page_of(case, case.sam))
        await keep_from(database, case, DECIDES.id)
        visit.sits_down(DECIDES)
        page = await visit.get(f"{page_of(case, case.sam)}/decision")
        listed = await visit.get("/referral/requests")

    assert page.status_code == 404
    assert "Sam Example" not in listed.text


async def test_a_facilitator_finds_no_such_page(database, ledger):
    case = await an_open_case(database)
    async with visiting(database, ledger=ledger.path) as visit:
        visit.sits_down(staff(AccessRole.FACILITATOR, person_id=demo_id(2), area=AREA))
        pages = [
            await visit.get(page_of(case, case.sam)),
            await visit.get("/referral/requests"),
            await visit.get(f"/referral/staff/{COORDINATOR}/erasure"),
        ]

    assert [page.status_code for page in pages] == [404] * 3


async def test_a_colleague_who_asks_has_a_page_of_their_own_and_nobody_else_has(database, ledger):
    facilitator = demo_id(2)
    path = f"/referral/staff/{facilitator}/erasure"
    case = await an_open_case(database)
    async with visiting(database, ledger=ledger.path) as visit:
        await noted(visit, path)
        visit.sits_down(DECIDES)
        page = await visit.get(f"{path}/decision")
        done = await visit.send(page, {"decision": "carry_out"})
        after = await visit.get(done.headers["location"])
        others = [
            await visit.get(f"/referral/staff/{one}/erasure") for one in (case.sam, some_id(0xDEAD))
        ]

    assert "signed out everywhere" in page.text
    assert done.status_code == 303
    assert "was erased for good" in after.text
    assert [one.status_code for one in others] == [404, 404]
    async with database.reading() as session:
        assert not await store.accounts.exists(session, facilitator)


async def test_when_it_cannot_be_written_down_nothing_is_done_and_the_page_says_so(
    database, tmp_path
):
    (tmp_path / "file").write_text("")
    case = await an_open_case(database)
    path = page_of(case, case.sam)
    async with visiting(database, ledger=tmp_path / "file" / "ledger") as visit:
        await noted(visit, path)
        visit.sits_down(DECIDES)
        answer = await visit.send(await visit.get(f"{path}/decision"), {"decision": "carry_out"})

    assert answer.status_code == 503
    assert "nothing was done" in answer.text
    async with database.reading() as session:
        assert (await store.people.find(session, case.sam)).name == "Sam Example"


async def test_every_page_has_a_title_and_one_heading(sqlite_database, ledger):
    database = await sqlite_database()
    case = await an_open_case(database)
    path = page_of(case, case.sam)
    async with visiting(database, ledger=ledger.path) as visit:
        await noted(visit, path)
        visit.sits_down(DECIDES)
        pages = [await visit.get(one) for one in (path, f"{path}/decision", "/referral/requests")]

    for page in pages:
        assert page.text.count("<h1") == 1
        assert heading(page)
        assert title(page).endswith("Parley")
