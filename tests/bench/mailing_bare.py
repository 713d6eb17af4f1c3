"""The limit of row 5: one script, the clients and drivers alone."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from email.message import EmailMessage

import aiosmtplib
from fastapi import FastAPI
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.referral.routes.api_shapes import ReferralShape, TakenIn
from shared.plumbing import envelope
from shared.plumbing.topology.wanted import consumer_config, stream_config
from shared.plumbing.world import REAL
from tests.bench import facts
from tests.bench.bare import BareStore
from tests.bench.recording import Echo
from tests.bench.web import serving
from tests.fixtures.mail import MailSink

STREAM, READER, ASK = "bare", "bare-reader", "ask.permit"
AT_ONCE = 4
"""Letters on their way at the same time: as many as ours."""

PERMIT = json.dumps({"outcome": "granted", "channel": "email", "address": "sam@example.org"})
TEXT = "We have received what you sent us. Somebody will look at it within three days. " * 8


class Script:
    """Publish, fetch, commit, permit request, commit, SMTP, commit."""

    stored: Echo
    permitted: Echo
    heard: Echo
    sending: Echo
    settled: Echo
    port: int

    def __init__(
        self, client: Client, sink: MailSink, referral: BareStore, notifications: BareStore
    ) -> None:
        self._client, self._jetstream, self._sink = client, client.jetstream(), sink
        self._referral, self._notifications = referral, notifications
        self._to_publish: asyncio.Queue[None] = asyncio.Queue()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._sends: set[asyncio.Task[None]] = set()

    def gather(self) -> None:
        """Have ready what is to be said."""
        for echo in (self.stored, self.permitted, self.heard, self.sending, self.settled):
            echo.gather()

    async def send(self) -> None:
        """Set one letter going, as from the moment at which its referral is durable."""
        self._to_publish.put_nowait(None)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self._jetstream.add_stream(stream_config(STREAM))
        wanted = consumer_config("bare", STREAM, [type(facts.received())])
        subject = f"{STREAM}.referral_received.v1"
        await self._jetstream.add_consumer(
            STREAM,
            wanted.evolve(name=READER, durable_name=READER, filter_subjects=[subject]),
        )
        await self._client.subscribe(ASK, cb=self._answer)
        async with AsyncExitStack() as stack:
            self.port = await stack.enter_async_context(serving(self._app()))
            tasks = [
                asyncio.create_task(self._publish_all(subject)),
                asyncio.create_task(self._read_all()),
            ]
            yield
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/referral/api/referrals", status_code=201)
        async def receive(body: ReferralShape) -> TakenIn:
            await self._referral.commit(self.stored.next())
            self._to_publish.put_nowait(None)
            return TakenIn(referral_id=REAL.new_id(), reference=body.source)

        return app

    async def _publish_all(self, subject: str) -> None:
        fact = facts.received()
        while True:
            await self._to_publish.get()
            headers = envelope.to_headers(facts.around(fact))
            await self._jetstream.publish(subject, fact.model_dump_json().encode(), headers=headers)

    async def _read_all(self) -> None:
        reader = await self._jetstream.pull_subscribe_bind(READER, STREAM)
        while True:
            try:
                [message] = await reader.fetch(1, timeout=30)
            except TimeoutError:
                continue
            fact = json.loads(message.data)
            await self._notifications.commit(self.heard.next())
            await message.ack()
            sending = asyncio.create_task(self._send(fact["person_id"]))
            self._sends.add(sending)
            sending.add_done_callback(self._sends.discard)

    async def _send(self, person_id: str) -> None:
        async with self._turns:
            question = json.dumps({"person": person_id}).encode()
            reply = await self._client.request(ASK, question, timeout=10)
            address = json.loads(reply.data)["address"]
            await self._notifications.commit(self.sending.next())
            await aiosmtplib.send(
                _letter(address), hostname="127.0.0.1", port=self._sink.port, start_tls=False
            )
            await self._notifications.commit(self.settled.next())

    async def _answer(self, question: Msg) -> None:
        json.loads(question.data)
        await self._referral.commit(self.permitted.next())
        await question.respond(PERMIT.encode())


def _letter(address: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = "office@example.org", address
    letter["Subject"] = "We have received it"
    letter.set_content(TEXT)
    letter.add_alternative(f"<p>{TEXT}</p>", subtype="html")
    return letter
