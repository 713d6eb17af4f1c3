"""Opening one case in an emergency: for an hour, to look, with a reason and a code, and no wall."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from services.referral.actions.break_glass import Came
from services.referral.store.break_glass import GLASS
from shared.contracts.access import AccessRole, Relation
from shared.plumbing import alarms
from shared.plumbing.alarms import Kind
from tests.referral.builders import COORDINATOR, some_id
from tests.referral.cases import a_waiting_referral, an_open_case
from tests.referral.glass import HELPER, OPEN, WHY, ask_for, opened, sure
from tests.referral.standing import ELSEWHERE, MANAGER, put_on, staff, stand
from tests.referral.told import facts
from tests.referral.web import case_path, visiting

HOUR = timedelta(minutes=60)
LIST = "/referral/cases?tab=open"


async def tried(visit, case: object, reason: str = WHY):
    return await visit.post(OPEN, {"case": str(case), "reason": reason})


def to_the_letter(page) -> str:
    """All of a page but for the hidden field, which is another one each time."""
    return re.sub(r'name="csrf" value="[^"]*"', "", page.text)


async def alarmed(database) -> list[Kind]:
    async with database.reading() as session:
        return [one.kind for one in await alarms.newest(session)]


@pytest.mark.parametrize("called", ["TEST-1", "test-1", some_id(1001)])
async def test_a_case_is_seen_for_an_hour_and_then_no_more(database, world, called):
    case = await an_open_case(database)
    seen = []
    async with visiting(database, HELPER) as visit:
        answer = await tried(visit, called)
        for step in (timedelta(), HOUR - timedelta.resolution, timedelta.resolution):
            world.advance(step)
            page = await visit.get(case_path(case.referral_id))
            listed = await visit.get(LIST)
            seen.append((page.status_code, "Sam Example" in listed.text))

    assert answer.headers["location"] == case_path(case.referral_id)
    assert seen == [(200, True), (200, True), (404, False)]
    assert (await facts(database))[-1] == "break_glass_opened"


async def test_how_to_reach_everybody_is_seen_and_nothing_can_be_changed(database):
    case = await an_open_case(database)
    async with visiting(database, HELPER) as visit:
        await tried(visit, "TEST-1")
        page = await visit.get(case_path(case.referral_id))
        changes = [
            await visit.post(f"{case_path(case.referral_id)}/{what}", {})
            for what in ("accept", "decline", "parties", "colleagues", "walls")
        ]
        person = await visit.get(f"{case_path(case.referral_id)}/people/{case.sam}/safe-contact")

    assert "sam@example.org" in page.text
    assert "You opened this in an emergency" in page.text
    assert {one.status_code for one in [*changes, person]} == {404}
    for button in ("Change how to reach", "Add another party", "Colleagues"):
        assert button not in page.text


async def test_a_partys_facilitator_may_open_the_rest_of_the_case(database):
    case = await an_open_case(database)
    await put_on(database, case, case.kim)

    asked = await ask_for(database, "TEST-1")

    assert asked.came is Came.OPENED


@pytest.mark.parametrize(
    "who", [sure(staff(AccessRole.COORDINATOR, person_id=COORDINATOR)), sure(MANAGER)]
)
async def test_whoever_sees_it_anyway_needs_no_glass_broken(database, who):
    await an_open_case(database)
    async with visiting(database, who) as visit:
        answer = await tried(visit, "TEST-1")

    assert answer.status_code == 303
    async with database.reading() as session:
        assert (await session.execute(select(GLASS))).all() == []
    assert await alarmed(database) == []


async def test_what_is_open_already_is_not_opened_twice(database):
    await an_open_case(database)

    came = [(await ask_for(database, "TEST-1")).came for _ in range(2)]

    assert came == [Came.OPENED, Came.OPEN_ALREADY]


async def test_a_code_is_asked_for_first(database):
    await an_open_case(database)
    unsure = replace(HELPER, stepped_up_until=None)
    async with visiting(database, unsure) as visit:
        answers = [await visit.get(OPEN), await tried(visit, "TEST-1")]

    for answer in answers:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/referral/sign-in/confirm?next=")
    async with database.reading() as session:
        assert (await session.execute(select(GLASS))).all() == []


@pytest.mark.parametrize("role", [AccessRole.FUNDER, AccessRole.OPS, AccessRole.PARTNER_OFFICER])
async def test_whoever_looks_at_no_case_has_no_glass_to_break(database, role):
    await an_open_case(database)
    async with visiting(database, sure(staff(role))) as visit:
        assert (await visit.get(OPEN)).status_code == 404
        assert (await tried(visit, "TEST-1")).status_code == 404


@pytest.mark.parametrize("reason", ["", "Urgent", "  " + "a " * 15, "x" * 1001, "Kim\u202e" * 9])
async def test_a_reason_that_says_nothing_opens_nothing(database, reason):
    case = await an_open_case(database)
    async with visiting(database, HELPER) as visit:
        answer = await tried(visit, "TEST-1", reason)
        page = await visit.get(case_path(case.referral_id))

    assert (answer.status_code, page.status_code) == (422, 404)


@pytest.mark.parametrize("wall", ["conflict", "own_case"])
@pytest.mark.parametrize("role", [AccessRole.FACILITATOR, AccessRole.COORDINATOR])
async def test_a_wall_is_answered_to_the_letter_as_what_is_not_there(database, wall, role):
    who = sure(staff(role, area=ELSEWHERE))
    async with visiting(database, who) as visit:
        not_there = await tried(visit, "TEST-1")
        case = await an_open_case(database)
        if wall == "conflict":
            await stand(database, case, Relation.CONFLICT)
        else:
            visit.sits_down(sure(staff(role, person_id=case.sam, area=ELSEWHERE)))
        behind_a_wall = await tried(visit, "TEST-1")
        page = await visit.get(case_path(case.referral_id))

    assert (not_there.status_code, behind_a_wall.status_code) == (422, 422)
    assert to_the_letter(behind_a_wall) == to_the_letter(not_there)
    assert page.status_code == 404
    assert await alarmed(database) == [Kind.TOO_NEAR]
    async with database.reading() as session:
        assert (await session.execute(select(GLASS))).all() == []


async def test_a_wall_that_is_raised_meanwhile_closes_what_was_opened(database):
    case = await an_open_case(database)
    await ask_for(database, "TEST-1")
    await stand(database, case, Relation.CONFLICT)
    async with visiting(database, HELPER) as visit:
        page = await visit.get(case_path(case.referral_id))
        listed = await visit.get(LIST)

    assert page.status_code == 404
    assert "Sam Example" not in listed.text


@pytest.mark.parametrize("nonsense", ["", "TEST-9", "0" * 41, some_id(77), "'; --", "%"])
async def test_what_nobody_has_is_not_there(database, nonsense):
    await an_open_case(database)
    async with visiting(database, HELPER) as visit:
        assert (await tried(visit, nonsense)).status_code == 422


async def test_only_a_few_are_opened_in_a_day(database, world):
    for number in range(1, 6):
        await a_waiting_referral(database, number)
    answers = []
    async with visiting(database, HELPER) as visit:
        for number in range(1, 5):
            answers.append(await tried(visit, f"TEST-{number}"))
        world.advance(timedelta(hours=8))
        answers.append(await tried(visit, "TEST-4"))

    assert [one.status_code for one in answers] == [303, 303, 303, 429, 303]
    assert "ring a manager" in answers[3].text
    async with database.reading() as session:
        assert len((await session.execute(select(GLASS))).all()) == 4


async def test_trying_one_name_after_the_other_is_stopped(database):
    async with visiting(database, HELPER) as visit:
        answers = [await tried(visit, f"TEST-{number}") for number in range(21)]

    assert [one.status_code for one in answers] == [422] * 20 + [429]


async def test_whoever_opened_it_closes_it_when_they_have_seen_enough(database):
    case = await an_open_case(database)
    await ask_for(database, "TEST-1")
    async with visiting(database, HELPER) as visit:
        page = await visit.get(case_path(case.referral_id))
        closed = await visit.send(page, {})
        after = await visit.get(case_path(case.referral_id))

    assert (closed.status_code, after.status_code) == (303, 404)
    assert (await facts(database))[-2:] == ["break_glass_opened", "break_glass_ended"]


async def test_nobody_closes_what_they_did_not_open(database):
    case = await an_open_case(database)
    await ask_for(database, "TEST-1")
    async with visiting(database, MANAGER) as visit:
        answer = await visit.post(f"{case_path(case.referral_id)}/close-glass", {})

    assert answer.status_code == 409
    assert (await facts(database))[-1] == "break_glass_opened"


async def test_two_open_it_each_for_themselves(database):
    await an_open_case(database)
    first = await opened(database, "TEST-1")
    second = await opened(database, "TEST-1", some_id(0xF2))

    assert first.id != second.id
    assert first.person_id != second.person_id
    assert first.reason == second.reason == WHY


async def test_one_who_left_their_code_lying_about_is_asked_again_after_its_time(database, world):
    await an_open_case(database)
    soon = replace(HELPER, stepped_up_until=world.now() + timedelta(minutes=5))
    async with visiting(database, soon) as visit:
        world.advance(timedelta(minutes=5))
        answer = await tried(visit, "TEST-1")

    assert "/sign-in/confirm" in answer.headers["location"]
    assert await break_glass_count(database) == 0


async def break_glass_count(database) -> int:
    async with database.reading() as session:
        return len((await session.execute(select(GLASS))).all())
