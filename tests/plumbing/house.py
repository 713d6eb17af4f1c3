"""Two services that exist only in these tests: a bakery tells what it bakes, a shop hears it."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Field, SQLModel

from shared.contracts.ask import Answer, Ask
from shared.contracts.fact import Envelope, Fact
from shared.plumbing import envelope as envelopes
from shared.plumbing import outbox, parked
from shared.plumbing.bus import Bus
from shared.plumbing.columns import NOT_PERSONAL
from shared.plumbing.database import Database, Schema, Session, new_registry
from shared.plumbing.hearing import Hearing
from shared.plumbing.tokens import Key, credentials, token
from shared.plumbing.trust import EVERYTHING
from shared.plumbing.world import REAL
from tests.fixtures.broker import ParleyBroker


class ShopBase(SQLModel, registry=new_registry()):
    """What every table of the shop is made from."""


class LoafRow(ShopBase, table=True):
    __tablename__ = "shelf"

    place: int | None = Field(default=None, primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    batch_id: UUID = Field(sa_column_kwargs=NOT_PERSONAL)
    number: int = Field(sa_column_kwargs=NOT_PERSONAL)


class BakeryBase(SQLModel, registry=new_registry()):
    """What every table of the bakery is made from; it has none of its own."""


SHOP = Schema("shop", ShopBase)
BAKERY = Schema("bakery", BakeryBase)


class BreadBaked(Fact):
    """A batch came out of the oven."""

    subject: ClassVar[str] = "bakery.bread_baked.v1"
    about: ClassVar[str] = "batch_id"

    batch_id: UUID
    number: int


class OvenCleaned(Fact):
    """The oven is clean again."""

    subject: ClassVar[str] = "bakery.oven_cleaned.v1"
    about: ClassVar[str] = "oven_id"

    oven_id: UUID
    number: int


class ShelfFilled(Fact):
    """There is bread to sell."""

    subject: ClassVar[str] = "shop.shelf_filled.v1"
    about: ClassVar[str] = "shelf_id"

    shelf_id: UUID


class Price(Answer):
    pence: int


class PriceWanted(Ask):
    """What does a loaf cost?"""

    subject: ClassVar[str] = "ask.shop.price.v1"
    answered_by: ClassVar[type[Answer]] = Price

    batch_id: UUID
    loaves: int


async def shelve(fact: BreadBaked, envelope: Envelope, session: Session) -> None:
    """Put a batch on the shelf, and tell."""
    session.add(LoafRow(batch_id=fact.batch_id, number=fact.number))
    await outbox.record(session, ShelfFilled(shelf_id=fact.batch_id), version=1)


async def note_cleaning(fact: OvenCleaned, envelope: Envelope, session: Session) -> None:
    session.add(LoafRow(batch_id=fact.oven_id, number=fact.number))


async def one_penny(question: PriceWanted, session: Session) -> Price:
    return Price(pence=1)


def shop_hearing(
    on_bread: Callable[..., Awaitable[None]] = shelve,
    on_cleaning: Callable[..., Awaitable[None]] | None = None,
    answerer: Callable[..., Awaitable[Answer]] | None = None,
) -> Hearing:
    hearing = Hearing()
    hearing.hears(BreadBaked, on_bread)
    if on_cleaning is not None:
        hearing.hears(OvenCleaned, on_cleaning)
    if answerer is not None:
        hearing.answers(PriceWanted, answerer)
    return hearing


def baked(number: int = 1, batch_id: UUID | None = None) -> BreadBaked:
    return BreadBaked(batch_id=batch_id or REAL.new_id(), number=number)


def around(fact: Fact, **changes: object) -> Envelope:
    """The envelope of a fact as its teller would write it, but for `changes`."""
    event_id = REAL.new_id()
    usual: dict[str, object] = {
        "id": event_id,
        "source": fact.teller(),
        "type": fact.subject,
        "subject": fact.aggregate_id,
        "sequence": 1,
        "time": datetime.now(UTC),
        "correlation": event_id,
    }
    return Envelope.model_validate(usual | changes)


async def tell(bus: Bus, *facts: Fact) -> list[Envelope]:
    """Publish facts as the relay would."""
    told = []
    for fact in facts:
        envelope = around(fact)
        await bus.publisher.publish(
            fact.subject, fact.model_dump_json().encode(), envelopes.to_headers(envelope)
        )
        told.append(envelope)
    return told


async def tell_raw(
    bus: Bus,
    body: bytes,
    fact: Fact | None = None,
    subject: str = BreadBaked.subject,
    **headers: str | None,
) -> dict[str, str]:
    """Publish a body that nothing has checked, with headers changed or (None) left out."""
    usual: dict[str, str] = envelopes.to_headers(around(fact or baked()))
    for name, value in headers.items():
        name = name.replace("_", "-")
        usual.pop(name, None)
        if value is not None:
            usual[name] = value
    usual["Nats-Msg-Id"] = str(REAL.new_id())
    await bus.publisher.publish(subject, body, usual)
    return usual


async def shelf(database: Database) -> list[int]:
    """The numbers on the shelf, in the order they came there."""
    async with database.reading() as session:
        rows = await session.execute(select(LoafRow.number).order_by(LoafRow.place))
        return list(rows.scalars())


async def rows_of(database: Database, table: str) -> int:
    async with database.reading() as session:
        found = getattr(database.schema.tables, table)
        return await session.scalar(select(func.count()).select_from(found)) or 0


async def parked_events(database: Database) -> list[parked.Parked]:
    async with database.reading() as session:
        return await parked.waiting(session)


async def until(check: Callable[[], Awaitable[bool]], patience: float = 20.0) -> None:
    """Wait for something to become true. Fails the test when it does not in time."""
    async with asyncio.timeout(patience):
        while not await check():  # noqa: ASYNC110 - it looks from outside, nobody tells it
            await asyncio.sleep(0.02)


async def until_shelved(database: Database, how_many: int, patience: float = 20.0) -> list[int]:
    async def there() -> bool:
        return len(await shelf(database)) >= how_many

    await until(there, patience)
    return await shelf(database)


async def until_parked(
    database: Database, how_many: int = 1, patience: float = 20.0
) -> list[parked.Parked]:
    async def there() -> bool:
        return len(await parked_events(database)) >= how_many

    await until(there, patience)
    return await parked_events(database)


@dataclass
class House:
    """Buses on one broker, started by the test and stopped with it."""

    broker: ParleyBroker
    lost: list[str] = field(default_factory=list)
    """Services whose connection was lost for good."""
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def bus(self, service: str, database: Database, hearing: Hearing | None = None) -> Bus:
        """A running bus; returns when it reads from all its consumers."""
        bus = self.make(service, database, hearing)
        await bus.start()
        self._stack.push_async_callback(bus.stop)
        async with asyncio.timeout(10):
            await bus.listening()
        return bus

    def make(self, service: str, database: Database, hearing: Hearing | None = None) -> Bus:
        """A bus that has not been started."""
        bus = Bus(
            service,
            database,
            self.broker.url,
            self.broker.creds(service),
            closed=lambda: self.lost.append(service),
        )
        for fact, handler in (hearing.facts if hearing else {}).items():
            bus.hears(fact, handler)
        for ask, answerer in (hearing.asks if hearing else {}).items():
            bus.answers(ask, answerer)
        return bus

    async def stop(self) -> None:
        await self._stack.aclose()


@asynccontextmanager
async def a_house(broker: ParleyBroker) -> AsyncIterator[House]:
    house = House(broker)
    try:
        yield house
    finally:
        await house.stop()


def services(hearing: Hearing) -> Mapping[str, Hearing]:
    """The two services as topology and trust want to know them."""
    return {"bakery": Hearing(), "shop": hearing}


def almighty(broker: ParleyBroker) -> Path:
    """Credentials that may do everything where the services talk; no real user has such."""
    account = Key((broker.trust.keys / "core.seed").read_bytes().strip())
    key = Key.new("user")
    claims = {"type": "user", **EVERYTHING.claims(), "subs": -1, "data": -1, "payload": -1}
    jwt = token("anybody", key.public, account, claims, datetime.now(UTC))
    path = broker.folder / "anybody.creds"
    path.write_text(credentials(jwt, key))
    return path


@asynccontextmanager
async def loop_lag():
    """A list whose one number is the longest time the event loop stood still, in seconds."""
    longest = [0.0]

    async def watch():
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest[0] = max(longest[0], time.monotonic() - before - 0.01)

    task = asyncio.create_task(watch())
    yield longest
    task.cancel()
