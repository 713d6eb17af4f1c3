"""Who sees which messages and calls: areas, work on a case, one's own party, and walls."""

import re
from uuid import UUID

import pytest

from shared.contracts.access import AccessRole
from shared.contracts.referral import PartyAdded
from shared.contracts.standings import (
    ConflictDeclared,
    ConflictLifted,
    FacilitatorAllocated,
    FacilitatorReleased,
)
from shared.contracts.words import Purpose, Side
from tests.fixtures.staff import a_member_of_staff, as_staff
from tests.notifications.builders import (
    ALEX,
    FAY,
    HOUR,
    SAM,
    an_id,
    by_hand,
    referral_received,
    session_scheduled,
)
from tests.notifications.desk import Desk

ME, BO = an_id("me"), an_id("bo")
HERE, ELSEWHERE = an_id("area"), an_id("another area")
COORDINATOR = a_member_of_staff(AccessRole.COORDINATOR, id=ME, areas=[HERE])
MANAGER = a_member_of_staff(AccessRole.MANAGER, id=ME)
FACILITATES = a_member_of_staff(AccessRole.FACILITATOR, id=ME)

ABOUT = {"referral_id": an_id("referral"), "person_id": ME}
CONFLICT, LIFTED = ConflictDeclared(**ABOUT), ConflictLifted(**ABOUT)
OWN = PartyAdded(case_id=an_id("case"), person_id=ME, side=Side.BOTH)

LETTER = re.compile(r"/notifications/(?:messages|calls)/([0-9a-f-]{36})")
LISTS = ("/", "/calls")


@pytest.fixture
async def letters(desk: Desk) -> dict[UUID, UUID]:
    """Calls to Sam and Alex about one case and to Bo about another; message by person."""
    for person in (SAM, ALEX, BO):
        desk.office.referral.will_say(person, by_hand())
    await desk.office.hear(
        referral_received(referral_id=an_id("r2"), person_id=BO, area_id=ELSEWHERE)
    )
    await desk.office.hear(session_scheduled(participant_ids=(SAM, ALEX), facilitator_ids=()))
    await desk.office.send_all()
    return {one.person_id: one.id for one in await desk.office.messages()}


async def listed(desk: Desk, path: str) -> set[UUID]:
    page = await desk.get(path)
    assert page.status_code == 200
    return {UUID(one) for one in LETTER.findall(page.text)}


async def open_to(desk: Desk, letters: dict[UUID, UUID]) -> set[UUID]:
    """Whose letters can be opened; the same as messages and as calls."""
    found = {}
    for kind in ("messages", "calls"):
        pages = {one: await desk.get(f"/{kind}/{letters[one]}") for one in letters}
        found[kind] = {one for one, page in pages.items() if page.status_code == 200}
    assert found["messages"] == found["calls"]
    return found["calls"]


async def sees(desk: Desk, letters: dict[UUID, UUID]) -> set[UUID]:
    """Whose letters are on the lists, which are those that can be opened."""
    by_letter = {letter: person for person, letter in letters.items()}
    found = [{by_letter[one] for one in await listed(desk, path)} for path in LISTS]
    assert found[0] == found[1] == await open_to(desk, letters)
    return found[0]


async def test_a_coordinator_sees_the_messages_of_their_own_areas(desk: Desk, letters) -> None:
    as_staff(desk.browser, COORDINATOR)
    here = await sees(desk, letters)
    as_staff(desk.browser, a_member_of_staff(AccessRole.COORDINATOR, id=ME, areas=[ELSEWHERE]))

    assert here == {SAM, ALEX}
    assert await sees(desk, letters) == {BO}


async def test_a_facilitator_sees_messages_only_while_they_work_on_the_case(
    desk: Desk, letters
) -> None:
    as_staff(desk.browser, FACILITATES)
    seen = [await sees(desk, letters)]
    for fact in (FacilitatorAllocated(**ABOUT), FacilitatorReleased(**ABOUT)):
        await desk.office.hear(fact)
        seen.append(await sees(desk, letters))

    assert seen == [set(), {SAM, ALEX}, set()]


async def test_a_partys_facilitator_sees_and_rings_their_own_party_alone(
    desk: Desk, letters
) -> None:
    as_staff(desk.browser, FACILITATES)
    await desk.office.hear(FacilitatorAllocated(**ABOUT, party_id=ALEX))
    desk.referral.permit = lambda _: by_hand(address="+447400123456")

    assert await sees(desk, letters) == {ALEX}
    assert (await desk.post(f"/calls/{letters[SAM]}/reach")).status_code == 404
    assert (await desk.post(f"/calls/{letters[ALEX]}/reach")).status_code == 200


async def test_what_is_told_to_staff_is_seen_by_everybody_who_works_on_the_case(
    desk: Desk,
) -> None:
    await desk.office.hear(session_scheduled(participant_ids=(SAM,), facilitator_ids=(FAY,)))
    to_fay = await desk.office.message(Purpose.STAFF_MEETING_BOOKED)
    await desk.office.hear(FacilitatorAllocated(**ABOUT, party_id=ALEX))
    as_staff(desk.browser, FACILITATES)

    assert await listed(desk, "/") == {to_fay.id}


@pytest.mark.parametrize("wall", [CONFLICT, OWN])
async def test_what_is_behind_a_wall_is_on_no_list(desk: Desk, letters, wall) -> None:
    both = a_member_of_staff(AccessRole.MANAGER, AccessRole.FACILITATOR, id=ME)
    as_staff(desk.browser, both)
    await desk.office.hear(FacilitatorAllocated(**ABOUT))
    await desk.office.hear(wall)

    assert await sees(desk, letters) == {BO}


async def test_a_wall_that_is_lifted_is_gone(desk: Desk, letters) -> None:
    as_staff(desk.browser, COORDINATOR)
    await desk.office.hear(CONFLICT, sequence=8)
    await desk.office.hear(LIFTED, sequence=9)
    await desk.office.hear(CONFLICT, sequence=8)

    assert await sees(desk, letters) == {SAM, ALEX}


async def test_nothing_says_that_there_is_something_to_do_that_is_hidden(
    desk: Desk, letters
) -> None:
    as_staff(desk.browser, COORDINATOR)
    before = (await desk.get("/")).text
    await desk.office.hear(CONFLICT)
    after = (await desk.get("/")).text

    assert "Waiting for you" in before
    assert "Waiting for you" not in after
    assert "There is nothing to do by hand." in (await desk.get("/calls")).text
    assert "Nothing has been sent yet" in after


async def test_lists_are_cut_before_they_are_divided_into_pages(desk: Desk) -> None:
    for number in range(130):
        area = HERE if number % 2 else ELSEWHERE
        who = {"person_id": an_id(f"p{number}"), "area_id": area}
        await desk.office.hear(referral_received(referral_id=an_id(f"r{number}"), **who))
    as_staff(desk.browser, COORDINATOR)
    pages, path = [], "/"
    while path:
        page = await desk.get(path)
        pages.append(len(set(LETTER.findall(page.text))))
        further = re.search(r'href="/notifications(/\?after=[^"]*)"[^>]*rel="next"', page.text)
        path = further[1] if further else None

    assert pages == [50, 15]


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("get", "/messages/{}"),
        ("post", "/messages/{}/try-again"),
        ("post", "/messages/{}/told"),
        ("get", "/calls/{}"),
        *(
            ("post", f"/calls/{{}}/{what}")
            for what in ("reach", "done", "not-reached", "not-needed")
        ),
    ],
)
async def test_what_is_hidden_looks_byte_for_byte_like_what_is_not_there(
    desk: Desk, letters, verb, path
) -> None:
    as_staff(desk.browser, COORDINATOR)
    await desk.office.hear(CONFLICT)
    ask = desk.get if verb == "get" else desk.post

    hidden = await ask(path.format(letters[SAM]))
    not_there = await ask(path.format(an_id("nothing")))

    assert hidden.status_code == not_there.status_code == 404
    assert hidden.content == not_there.content
    assert desk.referral.wanted == []


async def test_a_list_cannot_be_begun_at_what_is_hidden(desk: Desk, letters) -> None:
    as_staff(desk.browser, COORDINATOR)
    desk.office.world.advance(HOUR)
    await desk.office.hear(referral_received(referral_id=an_id("r3"), person_id=FAY))

    begun = await desk.get(f"/?after={letters[BO]}")
    nowhere = await desk.get(f"/?after={an_id('nothing')}")

    assert set(LETTER.findall(begun.text)) == set(LETTER.findall(nowhere.text))


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        (AccessRole.COORDINATOR, {"/", "/calls"}),
        (AccessRole.FACILITATOR, {"/", "/calls"}),
        (AccessRole.MANAGER, {"/", "/calls"}),
        (AccessRole.FUNDER, set()),
        (AccessRole.OPS, {"/parked"}),
        (AccessRole.PARTNER_OFFICER, set()),
    ],
)
async def test_each_role_opens_its_own_pages_and_no_others(desk: Desk, role, paths) -> None:
    as_staff(desk.browser, a_member_of_staff(role))

    opened = {p for p in ("/", "/calls", "/parked") if (await desk.get(p)).status_code == 200}
    assert opened == paths
