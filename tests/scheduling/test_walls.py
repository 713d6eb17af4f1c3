"""Who sees which plan: areas, work on a case, and walls that hide a case from lists and counts."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from services.scheduling import actions
from services.scheduling.domain.planning import Case, Party
from shared.contracts.access import AccessRole
from shared.contracts.referral import PartyAdded
from shared.contracts.standings import (
    ConflictDeclared,
    ConflictLifted,
    FacilitatorAllocated,
    FacilitatorReleased,
)
from shared.contracts.words import Matter, Side
from tests.fixtures.staff import a_member_of_staff, as_staff
from tests.scheduling.builders import (
    AREA,
    CASE,
    COLLEAGUE,
    FIRST,
    MEETING,
    NEUTRAL,
    ONLINE,
    REFERRAL,
    STARTS,
    a_preparation,
    a_proposal,
    some_id,
)
from tests.scheduling.office import book
from tests.scheduling.test_handlers import hear

ME, ELSEWHERE, NOWHERE = some_id(801), some_id(802), some_id(803)
OTHER_REFERRAL, OTHER_CASE, OTHER_MEETING = some_id(811), some_id(812), some_id(813)
THEIRS, TO_COME = some_id(814), some_id(815)

COORDINATOR = a_member_of_staff(AccessRole.COORDINATOR, id=ME, areas=[AREA])
FACILITATES = a_member_of_staff(AccessRole.FACILITATOR, id=ME)

ON_ITS_PAGES = [
    ("get", "/cases/{case}"),
    ("get", "/cases/{case}/book?kind=joint"),
    ("post", "/cases/{case}/book?kind=joint"),
    ("get", "/sessions/{meeting}"),
    *(
        (verb, f"/sessions/{{meeting}}/{what}")
        for verb in ("get", "post")
        for what in ("move", "cancel", "outcome")
    ),
]


def allocated(**changes):
    return FacilitatorAllocated(**{"referral_id": REFERRAL, "person_id": ME, **changes})


RELEASED = FacilitatorReleased(referral_id=REFERRAL, person_id=ME)
CONFLICT = ConflictDeclared(referral_id=REFERRAL, person_id=ME)
LIFTED = ConflictLifted(referral_id=REFERRAL, person_id=ME)
OWN = PartyAdded(case_id=CASE, person_id=ME, side=Side.BOTH)


@pytest.fixture
async def two_cases(desk):
    """Each has a meeting to come; then the first one's is overdue."""
    case = Case(
        id=OTHER_CASE,
        referral_id=OTHER_REFERRAL,
        matter=Matter.CRIME,
        area_id=ELSEWHERE,
        opened_at=desk.world.now(),
        waiting_since=desk.world.now(),
    )
    async with desk.database.transaction() as session:
        await actions.cases.open_case(session, case, Party(THEIRS, Side.HARMED))
    await book(desk.database, a_proposal())
    await book(
        desk.database,
        a_preparation(
            meeting_id=OTHER_MEETING,
            case_id=OTHER_CASE,
            participant_ids=(THEIRS,),
            facilitator_ids=(COLLEAGUE,),
            starts_at=STARTS + timedelta(hours=5),
        ),
    )
    await book(
        desk.database,
        a_preparation(meeting_id=TO_COME, starts_at=STARTS + timedelta(days=3)),
    )
    desk.world.advance(STARTS + timedelta(days=1) - desk.world.now())
    return desk


async def sees(desk) -> set[UUID]:
    """Every case and meeting that the first page of planning leads to."""
    page = await desk.get("/")
    assert page.status_code == 200
    found = re.findall(r"/scheduling/(?:cases|sessions)/([0-9a-f-]{36})", page.text)
    return {UUID(one) for one in found}


async def opens(desk, case=CASE) -> bool:
    page = await desk.get(f"/cases/{case}")
    assert page.status_code in (200, 404)
    return page.status_code == 200


FIRST_CASE, OTHER = {MEETING, TO_COME}, {OTHER_MEETING}


async def test_a_coordinator_sees_the_plan_of_their_own_areas(two_cases):
    as_staff(two_cases.browser, COORDINATOR)

    assert await sees(two_cases) == FIRST_CASE
    assert await opens(two_cases)
    assert not await opens(two_cases, OTHER_CASE)


async def test_a_coordinator_without_an_area_of_their_own_works_in_all_of_them(two_cases):
    as_staff(two_cases.browser, a_member_of_staff(AccessRole.COORDINATOR, id=ME))

    assert await sees(two_cases) == FIRST_CASE | OTHER


@pytest.mark.parametrize("party_id", [None, FIRST])
async def test_a_facilitator_sees_a_case_only_while_they_work_on_it(two_cases, party_id):
    as_staff(two_cases.browser, FACILITATES)
    seen = [await sees(two_cases)]
    for sequence, fact in ((3, allocated(party_id=party_id)), (4, RELEASED)):
        await hear(two_cases.database, fact, sequence=sequence)
        seen.append(await sees(two_cases))
        assert await opens(two_cases) is bool(seen[-1])

    assert seen == [set(), FIRST_CASE, set()]


@pytest.mark.parametrize("wall", [CONFLICT, OWN])
async def test_a_case_behind_a_wall_is_on_no_list_and_in_no_count(two_cases, wall):
    manager = a_member_of_staff(AccessRole.MANAGER, AccessRole.FACILITATOR, id=ME)
    as_staff(two_cases.browser, manager)
    await hear(two_cases.database, allocated(), sequence=3)
    before = (await two_cases.get("/")).text

    await hear(two_cases.database, wall, sequence=4)

    after = (await two_cases.get("/")).text
    assert f"/sessions/{MEETING}" in before
    assert await sees(two_cases) == OTHER
    assert "Amina Test" not in after
    assert not await opens(two_cases)
    retire = (await two_cases.get(f"/venues/{NEUTRAL}/retire")).text
    assert "still booked" not in retire


async def test_a_wall_that_is_lifted_is_gone(two_cases):
    as_staff(two_cases.browser, COORDINATOR)
    await hear(two_cases.database, CONFLICT, sequence=4)
    await hear(two_cases.database, LIFTED, sequence=5)
    await hear(two_cases.database, CONFLICT, sequence=4)

    assert await sees(two_cases) == FIRST_CASE


async def test_what_is_overdue_is_counted_without_what_is_hidden(two_cases):
    database = two_cases.database
    for number in range(52):
        starts_at = STARTS + timedelta(hours=30 + number)
        await book(
            database,
            a_preparation(
                meeting_id=some_id(900 + number),
                case_id=OTHER_CASE,
                participant_ids=(THEIRS,),
                facilitator_ids=(COLLEAGUE,),
                venue_id=ONLINE,
                starts_at=starts_at,
            ),
        )
    two_cases.world.advance(timedelta(days=5))
    as_staff(two_cases.browser, a_member_of_staff(AccessRole.MANAGER))
    everything = (await two_cases.get("/")).text
    as_staff(two_cases.browser, COORDINATOR)
    cut = (await two_cases.get("/")).text

    assert "1 to 50 of 55, the oldest first." in everything
    assert "the oldest first" not in cut
    assert "overdue=2" not in cut


async def test_what_waits_is_cut_before_it_is_divided_into_pages(desk):
    for number in range(60):
        case = Case(
            id=some_id(500 + number),
            referral_id=some_id(600 + number),
            matter=Matter.CRIME,
            area_id=AREA if number % 2 else ELSEWHERE,
            opened_at=desk.world.now() - timedelta(days=number),
            waiting_since=desk.world.now() - timedelta(days=number),
        )
        async with desk.database.transaction() as session:
            await actions.cases.open_case(session, case, Party(THEIRS, Side.BOTH))
    as_staff(desk.browser, COORDINATOR)
    first, second = await desk.get("/"), await desk.get("/?page=2")

    found = [
        re.findall(r"/scheduling/cases/([0-9a-f-]{36})", page.text) for page in (first, second)
    ]
    assert [len(some) for some in found] == [25, 6]
    assert "page=3" not in second.text


@pytest.mark.parametrize(("verb", "path"), ON_ITS_PAGES)
async def test_what_is_hidden_looks_byte_for_byte_like_what_is_not_there(two_cases, verb, path):
    as_staff(two_cases.browser, COORDINATOR)
    await hear(two_cases.database, CONFLICT, sequence=4)
    ask = two_cases.get if verb == "get" else two_cases.post

    hidden = await ask(path.format(case=CASE, meeting=MEETING))
    not_there = await ask(path.format(case=NOWHERE, meeting=NOWHERE))

    assert hidden.status_code == not_there.status_code == 404
    assert hidden.content == not_there.content


async def test_nothing_hidden_can_be_changed_by_whoever_kept_its_address(two_cases):
    as_staff(two_cases.browser, COORDINATOR)
    await hear(two_cases.database, CONFLICT, sequence=4)

    answer = await two_cases.post(
        f"/sessions/{TO_COME}/cancel", version="1", reason="booked_in_error"
    )

    assert answer.status_code == 404
    as_staff(two_cases.browser, a_member_of_staff(AccessRole.MANAGER))
    assert "Cancel the meeting" in (await two_cases.get(f"/sessions/{TO_COME}")).text


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        (AccessRole.FACILITATOR, {"/", "/venues"}),
        (AccessRole.COORDINATOR, {"/", "/venues", "/venues/add", "/facilitators"}),
        (AccessRole.MANAGER, {"/", "/venues", "/venues/add", "/facilitators", "/alarms"}),
        (AccessRole.FUNDER, set()),
        (AccessRole.OPS, {"/parked"}),
        (AccessRole.PARTNER_OFFICER, set()),
    ],
)
async def test_each_role_opens_its_own_pages_and_is_led_to_no_others(desk, role, paths):
    as_staff(desk.browser, a_member_of_staff(role))

    for path in ("/", "/venues", "/venues/add", "/facilitators", "/parked", "/alarms"):
        page = await desk.get(path)
        assert (page.status_code == 200) is (path in paths), path
        led_to = set(re.findall(r'href="/scheduling(/[a-z/]*)"', page.text))
        assert led_to <= paths | {"/static/page"}, path
