"""Buckets: so many within a time, shared by all replicas, and nobody's address in them."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shared.plumbing import limits
from shared.plumbing.limits import Limit, TooMany
from tests.plumbing.ledger import SCHEMA

KEY = b"k" * 32
SIX = Limit("form", 6, timedelta(hours=1), "Forms came in too often.")
ALL = Limit("all", 8, timedelta(hours=1))
TABLE = SCHEMA.tables.bucket


@pytest.fixture
async def database(any_store, world):
    return await any_store(SCHEMA, world=world)


async def take(database, *claims) -> TooMany | None:
    try:
        await limits.take_at_once(database, KEY, *claims)
    except TooMany as refused:
        return refused
    return None


async def rows(database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(TABLE)) or 0


async def test_so_many_at_once_and_then_one_at_a_time_as_the_bucket_fills(database, world):
    assert [await take(database, (SIX, "a")) for _ in range(6)] == [None] * 6

    refused = await take(database, (SIX, "a"))

    assert refused is not None
    assert (refused.status, refused.wait) == (429, timedelta(minutes=10))
    assert str(refused) == "Forms came in too often. Wait 10 minutes and try again."
    world.advance(timedelta(minutes=10) - timedelta(microseconds=1))
    assert await take(database, (SIX, "a")) is not None
    world.advance(timedelta(microseconds=1))
    assert await take(database, (SIX, "a")) is None
    assert await take(database, (SIX, "a")) is not None


async def test_nobody_pays_for_another(database):
    for _ in range(7):
        await take(database, (SIX, "a"))

    assert await take(database, (SIX, "b")) is None
    assert await take(database, (Limit("other", 1, timedelta(hours=1)), "a")) is None


async def test_what_is_refused_takes_from_no_bucket_and_leaves_no_row(database):
    for who in "abcdefgh":
        assert await take(database, (SIX, who), (ALL, "everybody")) is None
    before = await rows(database)

    refused = [await take(database, (SIX, f"new {n}"), (ALL, "everybody")) for n in range(20)]

    assert all(one is not None and one.limit == ALL for one in refused)
    assert await rows(database) == before == 9


async def test_replicas_never_give_one_token_away_twice(database):
    await asyncio.gather(*(database.ping() for _ in range(8)))  # a connection for each

    answers = await asyncio.gather(
        *(take(database, (SIX, "a"), (ALL, "everybody")) for _ in range(30))
    )

    assert answers.count(None) == 6


async def test_a_bucket_that_is_full_again_is_swept(database, world):
    for n in range(120):
        await take(database, (SIX, str(n)))
    world.advance(timedelta(minutes=10))
    for n in range(3):
        await take(database, (SIX, f"later {n}"))

    assert await rows(database) == 3


async def test_nobodys_address_is_written_down(database):
    await take(database, (SIX, "192.0.2.0/24"))

    async with database.reading() as session:
        (row,) = await session.execute(select(TABLE))
    assert len(row.key_digest) == 32
    assert b"192" not in row.key_digest
    other = limits._digest(b"another key" * 3, SIX, "192.0.2.0/24")
    assert other != row.key_digest == limits._digest(KEY, SIX, "192.0.2.0/24")


async def test_a_clock_that_went_back_locks_nobody_out_for_longer_than_it_went(database, world):
    for _ in range(6):
        await take(database, (SIX, "a"))
    world.advance(-timedelta(hours=1))

    refused = await take(database, (SIX, "a"))

    assert refused is not None
    assert refused.wait <= timedelta(hours=1, minutes=10)


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (timedelta(microseconds=1), "1 second"),
        (timedelta(seconds=1.2), "2 seconds"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(seconds=91), "2 minutes"),
        (timedelta(minutes=10), "10 minutes"),
    ],
)
def test_a_wait_is_said_in_plain_words_and_never_too_short(wait, words):
    assert limits.in_words(wait) == words
