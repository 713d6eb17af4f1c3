"""What a service's own credentials let somebody do who has stolen them: real attacks."""

import asyncio
import json

import pytest
from nats.errors import NoRespondersError
from nats.js.errors import NoStreamResponseError

from shared.plumbing.connection import NatsRefuses, connected
from shared.plumbing.envelope import to_headers
from shared.plumbing.hearing import Hearing
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    BreadBaked,
    OvenCleaned,
    PriceWanted,
    a_house,
    almighty,
    around,
    baked,
    note_cleaning,
    one_penny,
    parked_events,
    services,
    shelf,
    shelve,
    shop_hearing,
    tell,
    until,
    until_parked,
    until_shelved,
)

REFUSED = (NoRespondersError, NoStreamResponseError, TimeoutError)


@pytest.fixture
async def broker(parley_broker):
    """The bakery tells, the shop hears and answers, the office hears the bakery too."""
    office = Hearing()
    office.hears(BreadBaked, shelve)
    all_services = {**services(shop_hearing(shelve, note_cleaning, one_penny)), "office": office}
    return await parley_broker(all_services, asks={"office": [PriceWanted]})


@pytest.fixture
async def thief(broker):
    """Somebody with the shop's credentials and no good intentions; there is something to steal."""
    async with broker.connect("bakery") as bakery:
        await bakery.jetstream().publish("bakery.bread_baked.v1", b"{}")
    async with broker.connect("shop") as client:
        yield client


async def state(broker):
    """Everything in the streams and how far the consumers have come."""
    async with broker.connect() as client:
        jetstream = client.jetstream()
        found = {}
        for stream in await jetstream.streams_info():
            found[stream.config.name] = (stream.state.messages, stream.config)
            for one in await jetstream.consumers_info(stream.config.name):
                came_to = (one.delivered.stream_seq, one.ack_floor.stream_seq)
                found[one.name] = (came_to, one.config)
        return found


@pytest.mark.parametrize("subject", ["bakery.bread_baked.v1", "office.anything.v1"])
async def test_a_service_cannot_tell_what_another_has_to_tell(broker, thief, subject):
    before = await state(broker)

    with pytest.raises(REFUSED):
        await thief.jetstream(timeout=0.5).publish(subject, b"{}")

    assert await state(broker) == before


@pytest.mark.parametrize(
    "call",
    [
        "STREAM.CREATE.mine",
        "STREAM.UPDATE.bakery",
        "STREAM.DELETE.bakery",
        "STREAM.DELETE.shop",
        "STREAM.PURGE.shop",
        "STREAM.MSG.DELETE.shop",
        "STREAM.MSG.GET.bakery",
        "STREAM.INFO.bakery",
        "STREAM.SNAPSHOT.shop",
        "STREAM.NAMES",
        "STREAM.LIST",
        "CONSUMER.CREATE.bakery",
        "CONSUMER.CREATE.bakery.mine",
        "CONSUMER.DURABLE.CREATE.bakery.mine",
        "CONSUMER.DELETE.bakery.shop-bakery",
        "CONSUMER.DELETE.bakery.office-bakery",
        "CONSUMER.PAUSE.bakery.office-bakery",
        "CONSUMER.RESET.bakery.shop-bakery",
        "CONSUMER.LIST.bakery",
        "CONSUMER.INFO.bakery.office-bakery",
        "CONSUMER.MSG.NEXT.bakery.office-bakery",
        "CONSUMER.CREATE.shop",
        "CONSUMER.CREATE.shop.mine",
        "CONSUMER.CREATE.shop.mine.shop.>",
        "CONSUMER.DURABLE.CREATE.shop.mine",
        "DIRECT.GET.shop",
        "DIRECT.GET.bakery",
        "STREAM.UPDATE.shop",
        "INFO",
    ],
)
async def test_a_service_cannot_make_change_or_look_at_what_is_not_its_own(broker, thief, call):
    before = await state(broker)
    asked = json.dumps({"name": "mine", "subjects": ["mine.>"], "batch": 1}).encode()
    if "MSG.NEXT" in call:
        asked = b""

    with pytest.raises(REFUSED):
        await thief.request(f"$JS.API.{call}", asked, timeout=0.4)

    assert await state(broker) == before


@pytest.mark.parametrize(
    "subject",
    [">", "*.>", "bakery.>", "_INBOX.>", "_INBOX_office.>", "ask.>"],
)
async def test_a_service_cannot_listen_in(broker, thief, subject):
    overheard = []

    async def listen(message: object) -> None:
        overheard.append(message)

    await thief.subscribe(subject, cb=listen)
    await thief.flush()
    async with (
        connected("anybody", broker.url, almighty(broker)) as client,
        broker.connect("bakery") as bakery,
    ):
        await bakery.jetstream().publish("bakery.bread_baked.v1", b"{}")
        for inbox in ("_INBOX_office.a.b", "_INBOX.a.b"):
            await client.publish(inbox, b"secret")
        await client.publish("ask.shop.price.v1", b"{}", reply="_INBOX_office.x")
        await client.flush()
    await thief.flush()

    assert overheard == []


async def test_a_service_cannot_acknowledge_for_another(broker, thief):
    async with broker.connect("office") as office:
        jetstream = office.jetstream()
        reader = await jetstream.pull_subscribe_bind(stream="bakery", durable="office-bakery")
        (message,) = await reader.fetch(1)

        await thief.publish(message.reply, b"+TERM")
        await thief.flush()

        info = await jetstream.consumer_info("bakery", "office-bakery")
    assert info.num_ack_pending == 1


async def test_what_the_server_is_made_to_write_into_a_stream_is_never_acted_upon(
    broker, sqlite_store, quick_retries
):
    """A request may name any subject for its reply: the server writes there by its own right."""
    store = await sqlite_store(SHOP)
    async with a_house(broker) as house:
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))
        async with broker.connect() as client:
            # As if the theft came ten minutes after what it copies.
            config = (await client.jetstream().stream_info("bakery")).config
            await client.jetstream().update_stream(config.evolve(duplicate_window=0.1))
        await tell(bakery, baked(1))
        await asyncio.sleep(0.3)
        async with broker.connect("office") as thief:
            next_one = "$JS.API.CONSUMER.MSG.NEXT.bakery.office-bakery"
            for request, reply in (
                (next_one, OvenCleaned.subject),  # a genuine event, told once more
                ("$JS.API.CONSUMER.INFO.bakery.office-bakery", BreadBaked.subject),
                ("$JS.API.STREAM.INFO.office", OvenCleaned.subject),
            ):
                await thief.publish(request, b'{"batch": 1, "no_wait": true}', reply=reply)
                await thief.flush()
        async with broker.connect() as client:

            async def written() -> bool:
                return (await client.jetstream().stream_info("bakery")).state.messages == 4

            await until(written)  # the attack goes as far as it ever did
        await house.bus("shop", store, shop_hearing(shelve, note_cleaning, one_penny))
        await tell(bakery, baked(2))

        assert await until_shelved(store, 2) == [1, 2]
        events = await until_parked(store, 2)
        assert [it.error_code for it in events] == ["HeaderMissing:/ce-specversion"] * 2
        assert await shelf(store) == [1, 2]


async def test_reading_ones_own_stream_cannot_forge_what_another_told(
    broker, sqlite_store, quick_retries
):
    """A service may read its own stream, and the server brings what is read wherever it is told."""
    store = await sqlite_store(SHOP)
    forged = baked(666)
    headers = to_headers(around(forged))
    async with a_house(broker) as house:
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))
        async with broker.connect("office") as thief:
            jetstream = thief.jetstream()
            body = forged.model_dump_json().encode()
            ack = await jetstream.publish("office.anything.v1", body, headers=headers)
            read = b'{"seq": %d}' % ack.seq
            await thief.publish("$JS.API.STREAM.MSG.GET.office", read, reply=forged.subject)
            await thief.flush()
        await house.bus("shop", store, shop_hearing(shelve, note_cleaning, one_penny))
        await tell(bakery, baked(1))

        assert await until_shelved(store, 1) == [1]
        (event,) = await until_parked(store, 1)
        assert event.error_code == "HeaderMissing:/ce-specversion"
        assert await shelf(store) == [1]


async def test_the_deployments_user_may_provision_and_the_systems_user_sees_no_facts(broker):
    async with broker.connect("system") as system:
        heard = await system.subscribe(">")
        async with broker.connect("bakery") as bakery:
            await bakery.jetstream().publish("bakery.bread_baked.v1", b"{}")
        subjects = set()
        try:
            while True:
                subjects.add((await heard.next_msg(timeout=0.5)).subject.split(".")[0])
        except TimeoutError:
            pass

    assert subjects <= {"$SYS", "_INBOX_system"}


async def test_without_credentials_nobody_gets_in(broker):
    with pytest.raises(NatsRefuses):
        async with connected("shop", broker.url):
            pass


async def test_nothing_was_parked_by_a_genuine_event(broker, sqlite_store):
    store = await sqlite_store(SHOP)
    async with a_house(broker) as house:
        await house.bus("shop", store, shop_hearing(shelve, note_cleaning, one_penny))
        await tell(await house.bus("bakery", await sqlite_store(BAKERY)), baked(1))

        assert await until_shelved(store, 1) == [1]
        assert await parked_events(store) == []
