"""One service's connection to the broker: what our own code sees of nats-py's client.

Everything above it is the product's: what is published, acknowledged, asked and answered comes
through here as bytes and headers.
"""

import asyncio
import base64
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import nats.errors
from nats.aio.msg import Msg
from nats.js import api
from nats.js.errors import NotFoundError

from shared.plumbing.connection import inbox_prefix
from tests.simulation.broker import Broker, Consumer, Stored
from tests.simulation.faults import Faults, acting, refuse_the_dead

if TYPE_CHECKING:
    from tests.simulation.house import House, Process

_INBOXES = itertools.count()

OnQuestion = Callable[[Msg], Awaitable[None]]
ACKNOWLEDGEMENTS = "$JS.ACK."
READ_BACK = "$JS.API.STREAM.MSG.GET."


@dataclass
class State:
    """How far a stream has come."""

    last_seq: int
    messages: int
    first_seq: int = 1


@dataclass
class StreamKnown:
    """What can be asked of a stream."""

    state: State


class Wire:
    """A client's end of one connection."""

    def __init__(self, house: "House", service: str) -> None:
        self._house, self._service = house, service
        self._asked: dict[str, OnQuestion] = {}
        self._answers: dict[str, Msg] = {}
        self.is_connected = True

    @property
    def broker(self) -> Broker:
        return self._house.broker

    @property
    def faults(self) -> Faults:
        return self._house.faults

    def jetstream(self, **_: object) -> "JetStream":
        return JetStream(self, self._house)

    async def rtt(self, **_: object) -> float:
        return 0.0

    async def subscribe(self, subject: str, *, cb: OnQuestion, **_: object) -> None:
        self._asked[subject] = cb

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        timeout: float = 0.5,  # noqa: ASYNC109 - the signature is the client's
        headers: Mapping[str, str] | None = None,
    ) -> Msg:
        refuse_the_dead()
        if subject.startswith(ACKNOWLEDGEMENTS):
            return self._acknowledge(subject, payload)
        if subject.startswith(READ_BACK):
            return self._read_back(subject.removeprefix(READ_BACK), json.loads(payload)["seq"])
        await self._house.meanwhile(f"asking {subject}")
        answer = await self._house.put(self._service, subject, payload, dict(headers or {}))
        await self._house.meanwhile(f"answered {subject}")
        if answer is None:
            await asyncio.sleep(timeout)
            raise nats.errors.TimeoutError
        return answer

    async def publish(
        self, subject: str, payload: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        refuse_the_dead()
        if subject.startswith(ACKNOWLEDGEMENTS):
            if not self.faults.strikes("refusal of an event lost", subject.split(".")[3]):
                self._settle(subject, payload)
        else:
            reply = Msg(self, subject=subject, data=payload, headers=dict(headers or {}))
            self._answers[subject] = reply

    async def answer(self, question: Msg) -> Msg | None:
        """Let our own side answer; none when it says nothing, or dies over it."""
        on_question = self._asked.get(question.subject)
        if on_question is None:
            return None
        question._client = self
        before = asyncio.all_tasks()
        await on_question(question)
        new = asyncio.all_tasks() - before
        if new:
            await asyncio.wait(new)
        for task in new:
            task.exception()  # whoever died has been noticed: their process is not alive
        return self._answers.pop(question.reply, None)

    def _acknowledge(self, subject: str, payload: bytes) -> Msg:
        reader = subject.split(".")[3]
        if self.faults.strikes("acknowledgement of an event lost", reader):
            raise nats.errors.TimeoutError
        self._settle(subject, payload)
        if self.faults.strikes("acknowledgement of an event not confirmed", reader):
            raise nats.errors.TimeoutError
        return Msg(self)

    def _read_back(self, stream: str, seq: int) -> Msg:
        """One message of a stream, as the server shows it."""
        event = self.broker.streams[stream].at(seq)
        if event is None:
            return Msg(self, data=b'{"error": {"code": 404, "err_code": 10037}}')
        lines = "".join(f"{name}: {value}\r\n" for name, value in event.headers.items())
        message = {
            "seq": seq,
            "subject": event.subject,
            "hdrs": base64.b64encode(f"NATS/1.0\r\n{lines}\r\n".encode()).decode(),
            "data": base64.b64encode(event.body).decode(),
            "time": event.at.isoformat(),
        }
        return Msg(self, data=json.dumps({"message": message}).encode())

    def _settle(self, subject: str, payload: bytes) -> None:
        _, _, _, consumer, _, seq, *_ = subject.split(".")
        self.broker.consumers[consumer].settle(int(seq), payload, self._house.world.now())

    def hand_over(self, consumer: Consumer, event: Stored, deliveries: int) -> Msg:
        """The event as nats-py gives it to a subscriber."""
        nanoseconds = int(event.at.timestamp()) * 1_000_000_000
        place = f"{consumer.stream.name}.{consumer.name}.{deliveries}.{event.seq}.1"
        reply = f"{ACKNOWLEDGEMENTS}{place}.{nanoseconds}.0"
        return Msg(self, event.subject, reply, event.body, dict(event.headers))


@dataclass
class JetStream:
    """The part of nats-py's JetStream context that the product uses."""

    wire: Wire
    house: "House"
    settings: dict[str, Any] = field(default_factory=dict)

    async def publish(
        self, subject: str, payload: bytes, stream: str, headers: Mapping[str, str]
    ) -> api.PubAck:
        refuse_the_dead()
        faults = self.house.faults
        await self.house.meanwhile(f"publishing {subject}")
        if faults.strikes("publish refused", subject):
            raise nats.errors.TimeoutError
        found = self.house.broker.streams[stream]
        seq, duplicate = found.store(subject, payload, headers, self.house.world.now())
        if faults.strikes("acknowledgement of a publish lost", subject):
            raise nats.errors.TimeoutError
        return api.PubAck(stream=stream, seq=seq, duplicate=duplicate)

    async def stream_info(self, name: str) -> StreamKnown:
        if name not in self.house.broker.streams:
            raise NotFoundError
        last_seq = self.house.broker.streams[name].last_seq
        return StreamKnown(State(last_seq, messages=last_seq))

    async def consumer_info(self, stream: str, durable: str) -> Consumer:
        if durable not in self.house.broker.consumers:
            raise NotFoundError
        return self.house.broker.consumers[durable]


async def ask(
    asker: str, answerer: "Process", subject: str, payload: bytes, headers: dict[str, str]
) -> Msg | None:
    """Carry a question to whoever answers it, and back."""
    reply = f"{inbox_prefix(asker)}.{next(_INBOXES)}"
    question = Msg(answerer.wire, subject, reply, payload, headers)
    token = acting.set(answerer)
    try:
        return await answerer.wire.answer(question)
    finally:
        acting.reset(token)
