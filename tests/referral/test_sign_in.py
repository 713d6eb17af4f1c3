"""Signing in, being signed in, and being signed out."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from deploy.seeds import demonstration_links
from services.referral.actions.staff import let_leave
from services.referral.domain.accounts import IDLE, LONGEST
from services.referral.store.accounts import ACCOUNT, RECOVERY_CODE
from services.referral.store.sessions import SESSION
from shared.contracts.access import AccessRole
from shared.plumbing.session_cookie import COOKIE
from tests.fixtures.web import visitor
from tests.referral.door import EMAIL, PASSWORD, at_the_door
from tests.referral.web import heading

CASES = "/referral/cases"


@pytest.fixture
async def door(database):
    async with at_the_door(database) as one:
        yield one


async def rows(database, table):
    async with database.reading() as session:
        return (await session.execute(select(table))).all()


async def test_with_password_and_code_somebody_comes_to_the_page_they_wanted(door):
    who = await door.set_up()

    answer = await door.sign_in(who, then="/scheduling/venues?page=2")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/scheduling/venues?page=2"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    (kept,) = [row for row in await rows(door.database, SESSION) if row.revoked_at is None]
    token = door.browser.cookies[COOKIE]
    assert len(token) == 43
    assert token.encode() not in kept.token_digest


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (AccessRole.COORDINATOR, "/referral/cases"),
        (AccessRole.MANAGER, "/referral/cases"),
        (AccessRole.FACILITATOR, "/scheduling/"),
        (AccessRole.FUNDER, "/reporting/released"),
        (AccessRole.OPS, "/referral/account"),
    ],
)
async def test_each_role_begins_where_its_work_is(door, role, home):
    who = await door.set_up(EMAIL, role)

    assert (await door.sign_in(who)).headers["location"] == home


async def test_nobody_is_sent_to_another_site_by_a_link_to_the_sign_in(door):
    who = await door.set_up()

    page = await door.browser.get("/referral/sign-in?next=https://evil.example/")
    assert "evil.example" not in page.text
    page = await door.send(page, email=EMAIL, password=PASSWORD, next="//evil.example/")
    answer = await door.send(page, code=door.code(who, 1))

    assert answer.headers["location"] == CASES


async def test_a_recovery_code_lets_somebody_in_once(door):
    who = await door.set_up()
    code = who.recovery_codes[3]

    page = await door.send(await door.password(EMAIL, PASSWORD), 1)
    assert heading(page) == "Use a recovery code"
    answer = await door.send(page, code=f" {code.lower().replace('-', ' ')} ")
    assert answer.status_code == 303

    page = await door.send(await door.password(EMAIL, PASSWORD), 1)
    again = await door.send(page, code=code)

    assert again.status_code == 422
    assert len(await rows(door.database, RECOVERY_CODE)) == 9


async def test_a_session_without_use_ends_after_15_minutes(door, world):
    await door.sign_in(await door.set_up())

    world.advance(IDLE - timedelta(seconds=1))
    assert (await door.browser.get(CASES)).status_code == 200
    world.advance(IDLE - timedelta(seconds=1))
    assert (await door.browser.get(CASES)).status_code == 200
    world.advance(IDLE)
    assert (await door.browser.get(CASES)).status_code == 303
    assert timedelta(minutes=15) == IDLE


async def test_no_session_lasts_longer_than_8_hours_however_busy(door, world):
    await door.sign_in(await door.set_up())

    for _ in range(47):
        world.advance(timedelta(minutes=10))
        assert (await door.browser.get(CASES)).status_code == 200
    world.advance(timedelta(minutes=10))

    assert (await door.browser.get(CASES)).status_code == 303
    assert timedelta(hours=8) == LONGEST


async def test_use_is_written_down_once_a_minute(door, world):
    await door.sign_in(await door.set_up())
    noted = set()
    for _ in range(9):
        world.advance(timedelta(seconds=20))
        await door.browser.get(CASES)
        noted |= {row.last_seen_at for row in await rows(door.database, SESSION)}

    assert len(noted) <= 2 + 3


async def test_somebody_sees_where_they_are_signed_in_and_ends_one_or_all(door):
    who = await door.set_up()
    await door.sign_in(who)
    async with visitor(door.app, staff=None) as elsewhere:
        here, door.browser = door.browser, elsewhere
        door.database.world.advance(timedelta(seconds=60))
        await door.sign_in(who)
        page = await here.get("/referral/account")
        assert page.text.count("Sign out there") == 1
        assert "Here and now" in page.text
        other = re.search(r"/referral/sessions/[0-9a-f-]{36}/revoke", page.text)[0]
        assert (await elsewhere.get(CASES)).status_code == 200

        assert (await here.post(other)).status_code == 303
        assert (await elsewhere.get(CASES)).status_code == 303
        assert (await here.get(CASES)).status_code == 200
        assert (await here.post(other)).status_code == 404

        await here.post("/referral/sessions/revoke-all")
        assert (await here.get(CASES)).status_code == 303


async def test_nobody_ends_somebody_elses_session(door):
    await door.sign_in(await door.set_up())
    (mine,) = [row for row in await rows(door.database, SESSION) if row.revoked_at is None]
    async with visitor(door.app) as other:
        answer = await other.post(f"/referral/sessions/{mine.id}/revoke")

    assert answer.status_code == 404
    assert (await door.browser.get(CASES)).status_code == 200


async def test_showing_a_code_once_more_counts_for_five_minutes_under_a_new_token(door, world):
    who = await door.set_up()
    await door.sign_in(who)
    before = door.browser.cookies[COOKIE]
    world.advance(timedelta(seconds=90))

    page = await door.browser.get("/referral/sign-in/confirm?next=/reporting/")
    used = await door.send(page, code=door.code(who, -2))
    answer = await door.send(page, code=door.code(who))

    assert used.status_code == 422
    assert answer.headers["location"] == "/reporting/"
    assert door.browser.cookies[COOKIE] != before
    found = await door.app.state.sessions.whose(digest(door.browser.cookies[COOKIE]))
    assert found.is_stepped_up(world.now() + timedelta(minutes=5, seconds=-1))
    assert not found.is_stepped_up(world.now() + timedelta(minutes=5))
    assert await door.app.state.sessions.whose(digest(before)) is None


async def test_demonstration_links_work_once_at_this_machine_in_development(door):

    (_, link), *others = await demonstration_links(door.database)
    assert len(others) == 5
    page = await door.browser.get(link)
    assert heading(page) == "Sign in as Demo Coordinator"
    assert heading(await door.browser.get(link)) == "Sign in as Demo Coordinator"

    assert (await door.browser.post(link)).headers["location"] == CASES
    assert (await door.browser.get(CASES)).status_code == 200
    assert (await door.browser.post(link)).status_code == 404


@pytest.mark.parametrize(
    ("settings", "where", "status"),
    [
        ({"environment": "production"}, {}, 404),
        ({"host": "0.0.0.0"}, {}, 404),
        ({}, {"sits": "192.0.2.7"}, 404),
        ({}, {"site": "http://rebound.example:8000"}, 400),  # no site of ours, whatever is asked
    ],
)
async def test_demonstration_links_lead_nowhere_anywhere_else(
    database, settings, where, status, tmp_path
):
    (tmp_path / "secret").write_bytes(b"s" * 32)
    links = await demonstration_links(database)
    async with (
        at_the_door(database, **settings, secret_file=tmp_path / "secret") as door,
        visitor(door.app, staff=None, **where) as browser,
    ):
        answers = [await browser.post(link) for _, link in links]
        answers += [await browser.get(link) for _, link in links]

    assert {answer.status_code for answer in answers} == {status}
    assert await rows(database, SESSION) == []


async def test_funder_and_ops_are_told_to_nobody(door):
    for number, role in enumerate((AccessRole.FUNDER, AccessRole.OPS)):
        person_id, _ = await door.invite(f"{number}@parley.example", role)
        async with door.database.reading() as session:
            outbox = door.database.schema.tables.outbox
            told = select(func.count()).where(outbox.c.aggregate_id == person_id)
            assert (await session.execute(told)).scalar_one() == 0


async def test_who_leaves_is_out_at_once(door):

    who = await door.set_up()
    await door.sign_in(who)

    async with door.database.transaction() as session:
        await let_leave(session, who.id)

    assert (await door.browser.get(CASES)).status_code == 303
    assert (await door.password(EMAIL, PASSWORD)).status_code == 422
    (row,) = [row for row in await rows(door.database, ACCOUNT) if row.person_id == who.id]
    assert row.disabled_at is not None


def digest(token):
    from shared.plumbing.session_cookie import digest_of

    return digest_of(token)
