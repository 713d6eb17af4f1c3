"""A manager lets a colleague in, says where they work, and makes another way in for them."""

import asyncio
import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from services.referral import handlers, store
from services.referral.actions.access import colleague
from services.referral.actions.seeds import demo_id
from services.referral.store.accounts import INVITATION
from shared.contracts.access import AccessRole
from shared.contracts.sign_in import SessionWanted
from shared.plumbing.session_cookie import digest_of
from tests.fixtures.signed_in import sign_in
from tests.fixtures.web import visitor
from tests.referral.builders import AREA, some_id
from tests.referral.door import PASSWORD
from tests.referral.standing import MANAGER
from tests.referral.web import the_form, visiting

STAFF = "/referral/staff"
LINK = re.compile(r"http://127\.0\.0\.1:8000(/referral/account/set-up/[\w-]{43})")
OTHER_AREA = demo_id(0xA2)
ADA = {"name": "Ada", "email": "ada@parley.example", "roles": ["coordinator"]}
ONE = f"{STAFF}/{demo_id(2)}"


@pytest.fixture
async def visit(database):
    async with visiting(database, as_staff=MANAGER) as one:
        yield one


async def entries(database, purpose):
    entry = database.schema.tables.audit.entry
    async with database.reading() as session:
        return (await session.execute(select(entry).where(entry.c.purpose == purpose))).all()


async def added(visit, **more):
    page = await visit.get(STAFF)
    return await visit.send(page, {**ADA, **more}, -1)


async def areas_of(database, person_id):
    async with database.reading() as session:
        return await store.accounts.areas_of(session, person_id)


async def ada(database):
    async with database.reading() as session:
        known = await store.staff.colleagues(session)
    return next(one.person_id for one in known if one.person_id.int >> 76 != demo_id(1).int >> 76)


async def test_whoever_is_added_gets_a_link_that_is_shown_once_and_leads_in(visit, database):
    page = await visit.get(STAFF)
    answer = await visit.send(page, {**ADA, "areas": [str(AREA)]}, -1)
    link = LINK.search(answer.text)[1]
    again = await visit.send(page, {**ADA, "areas": [str(AREA)]}, -1)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert again.status_code == 303
    assert again.headers["location"] == f"{STAFF}?done=joined"
    assert await areas_of(database, await ada(database)) == {AREA}
    async with visitor(visit.app, staff=None) as newcomer:
        invited = await newcomer.get(link)
        form = the_form(invited)
        assert (
            await newcomer.post(
                form.action, data={**form.values, "password": PASSWORD, "again": PASSWORD}
            )
        ).status_code == 200
    async with database.reading() as session:
        kept = (await session.execute(select(INVITATION.c.digest))).scalars().all()
    assert link.rpartition("/")[2].encode() not in b"".join(kept)


@pytest.mark.parametrize("email", ["ADA@parley.example", "coordinator@parley.example"])
async def test_nobody_is_added_with_the_address_of_a_colleague(visit, email):
    """One who has an account here, and one who never had."""
    await added(visit)

    answer = await added(visit, email=email)

    assert answer.status_code == 422
    assert "has this address already" in answer.text


async def test_two_who_are_added_at_once_with_one_address_are_one(visit, database):
    pages = await asyncio.gather(visit.get(STAFF), visit.get(STAFF))
    both = await asyncio.gather(*(visit.send(page, ADA, -1) for page in pages))

    assert sorted(answer.status_code for answer in both) == [200, 422]


async def test_whoever_left_can_be_added_again_with_their_address(visit, database):
    await added(visit)
    before = await ada(database)
    page = await visit.get(STAFF)
    once = the_form(page, -1).values["once"]
    assert (await visit.post(f"{STAFF}/{before}/leave", {"once": once})).status_code == 303

    assert (await added(visit)).status_code == 200


@pytest.mark.parametrize(
    "areas", [["not an area"], [str(some_id(404))], [str(AREA), str(some_id(404))]]
)
async def test_an_area_there_is_not_is_refused_and_changes_nothing(visit, database, areas):
    answers = [
        await added(visit, areas=areas),
        await visit.send(await visit.get(ONE), {"areas": areas}, 0),
    ]

    assert {answer.status_code for answer in answers} <= {404, 422}
    assert await areas_of(database, demo_id(2)) == frozenset()
    async with database.reading() as session:
        assert len(await store.staff.colleagues(session)) == 4


async def test_areas_are_changed_with_an_entry_in_the_audit(visit, database):
    page = await visit.get(ONE)
    assert "Demo Facilitator One" in page.text
    assert "Not yet" in page.text

    answer = await visit.send(page, {"areas": [str(AREA), str(OTHER_AREA)]}, 0)
    after = await visit.get(answer.headers["location"])

    assert await areas_of(database, demo_id(2)) == {AREA, OTHER_AREA}
    assert "You changed the areas" in after.text
    assert set(the_form(after, 0).values["areas"]) == {str(AREA), str(OTHER_AREA)}
    (entry,) = await entries(database, "areas_changed")
    assert (entry.actor_id, entry.person_id) == (MANAGER.id, demo_id(2))

    await visit.send(after, {"areas": []}, 0)
    assert await areas_of(database, demo_id(2)) == frozenset()


async def test_a_change_of_areas_counts_at_the_next_question_of_every_service(visit, database):
    """They remember an answer for five seconds (tests/plumbing/test_staff.py)."""
    token = await sign_in(database, demo_id(2))
    ask = SessionWanted(token_digest=digest_of(token))

    await visit.send(await visit.get(ONE), {"areas": [str(AREA)]}, 0)

    async with database.transaction() as session:
        found = await handlers.answer_session(ask, session)
        actor = await colleague(session, demo_id(2))
    assert found.area_ids == (AREA,)
    assert actor.areas == {AREA}


async def test_another_invitation_voids_what_was_there_and_is_shown_once(visit, database):
    first = LINK.search((await added(visit)).text)[1]
    who = await ada(database)
    page = await visit.get(f"{STAFF}/{who}")

    answer = await visit.send(page, {}, 1)
    again = await visit.send(page, {}, 1)

    assert "An invitation for Ada" in answer.text
    assert again.status_code == 303
    async with visitor(visit.app, staff=None) as newcomer:
        assert (await newcomer.get(first)).status_code == 404
        assert (await newcomer.get(LINK.search(answer.text)[1])).status_code == 200
    (entry,) = await entries(database, "account_reset")
    assert (entry.actor_id, entry.person_id) == (MANAGER.id, who)


async def test_one_who_never_had_a_way_in_gets_one(visit):
    answer = await visit.send(await visit.get(ONE), {}, 1)

    assert "An invitation for Demo Facilitator One" in answer.text


async def test_a_manager_of_some_areas_opens_no_others(visit, database):
    """Neither to somebody new, nor to a colleague, nor to themselves by way of a colleague."""
    visit.sits_down(replace(MANAGER, areas=frozenset({AREA})))
    one = await visit.get(ONE)

    refused = [
        await added(visit),
        await added(visit, areas=[str(OTHER_AREA)]),
        await visit.send(one, {"areas": []}, 0),
        await visit.send(one, {"areas": [str(AREA), str(OTHER_AREA)]}, 0),
        await visit.send(one, {}, 1),
    ]
    allowed = await added(visit, areas=[str(AREA)])

    assert [answer.status_code for answer in refused] == [422, 422, 422, 422, 409]
    assert all("You work in some areas yourself" in answer.text for answer in refused)
    assert allowed.status_code == 200
    assert await areas_of(database, demo_id(2)) == frozenset()


async def test_nobody_who_has_left_or_never_was_is_found(visit):
    page = await visit.get(STAFF)
    once = the_form(page, -1).values["once"]
    await visit.post(f"{ONE}/leave", {"once": once})

    for path in (ONE, f"{STAFF}/{some_id(404)}", f"{STAFF}/not-an-id"):
        assert (await visit.get(path)).status_code == 404
        for change in ("areas", "invite"):
            answer = await visit.post(f"{path}/{change}", {"once": str(some_id(9))})
            assert answer.status_code == 404


async def test_a_coordinator_sees_the_list_and_opens_nobody(visit):
    visit.sits_down(replace(MANAGER, roles=frozenset({AccessRole.COORDINATOR})))

    assert f'href="{ONE}"' not in (await visit.get(STAFF)).text
    assert (await visit.get(ONE)).status_code == 404
    assert (await visit.post(f"{ONE}/areas", {"once": str(some_id(9))})).status_code == 404
