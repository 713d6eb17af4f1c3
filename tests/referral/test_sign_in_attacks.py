"""Attacks on the sign-in, by their numbers in the threat model: A10, A11, A33, A34, A35."""

import asyncio
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY
from httpx import ASGITransport, AsyncClient
from sqlalchemy import event

from services.referral.actions.accounts import disable_account, reset_account
from services.referral.actions.sessions import TRIES_PER_PERSON, TRIES_PER_PLACE
from services.referral.domain.accounts import Means
from services.referral.handlers import answer_session
from services.referral.sign_in.passwords import AT_ONCE, Passwords
from services.referral.sign_in.tokens import begin, place_key
from shared.plumbing.asked_sessions import REMEMBERED, AskedSessions
from shared.plumbing.session_cookie import COOKIE, SECURE_COOKIE, digest_of
from tests.fixtures.signed_in import COORDINATOR
from tests.fixtures.web import HERE, visitor
from tests.referral.door import CHEAP, EMAIL, PASSWORD, at_the_door

CASES = "/referral/cases"
ELSEWHERE = "nobody@parley.example"


@pytest.fixture
async def door(database):
    async with at_the_door(database) as one:
        yield one


@contextmanager
def counted(database):
    """Every statement that reaches the database while inside, without its values."""
    said = Counter()

    def note(_connection, _cursor, statement, *_more):
        said[statement] += 1

    engines = {database._writer.sync_engine, database._reader.sync_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


class Counting(PasswordHasher):
    """argon2, noting how often it works and how much of that at the same time."""

    def __init__(self, slow: float = 0, **cost: int) -> None:
        super().__init__(**cost)
        self.slow, self.worked, self.at_once, self.most = slow, 0, 0, 0
        self._lock = threading.Lock()

    def verify(self, kept, password):
        with self._lock:
            self.worked += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        try:
            time.sleep(self.slow)
            return super().verify(kept, password)
        finally:
            with self._lock:
                self.at_once -= 1


async def test_a10_after_signing_out_the_old_cookie_and_the_back_button_give_nothing(door):
    await door.sign_in(await door.set_up())
    token = door.browser.cookies[COOKIE]
    seen = await door.browser.get(CASES)
    assert seen.headers["cache-control"] == "no-store"

    out = await door.browser.post("/referral/sign-out")

    assert out.headers["location"] == "/referral/signed-out"
    assert out.headers["clear-site-data"] == '"cache"'
    assert COOKIE not in door.browser.cookies
    again = await door.browser.get(CASES, headers={"cookie": f"{COOKIE}={token}"})
    assert again.status_code == 303
    assert (await door.browser.get("/referral/signed-out")).status_code == 200


async def test_a11_a_stolen_cookie_is_refused_everywhere_within_five_seconds(door, world):
    """The other three services ask through their own memory of five seconds."""
    await door.sign_in(await door.set_up())
    stolen = digest_of(door.browser.cookies[COOKIE])

    async def ask(question):
        async with door.database.transaction() as session:
            return await answer_session(question, session)

    others = [AskedSessions(ask, world.now) for _ in ("scheduling", "notifications", "reporting")]
    assert all([await one.whose(stolen) for one in others])

    await door.browser.post("/referral/sessions/revoke-all")

    assert await door.app.state.sessions.whose(stolen) is None
    world.advance(REMEMBERED)
    assert [await one.whose(stolen) for one in others] == [None, None, None]


@pytest.mark.parametrize("shut", ["disabled", "reset"])
async def test_a11_shutting_somebody_out_ends_their_sessions_at_once(door, shut):
    who = await door.set_up()
    await door.sign_in(who)
    async with door.database.transaction() as session:
        if shut == "disabled":
            await disable_account(session, who.id)
        else:
            await reset_account(session, who.id, b"n" * 32)

    assert (await door.browser.get(CASES)).status_code == 303


@pytest.mark.parametrize("name", [COOKIE, SECURE_COOKIE])
async def test_a_token_that_was_planted_before_the_sign_in_is_never_accepted(door, name):
    """Session fixation."""
    who = await door.set_up()
    planted = "p" * 43
    door.browser.cookies.set(name, planted)

    page = await door.password(who.email, who.password)
    answer = await door.send(page, code=door.code(who, 1))

    new = answer.cookies[COOKIE]
    assert new != planted
    for token in (planted, "p" * 43):
        async with visitor(door.app, staff=None) as thief:
            page = await thief.get(CASES, headers={"cookie": f"{name}={token}"})
            assert page.status_code == 303


async def test_a_session_of_before_is_another_one_after_signing_in_again(door, world):
    who = await door.set_up()
    await door.sign_in(who)
    before = door.browser.cookies[COOKIE]
    world.advance(timedelta(seconds=60))
    await door.sign_in(who)

    assert door.browser.cookies[COOKIE] != before


async def test_a33_the_same_code_is_refused_the_second_time(door):
    who = await door.set_up()
    code = door.code(who, 1)
    page = await door.password(EMAIL, PASSWORD)
    assert (await door.send(page, code=code)).status_code == 303

    page = await door.password(EMAIL, PASSWORD)
    again = await door.send(page, code=code)
    earlier = await door.send(page, code=door.code(who))

    assert again.status_code == earlier.status_code == 422
    assert "was used before" in again.text


async def test_a33_the_same_code_twice_at_the_same_time_lets_one_in(door):
    who = await door.set_up()
    code = door.code(who, 1)
    page = await door.password(EMAIL, PASSWORD)

    answers = await asyncio.gather(*(door.send(page, code=code) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]


async def test_a33_the_first_code_of_all_counts_as_used(door):
    who = await door.set_up()
    page = await door.password(EMAIL, PASSWORD)

    assert (await door.send(page, code=door.code(who))).status_code == 422


async def test_a34_known_and_unknown_people_cost_the_same_and_see_the_same(database, world):
    """By counts, not clocks: the same statements, one hash, the same page for every one of them."""
    hasher = Counting(time_cost=1, memory_cost=64, parallelism=1)
    async with at_the_door(database, hasher) as door:
        who = await door.set_up()
        gone = await door.set_up("gone@parley.example")
        await door.invite("invited@parley.example")
        async with database.transaction() as session:
            await disable_account(session, gone.id)
        await door.password(who.email, "a warming up of caches")
        seen = []
        for email in (EMAIL, ELSEWHERE, gone.email, "invited@parley.example", "Coordinator"):
            world.advance(timedelta(minutes=1))
            hasher.worked = 0
            with counted(door.app.state.service.database) as said:
                page = await door.password(email, "not the password")
            seen.append((page.status_code, page.text.replace(email, "…"), said, hasher.worked))

    assert all(one == seen[0] for one in seen)
    assert seen[0][0] == 422
    assert seen[0][3] == 1


async def test_a34_an_unknown_person_is_slowed_down_like_a_known_one(door):
    await door.set_up()
    answers = {
        email: [(await door.password(email, "wrong")).status_code for _ in range(7)]
        for email in (EMAIL, ELSEWHERE)
    }

    assert answers[EMAIL] == answers[ELSEWHERE] == [422] * TRIES_PER_PERSON + [429] * 2


async def test_a35_two_hundred_at_once_are_worked_out_two_at_a_time(database):
    """The memory argon2 takes is so bounded: 2 x 64 MiB. Each comes from a place of its own."""
    hasher = Counting(0.002, time_cost=1, memory_cost=64, parallelism=1)
    async with at_the_door(database, hasher) as door:

        async def try_one(number: int) -> int:
            transport = ASGITransport(app=door.app, client=(f"198.51.{number}.7", 50000))
            async with AsyncClient(transport=transport, base_url=HERE) as client:
                form = {"email": f"{number}@parley.example", "password": PASSWORD}
                return (await client.post("/referral/sign-in", data=form)).status_code

        answers = await asyncio.gather(*(try_one(number) for number in range(200)))

    assert set(answers) == {422}
    assert hasher.worked == 200
    assert 1 <= hasher.most <= AT_ONCE == 2


async def test_a35_two_hundred_at_once_from_one_place_are_mostly_not_worked_out_at_all(database):
    hasher = Counting(time_cost=1, memory_cost=64, parallelism=1)
    async with at_the_door(database, hasher) as door:

        async def try_one(number: int) -> int:
            form = {"email": f"{number}@parley.example", "password": PASSWORD}
            return (await door.browser.post("/referral/sign-in", data=form)).status_code

        answers = Counter(await asyncio.gather(*(try_one(number) for number in range(200))))

    assert answers == {422: TRIES_PER_PLACE, 429: 200 - TRIES_PER_PLACE}
    assert hasher.worked == TRIES_PER_PLACE


def test_a35_passwords_cost_what_rfc_9106_says():
    hasher = Passwords()._hasher

    assert (hasher.memory_cost, hasher.time_cost, hasher.parallelism) == (65536, 3, 4)
    assert hasher.type == RFC_9106_LOW_MEMORY.type
    assert CHEAP.type == hasher.type


async def test_nothing_kept_costs_one_whole_password():
    hasher = Counting(time_cost=1, memory_cost=64, parallelism=1)
    passwords = Passwords(hasher)
    kept = await passwords.hash(PASSWORD)

    assert await passwords.matches(kept, PASSWORD)
    assert not await passwords.matches(None, PASSWORD)
    assert hasher.worked == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("198.51.100.7", "198.51.100.200", True),
        ("198.51.100.7", "198.51.101.7", False),
        ("2001:db8:0:1::1", "2001:db8:0:ff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:100::2", False),
        (None, "not an address", True),
    ],
)
def test_a_place_is_a_network_not_one_address(one, other, same):
    assert (place_key(b"k" * 32, one) == place_key(b"k" * 32, other)) is same


async def test_guessing_codes_is_slowed_down_for_whoever_knows_the_password(door):
    who = await door.set_up()
    page = await door.password(who.email, who.password)

    answers = [(await door.send(page, code=f"{number:06}")).status_code for number in range(7)]

    assert answers == [422] * TRIES_PER_PERSON + [429] * 2


async def test_a_ticket_that_was_changed_or_is_too_old_leads_back_to_the_beginning(door, world):
    who = await door.set_up()
    page = await door.password(who.email, who.password)
    changed = await door.send(page, ticket="A" * 120, code=door.code(who, 1))
    world.advance(timedelta(minutes=10))
    late = await door.send(page, code=door.code(who, 1))

    assert changed.status_code == late.status_code == 422
    assert "That took too long" in late.text
    assert (await door.browser.get(CASES)).status_code == 303


async def test_a_session_of_somebody_without_a_role_is_nobodys(door):
    who = await door.set_up()
    async with door.database.transaction() as session:
        from services.referral import store

        await store.staff.end_roles(session, who.id, session.now())
        token = await begin(session, who.id, Means.PASSWORD)

    assert await door.app.state.sessions.whose(digest_of(token)) is None
    assert COORDINATOR.id != who.id
