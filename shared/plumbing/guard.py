"""Keeps two loops, two kinds of message and a lost stop from freezing a process through the client.

Seen with FastStream 0.7.8 and nats-py 2.16:

* fetching on a closed connection fails without ever suspending, FastStream tries again at once,
  and the event loop, health endpoint and all, stands still;
* fetching from a deleted consumer or stream fails at once, over a thousand times a second;
* a stored event with a header called `Status` is taken for a word from the server: it is never
  handed over, never acknowledged, and everything behind it waits for ever;
* a question whose headers cannot be decoded ends the client's read loop without a word, and
  with it everything the connection is there for;
* a request whose answer comes in the very moment its task is cancelled gives the answer, and the
  task goes on as if nobody had asked it to stop (`asyncio.wait_for`, up to Python 3.11).

The first two are slowed down; the next two are handed over, and then parked or refused like
anything else that cannot be understood; the last is cancelled after all.
"""

import asyncio
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, ServiceUnavailableError

PAUSE_WHEN_GONE_SECONDS = 1.0
PAUSE_WHEN_SUDDEN_SECONDS = 0.25
SUDDEN_SECONDS = 0.05
"""A fetch that ends sooner than this without an event did not wait for one."""

UNREADABLE_HEADERS = {"parley-headers": "unreadable"}

_fetch = JetStreamContext.PullSubscription.fetch
_status_of = JetStreamContext.is_status_msg
_read_headers = Client._process_headers
_request = Client.request


async def _patient_fetch(
    self: JetStreamContext.PullSubscription,
    batch: int = 1,
    timeout: float | None = 5,  # noqa: ASYNC109 - the signature is the client's
    heartbeat: float | None = None,
) -> list[Msg]:
    loop = asyncio.get_running_loop()
    started = loop.time()
    try:
        return await _fetch(self, batch, timeout, heartbeat)
    except (ServiceUnavailableError, ConnectionClosedError):
        await asyncio.sleep(PAUSE_WHEN_GONE_SECONDS)
        raise
    except (APIError, TimeoutError):
        if loop.time() - started < SUDDEN_SECONDS:
            await asyncio.sleep(PAUSE_WHEN_SUDDEN_SECONDS)
        raise


def _status_of_words_from_the_server(message: Msg | None) -> str | None:
    # The server never asks for an answer to a status; an event always wants its acknowledgement.
    if message is not None and message.reply.startswith("$JS.ACK."):
        return None
    return _status_of(message)


async def _read_any_headers(self: Client, headers: bytes) -> dict[str, str] | None:
    try:
        return await _read_headers(self, headers)
    except Exception:
        return dict(UNREADABLE_HEADERS)


async def _request_that_can_be_stopped(
    self: Client,
    subject: str,
    payload: bytes = b"",
    timeout: float = 0.5,  # noqa: ASYNC109 - the signature is the client's
    old_style: bool = False,
    headers: dict[str, Any] | None = None,
) -> Msg:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in a task
    stops = task.cancelling()
    answer = await _request(self, subject, payload, timeout, old_style, headers)
    if task.cancelling() > stops:
        raise asyncio.CancelledError
    return answer


def install() -> None:
    """Put the guard in place; once is enough, more does no harm."""
    JetStreamContext.PullSubscription.fetch = _patient_fetch  # type: ignore[method-assign] # the cure
    JetStreamContext.is_status_msg = staticmethod(  # type: ignore[method-assign, assignment] # the cure
        _status_of_words_from_the_server
    )
    Client._process_headers = _read_any_headers  # type: ignore[method-assign] # the cure
    Client.request = _request_that_can_be_stopped  # type: ignore[method-assign] # the cure


def remove() -> None:
    """Take the guard away, for tests that show what it is there for."""
    JetStreamContext.PullSubscription.fetch = _fetch  # type: ignore[method-assign] # as it came
    JetStreamContext.is_status_msg = _status_of  # type: ignore[method-assign] # as it came
    Client._process_headers = _read_headers  # type: ignore[method-assign] # as it came
    Client.request = _request  # type: ignore[method-assign] # as it came
