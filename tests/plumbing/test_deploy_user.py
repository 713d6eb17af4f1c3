"""What the deploy user may do: provision, look over and read facts again, and nothing beside."""

import pytest
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.js.errors import NoStreamResponseError

from shared.plumbing import topology
from shared.plumbing.connection import connected
from shared.plumbing.hearing import Hearing
from shared.plumbing.replay import extent, replay
from tests.plumbing.house import (
    BAKERY,
    BreadBaked,
    PriceWanted,
    a_house,
    almighty,
    baked,
    note_cleaning,
    one_penny,
    services,
    shelve,
    shop_hearing,
    tell,
)

REFUSED = (NoRespondersError, NoStreamResponseError, TimeoutError)


@pytest.fixture
async def broker(parley_broker):
    """The bakery tells; the shop hears and answers; the office asks."""
    everybody = {**services(shop_hearing(answerer=one_penny)), "office": Hearing()}
    return await parley_broker(everybody, asks={"office": [PriceWanted]})


@pytest.mark.parametrize(
    "subject",
    [
        ">",
        "ask.>",
        PriceWanted.subject,
        "bakery.>",
        "_INBOX.>",
        "_INBOX_office.>",
        "_INBOX_shop.>",
        "_INBOX_system.>",
        "$JS.>",
    ],
)
async def test_it_overhears_no_question_no_answer_and_no_fact(broker, subject):
    overheard = []

    async def listen(message: object) -> None:
        overheard.append(message)

    async with (
        broker.connect() as deploy,
        connected("anybody", broker.url, almighty(broker)) as anybody,
    ):
        await deploy.subscribe(subject, cb=listen)
        await deploy.flush()
        for name in ("office", "shop", "system"):
            await anybody.publish(f"_INBOX_{name}.a.b", b"secret")
        await anybody.publish("_INBOX.a.b", b"secret")
        await anybody.publish(PriceWanted.subject, b"{}", reply="_INBOX_office.x")
        await anybody.jetstream().publish(BreadBaked.subject, b"{}")
        await anybody.flush()
        await deploy.flush()

    assert overheard == []


@pytest.mark.parametrize("subject", [BreadBaked.subject, "shop.shelf_filled.v1"])
async def test_it_cannot_tell_a_fact_in_a_services_name(broker, subject):
    async with broker.connect() as deploy:
        with pytest.raises(REFUSED):
            await deploy.jetstream(timeout=0.5).publish(subject, b"{}")
        info = await deploy.jetstream().stream_info(subject.partition(".")[0])

    assert info.state.messages == 0


@pytest.mark.parametrize(
    "subject",
    [
        PriceWanted.subject,
        "$JS.API.STREAM.PURGE.bakery",
        "$JS.API.STREAM.MSG.DELETE.bakery",
        "$JS.API.STREAM.SNAPSHOT.bakery",
        "$JS.API.STREAM.RESTORE.bakery",
        "$JS.API.CONSUMER.MSG.NEXT.bakery.shop-bakery",
        "$JS.API.CONSUMER.PAUSE.bakery.shop-bakery",
    ],
)
async def test_it_asks_nothing_and_takes_nothing_from_anybodys_consumer(broker, subject):
    async def answer(message: Msg) -> None:
        await message.respond(b"{}")

    async with (
        broker.connect("bakery") as bakery,
        broker.connect("shop") as shop,
        broker.connect() as deploy,
    ):
        await bakery.jetstream().publish(BreadBaked.subject, b"{}")
        await shop.subscribe(PriceWanted.subject, cb=answer)
        await shop.flush()

        with pytest.raises(REFUSED):
            await deploy.request(subject, b"", timeout=0.5)


async def test_it_makes_repairs_and_removes_what_the_code_says(broker):
    more = {**broker.services, "shop": shop_hearing(shelve, note_cleaning, one_penny)}
    async with broker.connect() as deploy:
        jetstream = deploy.jetstream()
        await jetstream.delete_consumer("bakery", "shop-bakery")
        await jetstream.delete_stream("office")
        config = (await jetstream.stream_info("shop")).config
        await jetstream.update_stream(config.evolve(duplicate_window=60))

        changes = await topology.ensure(deploy, more)
        await topology.ensure(deploy, {**more, "shop": Hearing()})

        assert [change.what for change in changes] == [
            "stream shop",
            "stream office",
            "consumer shop-bakery",
        ]
        assert await topology.check(deploy, {**more, "shop": Hearing()}) == []


async def test_it_reads_facts_again_from_the_beginning_for_a_rebuild(broker, sqlite_store):
    async with a_house(broker) as house, broker.connect() as deploy:
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))
        await tell(bakery, *(baked(number) for number in range(300)))
        jetstream = deploy.jetstream()

        assert await extent(jetstream, ["bakery"], [BreadBaked]) == 300
        read = [fact.number async for _, fact in replay(jetstream, ["bakery"], [BreadBaked])]

    assert read == list(range(300))
