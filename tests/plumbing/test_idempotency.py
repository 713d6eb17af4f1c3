"""The same request twice is acted on once, on both databases."""

import asyncio

import pytest
from sqlalchemy import select

from shared.plumbing import idempotency
from shared.plumbing.idempotency import KeyReused, Remembered, fingerprint_of
from tests.plumbing.ledger import SCHEMA, tell, unsent

REQUEST = fingerprint_of(b"POST", b"/referral/api/referrals", b'{"name": "Zebedee"}')
OTHER = fingerprint_of(b"POST", b"/referral/api/referrals", b'{"name": "Florence"}')
ANSWER = b'{"referral_id": "019cadc6-9a80-7000-a46d-d6122265b1f5"}'


async def ask(database, key="zebedee@example.org", request=REQUEST) -> Remembered:
    """Act as a route does: answer as before, or act and remember."""
    async with database.transaction() as session:
        before = await idempotency.remembered(session, key, request)
        if before is not None:
            return before
        await tell(session)
        await asyncio.sleep(0.01)
        await idempotency.remember(session, key, request, 201, ANSWER)
        return Remembered(201, ANSWER)


async def test_the_same_request_again_is_answered_the_same_and_acted_on_once(any_store):
    database = await any_store(SCHEMA)

    answers = [await ask(database) for _ in range(3)]

    assert answers == [Remembered(201, ANSWER)] * 3
    assert len(await unsent(database)) == 1


async def test_the_same_request_many_times_at_once_is_acted_on_once(any_store):
    database = await any_store(SCHEMA)
    await asyncio.gather(*(database.ping() for _ in range(8)))  # a connection for each

    answers = await asyncio.gather(*(ask(database) for _ in range(8)))

    assert answers == [Remembered(201, ANSWER)] * 8
    assert len(await unsent(database)) == 1


async def test_the_same_key_with_another_request_is_refused(any_store):
    database = await any_store(SCHEMA)
    await ask(database)

    with pytest.raises(KeyReused, match="different request") as refused:
        await ask(database, request=OTHER)

    assert refused.value.status == 422
    assert len(await unsent(database)) == 1


async def test_another_key_is_another_request(any_store):
    database = await any_store(SCHEMA)

    await ask(database, key="one")
    await ask(database, key="other")

    assert len(await unsent(database)) == 2


async def test_a_request_that_failed_is_not_remembered(any_store):
    database = await any_store(SCHEMA)

    async def ask_and_fail() -> None:
        async with database.transaction() as session:
            await idempotency.remember(session, "key", REQUEST, 201, ANSWER)
            raise LookupError

    with pytest.raises(LookupError):
        await ask_and_fail()

    async with database.transaction() as session:
        assert await idempotency.remembered(session, "key", REQUEST) is None


async def test_neither_the_request_nor_its_key_can_be_read_from_the_row(any_store):
    database = await any_store(SCHEMA)
    await ask(database)

    async with database.reading() as session:
        [row] = (await session.execute(select(SCHEMA.tables.idempotency_key))).all()

    stored = b"".join(value for value in row if isinstance(value, bytes))
    assert b"zebedee" not in stored.lower()
    assert REQUEST not in stored


def test_a_fingerprint_tells_where_one_part_ends_and_the_next_begins():
    assert fingerprint_of(b"ab", b"c") != fingerprint_of(b"a", b"bc")
    assert len(fingerprint_of(b"x")) == 32
