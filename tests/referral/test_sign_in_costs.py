"""What trying to sign in costs: A34 and A35 of the threat model, by counts, not clocks."""

import asyncio
import re
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import event

from services.referral.actions.accounts import disable_account
from services.referral.actions.sessions import TRIES_PER_PERSON, TRIES_PER_PLACE
from services.referral.sign_in.passwords import AT_ONCE, Passwords
from services.referral.sign_in.tokens import place_key
from tests.fixtures.web import visitor
from tests.referral.door import CHEAP, EMAIL, PASSWORD, at_the_door

CASES = "/referral/cases"
ELSEWHERE = "nobody@parley.example"
CSRF = re.compile(r'(?<=name="csrf" value=")[^"]+')


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
            shown = CSRF.sub("…", page.text.replace(email, "…"))  # a random one on every page
            seen.append((page.status_code, shown, said, hasher.worked))

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
            sits = f"198.51.{number}.7"
            async with visitor(door.app, sits=sits, staff=None) as client:
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
