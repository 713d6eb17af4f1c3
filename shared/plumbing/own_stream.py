"""A service's own stream: the relay tells into it, and the reconciler reads it back.

It is read message by message, many requests on the way at once. That is nearly as fast as a
consumer, and asks for one right that can only read: whoever may make a consumer, or may use
direct get, can have the server write messages of his own choice into the stream of another.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from nats.aio.client import Client

from shared.plumbing.outbox import Stored

PUBLISH_PATIENCE_SECONDS = 5.0

COUNT_PATIENCE_SECONDS = 0.5
"""How long the stream may take to say how far it has come."""

READ_PATIENCE_SECONDS = 10.0

READ_AT_ONCE = 32
"""How many messages are asked for at once: more is hardly faster, and others want to be served."""

MOST_GHOSTS = 5
"""How often an event is told under yet another id when the stream remembers what it has lost."""

NO_MESSAGE_FOUND = 10037


class NotStored(Exception):
    """The stream did not say that it has the event."""


class NotRead(Exception):
    """The stream could not be read: what it holds is not known."""


class OwnStream:
    """The stream of one service, as this service may use it: tell, count and read."""

    def __init__(self, service: str, client: Client | None = None) -> None:
        self._service = service
        self.client = client
        """A bus sets it from its start to its stop."""

    async def publish(self, subject: str, body: bytes, headers: dict[str, str]) -> int:
        """Publish one event and return its place in the stream. Raises unless it is stored.

        A stream remembers the ids of the last ten minutes even of what it has lost since, to a
        purge as well as to a deletion, and acknowledges such an event as a copy. So where a copy
        is said to be, it is looked for; if it is not there the event is told under another id,
        always the same one: telling it once more, after a crash, still makes no second.
        """
        jetstream = self._connected.jetstream(timeout=PUBLISH_PATIENCE_SECONDS)
        told_as = headers.get("Nats-Msg-Id", "")
        for _ in range(MOST_GHOSTS):
            # A copy: nats-py writes into the headers it is given.
            ack = await jetstream.publish(
                subject, body, stream=self._service, headers=dict(headers)
            )
            if ack.stream != self._service or ack.seq < 1:
                raise NotStored("another stream answered")
            if not ack.duplicate or await self._holds(ack.seq, headers):
                return ack.seq
            headers = {**headers, "Nats-Msg-Id": f"{told_as}.{ack.seq}"}
        raise NotStored("the stream remembers the event, and does not hold it")

    async def _holds(self, seq: int, headers: dict[str, str]) -> bool:
        stored = await self.get(seq)
        return stored is not None and stored.headers.get("ce-id") == headers.get("ce-id")

    async def last_seq(self) -> int:
        """The place of the last event in the stream. Raises when the stream cannot be asked."""
        return (await self.extent())[1]

    async def extent(self) -> tuple[int, int]:
        """The first and the last place there is. Raises when the stream cannot be asked."""
        jetstream = self._connected.jetstream(timeout=COUNT_PATIENCE_SECONDS)
        state = (await jetstream.stream_info(self._service)).state
        return max(state.first_seq, 1), state.last_seq  # a new stream says 0 for both

    async def read(self, first: int, last: int) -> AsyncIterator[Stored]:
        """Everything held from one place to another, in order. Raises NotRead."""
        for start in range(first, last + 1, READ_AT_ONCE):
            places = range(start, min(start + READ_AT_ONCE, last + 1))
            for stored in await asyncio.gather(*map(self.get, places)):
                if stored is not None:
                    yield stored

    async def get(self, seq: int) -> Stored | None:
        """What is held in this place; None for a gap, or a message that can no longer be read.

        Raises NotRead, NotStored without a connection, and what nats-py raises.
        """
        subject = f"$JS.API.STREAM.MSG.GET.{self._service}"
        asked = b'{"seq": %d}' % seq
        reply = await self._connected.request(subject, asked, timeout=READ_PATIENCE_SECONDS)
        answer: dict[str, Any] = json.loads(reply.data)
        if error := answer.get("error"):
            if error.get("err_code") == NO_MESSAGE_FOUND:
                return None
            raise NotRead(f"error {error.get('err_code')}")
        return _stored(answer["message"])

    @property
    def _connected(self) -> Client:
        if self.client is None or not self.client.is_connected:
            # nats-py would keep it, and publish it behind the relay's back after the outage.
            raise NotStored("there is no connection")
        return self.client


def _stored(message: dict[str, Any]) -> Stored:
    return Stored(
        seq=message["seq"],
        subject=message["subject"],
        headers=_headers(base64.b64decode(message.get("hdrs", ""))),
        body=base64.b64decode(message.get("data", "")),
        # To the second: the server writes more digits than Python reads.
        stored_at=datetime.fromisoformat(f"{message['time'][:19]}+00:00"),
    )


def _headers(raw: bytes) -> dict[str, str]:
    """NATS headers; nats-py reads them too, as mail, at several times the cost."""
    lines = raw.decode("utf-8", errors="replace").split("\r\n")[1:]
    named = (line.partition(":") for line in lines if ":" in line)
    return {name: value.strip() for name, _, value in named}
