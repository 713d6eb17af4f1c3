"""How an event comes from the stream to its handler, on a real server and real stores."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from shared.contracts.fact import Envelope
from shared.plumbing import delivery
from shared.plumbing.database import Session
from shared.plumbing.envelope import to_headers
from shared.plumbing.topology import wanted
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    BreadBaked,
    OvenCleaned,
    a_house,
    around,
    baked,
    note_cleaning,
    parked_events,
    rows_of,
    services,
    shelf,
    shelve,
    shop_hearing,
    tell,
    tell_raw,
    until_parked,
    until_shelved,
)


async def test_a_fact_is_acted_on_once_and_what_follows_is_told_in_the_same_transaction(
    open_shop, any_shop
):
    bakery, _ = await open_shop(shop_hearing())

    await tell(bakery, baked(7))

    assert await until_shelved(any_shop, 1) == [7]
    assert await rows_of(any_shop, "inbox") == 1
    assert await rows_of(any_shop, "outbox") == 1


async def test_a_fact_told_because_of_another_names_its_cause(open_shop, any_shop):
    bakery, _ = await open_shop(shop_hearing())

    (told,) = await tell(bakery, baked())
    await until_shelved(any_shop, 1)

    async with any_shop.reading() as session:
        row = (await session.execute(SHOP.tables.outbox.select())).one()
    assert (row.causation, row.correlation) == (told.id, told.correlation)


async def test_facts_of_all_kinds_are_acted_on_in_the_order_they_were_told(open_shop, any_shop):
    bakery, _ = await open_shop(shop_hearing(on_cleaning=note_cleaning))

    for number in range(0, 40, 2):
        oven = OvenCleaned(oven_id=baked().batch_id, number=number + 1)
        await tell(bakery, baked(number), oven)

    assert await until_shelved(any_shop, 40) == list(range(40))


async def test_a_handler_that_fails_is_tried_again_and_its_first_attempts_leave_nothing(
    open_shop, any_shop, quick_retries
):
    attempts = []

    async def flaky(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        await shelve(fact, envelope, session)
        await session.flush()
        attempts.append(fact.number)
        if attempts.count(fact.number) < 3:
            raise RuntimeError("not yet")

    bakery, _ = await open_shop(shop_hearing(flaky))

    await tell(bakery, baked(1), baked(2))

    assert await until_shelved(any_shop, 2) == [1, 2]
    assert attempts == [1, 1, 1, 2, 2, 2]
    assert await rows_of(any_shop, "failing_event") == 0
    assert await rows_of(any_shop, "outbox") == 2


def test_the_fifth_attempt_comes_within_half_a_minute():
    assert len(delivery.RETRY_DELAYS) == 4
    assert 15 <= sum(delay.total_seconds() for delay in delivery.RETRY_DELAYS) <= 30


@pytest.mark.parametrize(
    "outage",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        OperationalError("insert", {}, Exception("gone")),
    ],
)
async def test_while_a_store_is_out_of_reach_an_event_waits_and_nothing_is_counted(
    parley_broker, sqlite_store, quick_retries, outage
):
    attempts = []

    async def while_away(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        attempts.append(fact.number)
        if len(attempts) <= 8:
            raise outage
        await shelve(fact, envelope, session)

    hearing = shop_hearing(while_away)
    store = await sqlite_store(SHOP)
    async with a_house(await parley_broker(services(hearing))) as house:
        await house.bus("shop", store, hearing)
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))

        await tell(bakery, baked(1), baked(2))

        assert await until_shelved(store, 2) == [1, 2]
        assert len(attempts) == 10
        assert await rows_of(store, "failing_event") == 0
        assert await parked_events(store) == []


async def test_a_handler_that_hangs_counts_as_failed(
    open_shop, any_shop, quick_retries, monkeypatch
):
    monkeypatch.setattr(delivery, "HANDLER_PATIENCE", timedelta(seconds=0.3))

    async def hangs(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        if fact.number == 1:
            await asyncio.Event().wait()
        await shelve(fact, envelope, session)

    bakery, _ = await open_shop(shop_hearing(hangs))

    await tell(bakery, baked(1), baked(2))

    assert await until_shelved(any_shop, 1) == [2]
    assert [event.error_code for event in await until_parked(any_shop)] == ["HandlerTooSlow"]


async def test_an_event_that_comes_again_is_not_acted_on_again(open_shop, any_shop):
    bakery, _ = await open_shop(shop_hearing())
    fact = baked(1)
    envelope = around(fact)
    body = fact.model_dump_json().encode()

    for number in range(3):
        sent = to_headers(envelope) | {"Nats-Msg-Id": f"copy-{number}"}
        await bakery.publisher.publish(fact.subject, body, sent)
    await tell(bakery, baked(2))

    assert await until_shelved(any_shop, 2) == [1, 2]
    await asyncio.sleep(0.2)
    assert await shelf(any_shop) == [1, 2]


async def test_a_handler_that_takes_long_keeps_its_event(parley_broker, sqlite_store, monkeypatch):
    for module in (delivery, wanted):
        monkeypatch.setattr(module, "ACK_WAIT", timedelta(seconds=1))
    began = []

    async def slow(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        began.append(fact.number)
        await asyncio.sleep(2.5)
        await shelve(fact, envelope, session)

    hearing = shop_hearing(slow)
    store = await sqlite_store(SHOP)
    async with a_house(await parley_broker(services(hearing))) as house:
        await house.bus("shop", store, hearing)
        await house.bus("shop", store, hearing)  # a replica that would take it over
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))

        await tell(bakery, baked(1))

        assert await until_shelved(store, 1) == [1]
        assert began == [1]
        async with house.broker.connect() as client:
            info = await client.jetstream().consumer_info("bakery", "shop-bakery")
        assert info.delivered.consumer_seq == 1, "the server gave it to somebody else meanwhile"


async def test_two_replicas_share_a_consumer_and_keep_the_order(open_shop, any_shop):
    hearing = shop_hearing(on_cleaning=note_cleaning)
    bakery, house = await open_shop(hearing)
    await house.bus("shop", any_shop, hearing)

    for number in range(60):
        await tell(bakery, baked(number))
        if number == 30:
            await tell_raw(bakery, b"nonsense")

    assert await until_shelved(any_shop, 60) == list(range(60))
    assert len(await parked_events(any_shop)) == 1
