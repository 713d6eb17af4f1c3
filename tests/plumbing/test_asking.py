"""Questions between services, on a real server."""

import asyncio
from datetime import timedelta

import pytest
from nats.errors import NoRespondersError
from sqlalchemy import text

from shared.contracts.fact import Envelope
from shared.contracts.refusal import Refusal
from shared.plumbing.asking import AskedInHandler, NoAnswer
from shared.plumbing.database import Session
from shared.plumbing.envelope import error_code
from tests.plumbing.house import (
    BAKERY,
    SHOP,
    BreadBaked,
    LoafRow,
    Price,
    PriceWanted,
    a_house,
    baked,
    services,
    shelf,
    shop_hearing,
    tell,
    until_parked,
)

SHORT = timedelta(seconds=0.5)


class NotForSale(Refusal):
    """It is not for sale."""


async def by_the_loaf(question: PriceWanted, session: Session) -> Price:
    """Two pounds a loaf; the question is written down."""
    session.add(LoafRow(batch_id=question.batch_id, number=question.loaves))
    return Price(pence=200 * question.loaves)


def a_question(loaves: int = 3) -> PriceWanted:
    return PriceWanted(batch_id=baked().batch_id, loaves=loaves)


@pytest.fixture
async def shop(any_store):
    return await any_store(SHOP)


@pytest.fixture
async def meet(parley_broker, sqlite_store, shop):
    """Starts a shop that answers so, and a bakery that may ask; returns their buses."""
    stack = []

    async def meeting(answerer):
        hearing = shop_hearing(answerer=answerer)
        broker = await parley_broker(services(hearing), asks={"bakery": [PriceWanted]})
        opened = a_house(broker)
        house = await opened.__aenter__()
        stack.append(opened)
        answering = await house.bus("shop", shop, hearing)
        return await house.bus("bakery", await sqlite_store(BAKERY)), answering, house

    yield meeting
    for opened in stack:
        await opened.__aexit__(None, None, None)


async def test_an_answer_comes_back_checked_and_what_the_answerer_wrote_is_stored_by_then(
    meet, shop
):
    bakery, _, _ = await meet(by_the_loaf)

    answer = await bakery.ask(a_question(3))

    assert answer == Price(pence=600)
    assert await shelf(shop) == [3]


async def test_many_questions_at_once_are_all_answered(meet):
    bakery, _, _ = await meet(by_the_loaf)

    answers = await asyncio.gather(
        *(bakery.ask(a_question(n), timedelta(seconds=15)) for n in range(50))
    )

    assert [answer.pence for answer in answers] == [200 * n for n in range(50)]


async def test_without_an_answerer_there_is_no_answer_at_once(parley_broker, sqlite_store):
    broker = await parley_broker(services(shop_hearing()), asks={"bakery": [PriceWanted]})
    async with a_house(broker) as house:
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))

        async with asyncio.timeout(1):
            with pytest.raises(NoAnswer) as nobody:
                await bakery.ask(a_question(), timedelta(seconds=10))

        assert nobody.value.reason == "nobody"


async def test_an_answerer_that_takes_too_long_is_silence(meet):
    async def thinks(question: PriceWanted, session: Session) -> Price:
        await asyncio.sleep(1)
        return Price(pence=1)

    bakery, _, _ = await meet(thinks)

    with pytest.raises(NoAnswer) as silence:
        await bakery.ask(a_question(), SHORT)

    assert silence.value.reason == "silence"


async def test_while_the_server_is_away_there_is_no_answer_at_once(meet):
    bakery, _, house = await meet(by_the_loaf)
    await house.broker.kill()
    await asyncio.sleep(0.3)

    async with asyncio.timeout(0.5):
        with pytest.raises(NoAnswer) as away:
            await bakery.ask(a_question(), timedelta(seconds=10))

    assert away.value.reason == "disconnected"


async def refuses(question: PriceWanted, session: Session) -> Price:
    session.add(LoafRow(batch_id=question.batch_id, number=1))
    raise NotForSale("not for sale")


async def breaks(question: PriceWanted, session: Session) -> Price:
    session.add(LoafRow(batch_id=question.batch_id, number=1))
    raise RuntimeError("Mrs Example")


async def is_cut_off(question: PriceWanted, session: Session) -> Price:
    raise ConnectionRefusedError


async def answers_something_else(question: PriceWanted, session: Session) -> PriceWanted:
    return question


async def cannot_store(question: PriceWanted, session: Session) -> Price:
    await session.execute(text("INSERT INTO nowhere VALUES (1)"))
    return Price(pence=1)


@pytest.mark.parametrize(
    ("answerer", "reason"),
    [
        (refuses, "refused"),
        (breaks, "failed"),
        (is_cut_off, "unavailable"),
        (answers_something_else, "failed"),
        (cannot_store, "failed"),
    ],
)
async def test_what_goes_wrong_there_is_told_and_nothing_of_it_is_stored(
    meet, shop, answerer, reason
):
    bakery, _, _ = await meet(answerer)

    with pytest.raises(NoAnswer) as none:
        await bakery.ask(a_question())

    assert none.value.reason == reason
    assert await shelf(shop) == []


async def test_nonsense_asked_is_refused_and_nonsense_answered_is_not_believed(meet):
    bakery, _, house = await meet(by_the_loaf)

    async with house.broker.connect("bakery") as client:
        for nonsense in (b"", b"{}", b'{"loaves": 1, "loaves": 2}', b"\xff", b"[" * 9999):
            reply = await client.request(PriceWanted.subject, nonsense, timeout=2)
            assert reply.headers["parley-error"] == "malformed"

    class Dear(PriceWanted):
        """The same question, by one who expects another answer."""

        subject = PriceWanted.subject
        answered_by = PriceWanted

    with pytest.raises(NoAnswer) as none:
        await bakery.ask(Dear(batch_id=baked().batch_id, loaves=1))
    assert none.value.reason == "malformed"


async def test_a_question_whose_headers_cannot_be_read_does_not_stop_the_answers(meet):
    bakery, _, house = await meet(by_the_loaf)
    broken = b"NATS/1.0 \xff\xfe\xfd\r\n\r\n"

    async with house.broker.connect("bakery") as client:
        sizes = b"%d %d" % (len(broken), len(broken) + 2)
        await client._send_command(
            b"HPUB ask.shop.price.v1 _INBOX_bakery.x " + sizes + b"\r\n" + broken + b"{}\r\n"
        )
        await client.flush()

    assert await bakery.ask(a_question(1)) == Price(pence=200)


async def test_an_answer_only_ever_goes_to_an_inbox(meet):
    """Else whoever may ask could have personal data written into somebody's stream."""
    bakery, _, house = await meet(by_the_loaf)

    for subject in ("bakery.bread_baked.v1", "shop.shelf_filled.v1", "ask.shop.price.v1"):
        question = a_question().model_dump_json().encode()
        await bakery._broker.connection.publish("ask.shop.price.v1", question, reply=subject)
    await bakery.ask(a_question())  # answered after the three

    async with house.broker.connect() as client:
        streams = await client.jetstream().streams_info()
    assert {stream.config.name: stream.state.messages for stream in streams} == {
        "audit": 0,
        "bakery": 0,
        "shop": 0,
    }


async def test_a_question_is_never_stored(meet):
    bakery, _, house = await meet(by_the_loaf)

    await bakery.ask(a_question())

    async with house.broker.connect() as client:
        for stream in await client.jetstream().streams_info():
            assert stream.state.messages == 0


async def test_asking_inside_a_handler_is_a_mistake_that_is_told(
    parley_broker, sqlite_store, quick_retries
):
    buses = {}

    async def asks_first(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
        await buses["shop"].ask(a_question())

    hearing = shop_hearing(asks_first)
    store = await sqlite_store(SHOP)
    async with a_house(await parley_broker(services(hearing))) as house:
        buses["shop"] = await house.bus("shop", store, hearing)

        await tell(await house.bus("bakery", await sqlite_store(BAKERY)), baked())

        (event,) = await until_parked(store)
        assert event.error_code == error_code(AskedInHandler())


async def test_a_stop_finishes_the_answers_that_were_begun(meet, shop):
    begun = asyncio.Event()

    async def slow(question: PriceWanted, session: Session) -> Price:
        begun.set()
        await asyncio.sleep(0.5)
        return await by_the_loaf(question, session)

    bakery, answering, _ = await meet(slow)
    asked = asyncio.create_task(bakery.ask(a_question(2)))
    await begun.wait()

    await answering.stop()

    assert await asked == Price(pence=400)


async def test_only_who_said_so_may_ask(parley_broker, sqlite_store, shop):
    hearing = shop_hearing(answerer=by_the_loaf)
    async with a_house(await parley_broker(services(hearing))) as house:  # asks: none
        await house.bus("shop", shop, hearing)
        bakery = await house.bus("bakery", await sqlite_store(BAKERY))

        with pytest.raises(NoAnswer):
            await bakery.ask(a_question(), SHORT)

        assert await shelf(shop) == []


async def test_only_the_owner_may_answer(parley_broker, sqlite_store):
    broker = await parley_broker(services(shop_hearing()), asks={"bakery": [PriceWanted]})
    async with a_house(broker), broker.connect("bakery") as thief:
        await thief.subscribe(PriceWanted.subject)

        with pytest.raises(NoRespondersError):
            await thief.request(PriceWanted.subject, b"{}", timeout=1)
