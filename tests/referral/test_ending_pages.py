"""Closing a case, holding it, and the pages of what is destroyed when."""

import pytest

from services.referral import store
from services.referral.domain.intake import Status
from services.referral.domain.people import ERASED_NAME
from shared.contracts.access import AccessRole, Relation
from shared.plumbing.retention import ClockNotBelieved
from shared.plumbing.staff import Staff
from tests.referral.builders import AREA, COORDINATOR
from tests.referral.cases import a_meeting, an_open_case, ask_grant, both_agree, version_of
from tests.referral.ending import (
    a_declined_referral,
    after_a_long_time,
    hold,
    marked,
    nights,
    work_in,
)
from tests.referral.standing import ELSEWHERE, MANAGER, staff, stand
from tests.referral.test_retention import YEAR
from tests.referral.told import facts, told
from tests.referral.web import case_path, visiting

COORDINATING = Staff(COORDINATOR, frozenset({AccessRole.COORDINATOR}), frozenset({AREA}))
REASON = {"reason": "A claim was announced by a solicitor"}


async def send(visit, database, case, path, **values):
    version = await version_of(database, case.referral_id)
    form = {"version": version, "once": str(database.world.new_id()), **values}
    return await visit.post(f"{case_path(case.referral_id)}/{path}", form)


async def test_a_coordinator_closes_a_case_and_no_meeting_goes_ahead(database):
    case = await an_open_case(database)
    await both_agree(database, case)
    given = await ask_grant(database, a_meeting(case))
    async with visiting(database, COORDINATING) as visit:
        assert "Close the case" in (await visit.get(case_path(case.referral_id))).text
        nothing = await send(visit, database, case, "close")
        closed = await send(visit, database, case, "close", outcome="resolved_by_themselves")
        page = await visit.get(case_path(case.referral_id))
        again = await send(visit, database, case, "close", outcome="no_contact")
        is_open = await visit.get("/referral/cases?tab=open")
        ended = await visit.get("/referral/cases?tab=ended")

    assert (nothing.status_code, "Choose why it ends" in nothing.text) == (422, True)
    assert closed.status_code == 303
    assert "They resolved it by themselves" in page.text
    assert "Add another party" not in page.text
    assert again.status_code == 422
    assert "Sam Example" not in is_open.text
    assert "Sam Example" in ended.text
    assert given.given
    revoked, last = (await told(database))[-2:]
    assert (revoked["fact"], last["fact"]) == ("meeting_grant_revoked", "case_closed")
    assert last["outcome"] == "resolved_by_themselves"


async def test_a_facilitator_closes_nothing(database):
    case = await an_open_case(database)
    await stand(database, case, Relation.ALLOCATED)
    async with visiting(database, staff(AccessRole.FACILITATOR)) as visit:
        answer = await send(visit, database, case, "close", outcome="declined")
        page = await visit.get(case_path(case.referral_id))

    assert answer.status_code == 404
    assert "Close the case" not in page.text
    async with database.reading() as session:
        referral = await store.intake.find(session, case.referral_id)
    assert referral.status is Status.ACCEPTED


async def test_a_manager_holds_a_case_and_lets_it_go_each_with_a_reason(database):
    case = await an_open_case(database)
    async with visiting(database, MANAGER) as visit:
        short = await send(visit, database, case, "hold", reason="because")
        placed = await send(visit, database, case, "hold", **REASON)
        twice = await send(visit, database, case, "hold", **REASON)
        page = await visit.get(f"{case_path(case.referral_id)}/hold")
        lifted = await send(visit, database, case, "hold/lift", reason="It was settled in court")
        never = await send(visit, database, case, "hold/lift", reason="It was settled in court")
        after = await visit.get(f"{case_path(case.referral_id)}/hold")

    assert "Say why in 10 letters or more" in short.text
    assert [one.status_code for one in (placed, twice, lifted, never)] == [303, 409, 303, 409]
    assert "A claim was announced by a solicitor" in page.text
    assert "It was settled in court" in after.text
    assert (await facts(database))[-2:] == ["hold_placed", "hold_lifted"]
    assert "solicitor" not in repr(await told(database))


@pytest.mark.parametrize("role", [AccessRole.COORDINATOR, AccessRole.FACILITATOR])
async def test_nobody_but_a_manager_holds_or_lifts(database, role):
    case = await an_open_case(database)
    await stand(database, case, Relation.ALLOCATED)
    await hold(database, case.referral_id)
    async with visiting(database, staff(role)) as visit:
        answers = [
            await send(visit, database, case, "hold", **REASON),
            await send(visit, database, case, "hold/lift", **REASON),
            await visit.get(f"{case_path(case.referral_id)}/hold"),
            await visit.get("/referral/retention"),
            await visit.post("/referral/retention/clock"),
        ]

    assert {one.status_code for one in answers} == {404}


async def test_the_page_says_what_goes_when_and_lets_a_manager_keep_it(database, world):
    referral = await a_declined_referral(database)
    await nights(database, world, 1)
    await after_a_long_time(database, world, YEAR)
    await nights(database, world, 1)
    async with visiting(database, MANAGER) as visit:
        before = await visit.get("/referral/retention")
        version = await version_of(database, referral.id)
        form = {"version": version, "once": str(world.new_id()), **REASON}
        kept = await visit.post(f"{case_path(referral.id)}/hold", form)
        after = await visit.get("/referral/retention")

    assert "Referral not taken up" in before.text
    assert "Nothing is held" in before.text
    assert kept.status_code == 303
    assert "Nothing is marked" in after.text
    assert "A claim was announced by a solicitor" in after.text
    assert await marked(database) == set()


async def test_what_a_manager_may_not_know_of_is_not_on_the_page(database, world):
    referral = await a_declined_referral(database)
    other = await a_declined_referral(database, 2)
    await hold(database, other.id)
    await nights(database, world, 1)
    await after_a_long_time(database, world, YEAR)
    await nights(database, world, 1)
    elsewhere = staff(AccessRole.MANAGER, person_id=MANAGER.id, area=ELSEWHERE)
    async with visiting(database, elsewhere) as visit:
        page = await visit.get("/referral/retention")

    assert referral.reference not in page.text
    assert other.reference not in page.text
    assert "A claim was announced" not in page.text


async def test_a_manager_confirms_a_clock_that_jumped(database, world):
    await nights(database, world, 1)
    world.advance(YEAR)
    async with visiting(database, MANAGER) as visit:
        calm = await visit.get("/referral/retention")
        with pytest.raises(ClockNotBelieved):
            await work_in(database).night()
        doubted = await visit.get("/referral/retention")
        await visit.post("/referral/retention/clock")
        after = await visit.get("/referral/retention")

    said = "Nothing is destroyed at the moment"
    assert [said in one.text for one in (calm, doubted, after)] == [False, True, False]
    await work_in(database).night()


async def test_what_somebody_says_of_themselves_is_kept_and_shown_and_only_what_they_may_say(
    database,
):
    case = await an_open_case(database)
    answers = {"age_band": "65_or_over", "gender": "prefer_not_to_say", "ethnicity": "white"}
    path = f"people/{case.kim}/monitoring"
    async with visiting(database, COORDINATING) as visit:
        wrong = await send(visit, database, case, path, **{**answers, "gender": "m"})
        kept = await send(visit, database, case, path, **answers)
        page = await visit.get(f"{case_path(case.referral_id)}/{path}")

    assert (wrong.status_code, "Choose a gender" in wrong.text) == (422, True)
    assert kept.status_code == 303
    assert page.text.count("checked") == 3


async def test_somebody_who_declines_can_agree_to_nothing_until_they_come_back(database):
    case = await an_open_case(database)
    path = f"people/{case.kim}"
    async with visiting(database, COORDINATING) as visit:
        declined = await send(visit, database, case, f"{path}/decline", how="by_phone")
        agreed = await send(visit, database, case, f"{path}/agree", how="by_phone")
        page = await visit.get(case_path(case.referral_id))
        back = await send(visit, database, case, f"{path}/after-all", how="by_phone")
        after = await send(visit, database, case, f"{path}/agree", how="by_phone")

    assert [one.status_code for one in (declined, agreed, back, after)] == [303, 422, 303, 303]
    assert "Does not take part" in page.text


async def test_how_many_declined_is_for_those_who_see_figures_and_for_no_funder(database, world):
    case = await an_open_case(database)
    async with visiting(database, COORDINATING) as visit:
        await send(visit, database, case, f"people/{case.kim}/decline", how="by_phone")
        await nights(database, world, 31)
        page = await visit.get("/referral/declined")
        theirs = await visit.get(case_path(case.referral_id))
    async with visiting(database, staff(AccessRole.FUNDER)) as visit:
        funder = await visit.get("/referral/declined")

    assert (page.status_code, "Not asked" in page.text) == (200, True)
    assert "Kim Example" not in theirs.text
    assert ERASED_NAME in theirs.text
    assert funder.status_code == 404
