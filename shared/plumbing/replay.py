"""Reading streams from the beginning, to rebuild what was worked out from them.

An ordered read of what was there when it began: fast, in order, without acknowledgement, and
without any handler. Whoever rebuilds needs the deploy user's rights: no service may make the
consumer it reads with.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable

import structlog
from nats.aio.msg import Msg
from nats.js import api
from nats.js.client import JetStreamContext

from shared.contracts.fact import Envelope, Fact
from shared.plumbing.envelope import NotUnderstood, error_code, read_envelope, read_fact

PATIENCE_SECONDS = 10.0
"""How long the next event may take; it is there already."""

READ_AHEAD = 1000
"""How many events may wait here; the server holds back what is more."""

log = structlog.get_logger()


class ReplayBroke(Exception):
    """The stream stopped in the middle: what was read so far is not the whole."""


async def extent(
    jetstream: JetStreamContext, streams: Iterable[str], facts: Collection[type[Fact]]
) -> int:
    """How many events `replay` would go through now, for a progress bar."""
    total = 0
    for stream in streams:
        for kind in _told_on(stream, facts):
            info = await jetstream.stream_info(stream, subjects_filter=kind.subject)
            total += sum((info.state.subjects or {}).values())
    return total


async def replay(
    jetstream: JetStreamContext, streams: Iterable[str], facts: Collection[type[Fact]]
) -> AsyncIterator[tuple[Envelope, Fact]]:
    """Every event of these kinds that is in the streams now, stream after stream, in order.

    What cannot be understood is left out, and logged: in live reading it would be parked. Raises
    ReplayBroke when a stream ends before its end.
    """
    for stream in streams:
        kinds = {kind.subject: kind for kind in _told_on(stream, facts)}
        if kinds:
            async for event in _read(jetstream, stream, kinds):
                yield event


def _told_on(stream: str, facts: Collection[type[Fact]]) -> list[type[Fact]]:
    return [kind for kind in facts if kind.teller() == stream]


async def _read(
    jetstream: JetStreamContext, stream: str, kinds: dict[str, type[Fact]]
) -> AsyncIterator[tuple[Envelope, Fact]]:
    last = (await jetstream.stream_info(stream)).state.last_seq
    # Not `next_msg`: it makes two tasks for each event, which is most of the time of a rebuild.
    arrived: asyncio.Queue[Msg] = asyncio.Queue(READ_AHEAD)
    subscription = await jetstream.subscribe(
        "",
        stream=stream,
        cb=arrived.put,
        ordered_consumer=True,
        config=api.ConsumerConfig(filter_subjects=sorted(kinds)),
    )
    try:
        info = await subscription.consumer_info()
        waiting = (info.num_pending or 0) + (info.delivered.consumer_seq if info.delivered else 0)
        while waiting:
            try:
                message = await _next(arrived)
            except TimeoutError:
                raise ReplayBroke(stream) from None
            met = message.metadata
            if met.sequence.stream > last:
                return
            try:
                envelope = read_envelope(message.subject, message.headers or {})
                yield envelope, read_fact(kinds[message.subject], message.data, envelope)
            except NotUnderstood as error:
                log.warning(
                    "event_left_out",
                    stream=stream,
                    stream_seq=met.sequence.stream,
                    error_code=error_code(error),
                )
            if met.sequence.stream == last or met.num_pending == 0:
                return
    finally:
        await subscription.unsubscribe()


async def _next(arrived: asyncio.Queue[Msg]) -> Msg:
    if not arrived.empty():
        return arrived.get_nowait()
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await arrived.get()
