"""Signing in with the organisation's own account (OpenID Connect)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.referral.domain.accounts import IDLE
from shared.plumbing.session_cookie import COOKIE
from tests.fixtures.web import visitor
from tests.referral.door import at_the_door
from tests.referral.outside import CASES, OUTSIDE, SAM, on_the_doorstep
from tests.referral.web import heading

ACCOUNT = "/referral/account"


@pytest.fixture
async def step(database, provider, tmp_path):
    async with on_the_doorstep(database, provider, tmp_path) as one:
        yield one


async def test_a_colleague_comes_in_with_their_organisations_account(step):
    person_id = await step.add()
    page = await step.browser.get("/referral/sign-in?next=/scheduling/venues")
    assert f"{OUTSIDE}?next=%2Fscheduling%2Fvenues" in page.text

    answer = await step.sign_in(next="/scheduling/venues")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/scheduling/venues"
    assert await step.is_in()
    assert (await step.account(person_id)).outside_digest is not None
    shown = await step.browser.get(ACCOUNT)
    assert "With your own organisation" in shown.text


async def test_somebody_who_says_not_where_to_begins_where_their_work_is(step):
    await step.add()

    assert (await step.sign_in()).headers["location"] == CASES


async def test_the_second_time_the_address_may_be_another(step):
    person_id = await step.add()
    await step.sign_in()
    step.provider.people["sam"].email = "sam.married@example.org"

    assert (await step.sign_in()).status_code == 303
    assert (await step.account(person_id)).outside_digest is not None


async def test_an_invitation_links_an_account_whatever_its_address(step):
    """Some organisations say of no address that it is checked."""
    person_id, link = await step.door.invite("s.example@example.org")
    step.provider.people["sam"].email_verified = None
    page = await step.browser.get(link)
    assert "Use your organisation" in page.text

    answer = await step.sign_in(invitation=link.rpartition("/")[2])

    assert answer.status_code == 303
    assert await step.is_in()
    assert (await step.account(person_id)).outside_digest is not None
    assert (await step.browser.get(link)).status_code == 404


@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_an_address_that_nobody_checked_links_no_account(step, verified):
    person_id = await step.add()
    step.provider.people["sam"].email_verified = verified

    answer = await step.sign_in()

    assert answer.status_code == 403
    assert "ask a manager to add you" in answer.text
    assert not await step.is_in()
    assert (await step.account(person_id)).outside_digest is None


async def test_whoever_is_no_colleague_does_not_come_in(step):
    answer = await step.sign_in()

    assert answer.status_code == 403
    assert await step.open_sessions() == 0


async def test_signing_out_leads_to_a_page_that_says_how_to_leave_there_too(step):
    await step.add()
    await step.sign_in()

    answer = await step.browser.post("/referral/sign-out")
    page = await step.browser.get(answer.headers["location"])

    assert not await step.is_in()
    assert "sign out there too" in page.text
    assert f"{step.provider.issuer}/leave?client_id=" in page.text


async def test_where_the_provider_offers_no_sign_out_nothing_is_said_of_it(step):
    step.provider.discovery = lambda said: {**said, "end_session_endpoint": None}
    await step.add()
    await step.sign_in()

    answer = await step.browser.post("/referral/sign-out")

    assert "sign out there" not in (await step.browser.get(answer.headers["location"])).text


async def test_a_session_from_outside_ends_like_every_other(step, world):
    await step.add()
    await step.sign_in()

    world.advance(IDLE)

    assert not await step.is_in()


async def test_each_sign_in_gives_another_token(step):
    """Fixation: what a browser was made to carry before counts for nothing."""
    await step.add()
    planted = "A" * 43
    step.browser.cookies.set(COOKIE, planted, domain="127.0.0.1")
    await step.sign_in()
    tokens = [one.value for one in step.browser.cookies.jar if one.name == COOKIE]

    assert tokens[-1] != planted
    async with visitor(step.app, staff=None) as thief:
        thief.cookies.set(COOKIE, planted, domain="127.0.0.1")
        assert (await thief.get(CASES)).status_code == 303


async def test_the_other_half_of_the_attempt_is_gone_once_it_is_used(step):
    await step.add()
    answer = await step.sign_in()

    given = answer.headers.get_list("set-cookie")
    assert any(one.startswith("parley-outside=") and "Max-Age=0" in one for one in given)
    address = await step.browser.get(OUTSIDE)
    (kept,) = [
        one.lower()
        for one in address.headers.get_list("set-cookie")
        if one.startswith("parley-outside")
    ]
    assert "httponly" in kept
    assert "samesite=lax" in kept
    assert "max-age=600" in kept


async def test_beyond_this_machine_the_cookie_is_for_this_host_and_https_alone(
    database, provider, tmp_path
):
    more = {"host": "0.0.0.0"}
    async with on_the_doorstep(database, provider, tmp_path, **more) as step:
        answer = await step.browser.get(OUTSIDE)

    (kept,) = answer.headers.get_list("set-cookie")
    assert kept.startswith("__Host-parley-outside=")
    assert "secure" in kept.lower()


async def test_where_there_are_no_local_accounts_only_the_organisation_lets_in(
    database, provider, tmp_path
):
    async with on_the_doorstep(database, provider, tmp_path, local_accounts=False) as step:
        page = await step.browser.get("/referral/sign-in")
        assert "Work email address" not in page.text
        assert OUTSIDE in page.text
        for path in ("", "/code", "/recovery"):
            tried = await step.browser.post(
                f"/referral/sign-in{path}", data={"email": "a@b.example"}
            )
            assert tried.status_code == 403
        _, link = await step.door.invite()
        page = await step.browser.get(link)
        assert "hoose a password" not in page.text
        assert (await step.browser.post(link, data={"password": "x"})).status_code == 403

        assert (await step.sign_in(invitation=link.rpartition("/")[2])).status_code == 303
        assert await step.is_in()


async def test_where_no_provider_is_set_there_is_nothing_of_it(database, tmp_path):
    async with at_the_door(database) as door:
        page = await door.browser.get("/referral/sign-in")
        assert "organisation" not in page.text
        for path in (OUTSIDE, f"{OUTSIDE}/back"):
            assert (await door.browser.get(path)).status_code == 404
        assert (await door.browser.post(f"{OUTSIDE}/ended")).status_code == 404


async def test_what_is_linked_and_changed_is_in_the_audit_without_a_word_of_anybody(step):
    person_id = await step.add()
    await step.sign_in()

    entry = step.database.schema.tables.audit.entry
    async with step.database.reading() as session:
        rows = (await session.execute(select(entry).order_by(entry.c.id))).all()
    (linked,) = [row for row in rows if row.purpose == "account_linked"]
    assert linked.actor_id == linked.person_id == person_id
    assert SAM not in str([tuple(row) for row in rows])


async def test_an_attempt_is_good_for_ten_minutes(step, world):
    await step.add()
    back = await step.agree(await step.go())
    world.advance(timedelta(minutes=10))

    answer = await step.browser.get(back)

    assert answer.status_code == 409
    assert heading(answer) == "Your organisation&#39;s sign-in"
