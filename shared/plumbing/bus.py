"""How a service hears the facts of others, tells its own, asks and answers.

    def listen(bus: Hearing) -> None:
        bus.hears(ReferralAccepted, open_case)
        bus.answers(ContactPermitWanted, answer_permit)

Nothing is provisioned here: streams and consumers belong to the deployment (`topology.py`). A
consumer that is not there yet, or no longer, is waited for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import stamina
import structlog
from faststream import AckPolicy, StreamMessage
from faststream.nats import JStream, NatsBroker, PullSub
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from shared.contracts.ask import Answer, Ask
from shared.contracts.fact import Fact
from shared.plumbing import asking, connection, second_chance
from shared.plumbing.database import Database
from shared.plumbing.delivery import Deliverer, Delivery, Heard
from shared.plumbing.hearing import Handler, Hearing, durable_name
from shared.plumbing.lag import Lag
from shared.plumbing.loops import Loops
from shared.plumbing.own_stream import OwnStream

PATIENCE = timedelta(seconds=3)
"""How long an asker waits unless it says otherwise."""

PROBE_PATIENCE_SECONDS = 0.5
"""How long each part of looking after one's own health may take."""

LOOK_AGAIN_SECONDS = 2.0
"""How often a missing consumer is looked for."""

ASK_AGAIN_SECONDS = 2.0
"""How long one request for the next event stands."""

CANCEL_PATIENCE_SECONDS = 5.0
"""How long an event that was cut off by a stop has to be given back."""

STREAM_NOT_FOUND = 10059

log = structlog.get_logger()


class Bus(Hearing):
    """One service's way to hear, tell, ask and answer.

    What it hears and answers is declared before `start`. `closed` is called when the connection
    is lost for good; by default that ends the process.
    """

    def __init__(
        self,
        service: str,
        database: Database,
        nats_url: str,
        nats_creds: Path | None = None,
        *,
        closed: Callable[[], None] = connection.end_process,
    ) -> None:
        super().__init__()
        self.service = service
        self.publisher = OwnStream(service)
        self._database = database
        self._line = connection.Line(service, nats_url, nats_creds, closed)
        self._broker: NatsBroker | None = None
        self._answering: asking.Answering | None = None
        self.loops = Loops()
        """What the service's work in the background says of itself."""
        self._lag = Lag()
        self._deliverer: Deliverer | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._listening: dict[str, asyncio.Event] = {}

    async def start(self) -> None:
        """Connect, answer, and hear; returns as soon as the server is there.

        Waits for a server as long as it takes. Raises NatsRefuses.
        """
        deliverer = self._deliverer = Deliverer(self.service, self._database, self)
        self._broker = await self._line.connect(partial(Delivery, deliverer=deliverer))
        try:
            await self._begin(self._broker, deliverer)
        except BaseException:
            await self.stop()
            raise

    async def _begin(self, broker: NatsBroker, deliverer: Deliverer) -> None:
        await broker.start()
        self.publisher.client = broker.connection
        self._answering = asking.Answering(self.service, self._database, self.asks)
        await self._answering.start(broker.connection)
        for teller, kinds in self.heard.items():
            self._listening[teller] = asyncio.Event()
            self._tasks.append(asyncio.create_task(self._listen(broker, teller, kinds)))
        if self.facts:
            run = second_chance.run(self._database, deliverer, self.facts, self.loops)
            self._tasks.append(asyncio.create_task(run))

    async def listening(self) -> None:
        """Return once every consumer has been found and is being read from."""
        for event in self._listening.values():
            await event.wait()

    async def _listen(self, broker: NatsBroker, teller: str, kinds: list[type[Fact]]) -> None:
        """Read from the consumer on one teller's stream, once it is there."""
        durable = durable_name(self.service, teller)
        subscriber = broker.subscriber(
            stream=JStream(teller, declare=False),
            durable=durable,
            # One at a time: FastStream would run a batch side by side. Asked again every two
            # seconds: a question the server forgot, in a restart, is waited out for as long.
            pull_sub=PullSub(timeout=ASK_AGAIN_SECONDS),
            ack_policy=AckPolicy.MANUAL,  # its default drops the event for good on any error
            decoder=_as_understood,
            # Not taken over from the broker; without it a restricted user waits for ever.
            inbox_prefix=connection.inbox_prefix(self.service).encode() + b".",
            subject=f"{teller}.>",
        )
        for kind in kinds:
            subscriber(_acting(self.facts[kind]), filter=_told_on(kind.subject))
        subscriber(_nobody)  # last, and for all others: their envelope has been refused by then
        jetstream = broker.connection.jetstream()
        async for attempt in stamina.retry_context(
            on=Exception, attempts=None, timeout=None, wait_max=LOOK_AGAIN_SECONDS
        ):
            with attempt:
                # FastStream would make a missing consumer, with settings of its own.
                await jetstream.consumer_info(teller, durable)
                await subscriber.start()
        self._listening[teller].set()
        log.info("listening", service=self.service, durable=durable)

    async def ask(self, question: Ask, patience: timedelta = PATIENCE) -> Answer:
        """Put a question to its owner and return the answer, checked.

        Raises NoAnswer when there is none in time: whoever asks must fail closed. Never call it
        while a transaction is open.
        """
        return await asking.ask(self._client, self.service, question, patience)

    async def ailments(self) -> list[tuple[str, str]]:
        """What is wrong on the way to the others: pairs of a code and what it is about.

        Codes: broker_gone; stream_gone and consumer_gone with the name of what is missing;
        consumer_lags with the name of what stands still.
        """
        client = self._client
        if client is None or not await connection.answers(client, PROBE_PATIENCE_SECONDS):
            self._lag.forget()
            return [("broker_gone", "")]
        jetstream = client.jetstream(timeout=PROBE_PATIENCE_SECONDS)
        found = [self._missing_stream(jetstream)]
        found += [self._ill_consumer(jetstream, teller) for teller in self.heard]
        return [ailment for ailment in await asyncio.gather(*found) if ailment is not None]

    async def _missing_stream(self, jetstream: JetStreamContext) -> tuple[str, str] | None:
        try:
            await jetstream.stream_info(self.service)
        except NotFoundError:
            return "stream_gone", self.service
        except (APIError, TimeoutError):
            return "broker_gone", self.service
        return None

    async def _ill_consumer(
        self, jetstream: JetStreamContext, teller: str
    ) -> tuple[str, str] | None:
        durable = durable_name(self.service, teller)
        try:
            info = await jetstream.consumer_info(teller, durable)
        except NotFoundError as missing:
            if missing.err_code == STREAM_NOT_FOUND:
                return "stream_gone", teller
            return "consumer_gone", durable
        except (APIError, TimeoutError):
            return "broker_gone", durable
        acted_on = info.ack_floor.stream_seq if info.ack_floor else 0
        waiting = (info.num_pending or 0) + (info.num_ack_pending or 0)
        return ("consumer_lags", durable) if self._lag.lags(durable, acted_on, waiting) else None

    async def stop_hearing(self) -> None:
        """Take in nothing more, and finish what is being acted on; telling still works."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        stops = (
            [subscriber.stop() for subscriber in self._broker.subscribers] if self._broker else []
        )
        if self._answering is not None:
            stops.append(self._answering.stop(connection.STOP_PATIENCE_SECONDS))
        await asyncio.gather(*stops, return_exceptions=True)
        if self._deliverer is not None:
            with suppress(TimeoutError):  # FastStream cancels what took too long and does not wait
                async with asyncio.timeout(CANCEL_PATIENCE_SECONDS):
                    await self._deliverer.at_rest()

    async def stop(self) -> None:
        """Finish what is being acted on, then let go of the connection."""
        await self.stop_hearing()
        self._line.closing()
        self.publisher.client = None
        broker, self._broker = self._broker, None
        if broker is not None:
            client = broker.connection
            with suppress(Exception):  # what was in flight has been finished; the rest comes again
                await broker.stop()
            with suppress(Exception):
                await client.close()

    @property
    def _client(self) -> Client | None:
        return None if self._broker is None else self._broker.connection


async def _as_understood(message: StreamMessage[Msg]) -> object:
    """FastStream's decoder does nothing: Delivery has put there what it understood."""
    return message.body


def _told_on(subject: str) -> Callable[[StreamMessage[Msg]], Awaitable[bool]]:
    async def told(message: StreamMessage[Msg]) -> bool:
        return message.raw_message.subject == subject

    return told


def _acting(handler: Handler[Any]) -> Callable[[Heard], Awaitable[None]]:
    async def act(heard: Heard) -> None:
        await handler(heard.fact, heard.envelope, heard.session)

    return act


async def _nobody(heard: Heard) -> None:
    raise AssertionError(f"no handler for {heard.envelope.type}")
