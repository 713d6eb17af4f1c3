"""What becomes of events that cannot be acted on, and of those that are given a second chance."""

import pytest

from shared.contracts.fact import Envelope
from shared.contracts.refusal import Refusal
from shared.plumbing import parked
from shared.plumbing.database import Session
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    BreadBaked,
    OvenCleaned,
    a_house,
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
    until,
    until_parked,
    until_shelved,
)


async def test_a_malformed_body_in_the_middle_of_three_is_parked_and_the_others_are_acted_on(
    open_shop, any_shop
):
    bakery, _ = await open_shop(shop_hearing())

    await tell(bakery, baked(1))
    await tell_raw(bakery, b'{"batch_id": "not an id", "number": 2}')
    await tell(bakery, baked(3))

    assert await until_shelved(any_shop, 2) == [1, 3]
    (event,) = await until_parked(any_shop)
    assert event.error_code == "FactInvalid:/batch_id"
    assert event.body == b'{"batch_id": "not an id", "number": 2}'
    assert event.consumer == "shop-bakery"


WELL = baked(5)


BODY = WELL.model_dump_json().encode()


NOT_UNDERSTOOD = {
    "empty": (b"", {}, "BodyNotJson"),
    "too deep": (b"[" * 5000, {}, "BodyNotJson"),
    "not finite": (b'{"number": NaN}', {}, "BodyNotJson"),
    "a field twice": (BODY.replace(b"{", b'{"number": 1,', 1), {}, "BodyNotJson"),
    "text for a number": (BODY.replace(b":5", b':"5"'), {}, "FactInvalid:/number"),
    "about another": (baked(5).model_dump_json().encode(), {}, "FactInvalid:/batch_id"),
    "wrong source": (BODY, {"ce_source": "shop"}, "WrongSource:/ce-source"),
    "unknown version": (BODY, {"ce_type": "bakery.bread_baked.v2"}, "WrongSource:/ce-type"),
    "no id": (BODY, {"ce_id": None}, "HeaderMissing:/ce-id"),
    "not an id": (BODY, {"ce_id": "1"}, "HeaderInvalid:/ce-id"),
    "another CloudEvents": (BODY, {"ce_specversion": "2.0"}, "HeaderInvalid:/ce-specversion"),
    "version 0 of a thing": (BODY, {"ce_sequence": "0"}, "HeaderInvalid:/ce-sequence"),
    "no time": (BODY, {"ce_time": "yesterday"}, "HeaderInvalid:/ce-time"),
    "before all time": (BODY, {"ce_time": "0001-01-01T00:00:00+14:00"}, "HeaderInvalid:/ce-time"),
    "not JSON by its own word": (
        BODY,
        {"content_type": "text/plain"},
        "HeaderInvalid:/content-type",
    ),
    "posing as the server": (BODY, {"Status": "503", "ce_id": None}, "HeaderMissing:/ce-id"),
}


@pytest.mark.parametrize(
    ("body", "headers", "code"), NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD.keys()
)
async def test_whatever_cannot_be_understood_is_parked_at_once_and_nothing_waits_behind_it(
    parley_broker, sqlite_store, body, headers, code
):
    hearing = shop_hearing()
    store = await sqlite_store(SHOP)
    async with a_house(await parley_broker(services(hearing))) as house:
        await house.bus("shop", store, hearing)
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))

        await tell_raw(bakery, body, WELL, **headers)
        await tell(bakery, baked(6))

        assert await until_shelved(store, 1, patience=5) == [6]
        assert [event.error_code for event in await until_parked(store)] == [code]


async def test_an_event_of_a_kind_the_code_no_longer_knows_is_parked_as_unknown(
    parley_broker, sqlite_store
):
    yesterday = shop_hearing(on_cleaning=note_cleaning)
    store = await sqlite_store(SHOP)
    async with a_house(await parley_broker(services(yesterday))) as house:
        await house.bus("shop", store, shop_hearing())  # today's code; the topology is yesterday's
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))

        await tell(bakery, OvenCleaned(oven_id=baked().batch_id, number=1), baked(2))

        assert await until_shelved(store, 1) == [2]
        assert [it.error_code for it in await until_parked(store)] == ["UnknownFact:/ce-type"]


class SoldOut(Refusal):
    """There is none left."""


@pytest.mark.parametrize("failure", [RuntimeError("Mrs Example of 1 High Street"), SoldOut()])
async def test_a_handler_that_always_fails_is_parked_after_five_attempts_and_the_rest_flows(
    open_shop, any_shop, quick_retries, failure
):
    attempts = []

    async def stubborn(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        if fact.number == 2:
            attempts.append(envelope.id)
            raise failure
        await shelve(fact, envelope, session)

    bakery, _ = await open_shop(shop_hearing(stubborn))

    await tell(bakery, baked(1), baked(2), baked(3))

    assert await until_shelved(any_shop, 2) == [1, 3]
    (event,) = await until_parked(any_shop)
    assert event.error_code == type(failure).__name__
    assert len(attempts) == 5
    assert await rows_of(any_shop, "failing_event") == 0


async def test_when_even_parking_fails_the_event_stays_in_the_stream(
    open_shop, any_shop, quick_retries, monkeypatch
):
    tried = []
    parks = parked.park

    async def cannot_yet(*args):
        tried.append(args)
        if len(tried) < 3:
            raise RuntimeError("no room")
        return await parks(*args)

    monkeypatch.setattr(parked, "park", cannot_yet)
    bakery, _ = await open_shop(shop_hearing())

    await tell_raw(bakery, b"nonsense")
    await tell(bakery, baked(2))

    assert await until_shelved(any_shop, 1) == [2]
    assert len(await until_parked(any_shop)) == 1
    assert len(tried) == 3


async def test_a_parked_event_is_acted_on_when_somebody_asks_for_a_retry(
    open_shop, any_shop, quick_retries
):
    broken = [True]

    async def mended_later(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        if broken[0]:
            raise RuntimeError("not yet")
        await shelve(fact, envelope, session)

    bakery, _ = await open_shop(shop_hearing(mended_later))
    (told,) = await tell(bakery, baked(1))
    (event,) = await until_parked(any_shop)

    async with any_shop.transaction() as session:
        await parked.ask_retry(session, event.id)

    async def tried_in_vain() -> bool:
        (again,) = await parked_events(any_shop)
        return again.state is parked.State.PARKED and again.changed_at > event.changed_at

    await until(tried_in_vain)
    assert await shelf(any_shop) == []

    broken[0] = False
    async with any_shop.transaction() as session:
        await parked.ask_retry(session, event.id)

    assert await until_shelved(any_shop, 1) == [1]
    assert await parked_events(any_shop) == []
    async with any_shop.reading() as session:
        row = (await session.execute(SHOP.tables.outbox.select())).one()
    assert row.causation == told.id


async def test_a_discarded_event_is_never_acted_on_not_even_when_the_stream_is_read_again(
    open_shop, any_shop, quick_retries
):
    broken = [True]

    async def mended_later(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        if broken[0]:
            raise RuntimeError("not yet")
        await shelve(fact, envelope, session)

    bakery, house = await open_shop(shop_hearing(mended_later))
    await tell(bakery, baked(1))
    (event,) = await until_parked(any_shop)
    async with any_shop.transaction() as session:
        await parked.ask_discard(session, event.id, "never happened")
    broken[0] = False

    async with house.broker.connect() as client:
        await client.jetstream().delete_consumer("bakery", "shop-bakery")
    await house.broker.ensure()  # from the beginning
    await tell(bakery, baked(2))

    assert await until_shelved(any_shop, 1) == [2]
