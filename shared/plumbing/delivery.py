"""The promises kept for each event a stream hands over; fetching and routing are FastStream's.

An event is acted on once, in order, or parked where somebody will see it. Remembering it, its
effects and what is told because of it are one transaction; only then is it acknowledged. A crash
before the commit leaves nothing, a crash after it leaves a repeat that the inbox absorbs.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from faststream import BaseMiddleware, ContextRepo, StreamMessage
from nats.aio.msg import Msg

from shared.contracts.fact import Envelope, Fact
from shared.plumbing import attempts, inbox, metrics, parked, tracing
from shared.plumbing.arrival import Arrival
from shared.plumbing.crash import crash_point
from shared.plumbing.database import Database, Session
from shared.plumbing.envelope import (
    NotUnderstood,
    UnknownFact,
    WrongSource,
    error_code,
    read_envelope,
    read_fact,
)
from shared.plumbing.hearing import Hearing
from shared.plumbing.signs_of_life import SignsOfLife
from shared.plumbing.unreachable import is_unreachable

ACK_WAIT = timedelta(seconds=5)
"""How long the server waits for a sign of life before it hands an event to another replica."""

HANDLER_PATIENCE = timedelta(seconds=60)
"""A handler that takes longer has failed: one that hangs must not hold the stream up for ever."""

RETRY_DELAYS = tuple(timedelta(seconds=pause) for pause in (0.5, 2, 6, 15))
"""Pauses between the attempts: the fifth, and last, comes within half a minute of the first."""

UNREACHABLE_DELAY = timedelta(seconds=2)
"""Pause, give or take a quarter, while a store is out of reach."""

acting = ContextVar("acting", default=False)
"""Whether this very task is inside a handler's transaction, where nothing may be asked."""

log = structlog.get_logger()


class HandlerTooSlow(Exception):
    """A handler took longer than HANDLER_PATIENCE, and was rolled back."""


class ProcessEnded(Exception):
    """Time and again the process ended while it acted on this event: it is not begun once more."""


@dataclass(frozen=True)
class Heard:
    """A fact that was understood, and the transaction to act on it in."""

    fact: Fact
    envelope: Envelope
    session: Session


Act = Callable[[Heard], Awaitable[object]]


class Deliverer:
    """Takes one service's events to their handlers."""

    def __init__(self, service: str, database: Database, hearing: Hearing) -> None:
        self.attempts = attempts.Attempts(database)
        self._database = database
        self._service = service
        self._kinds = {kind.subject: kind for kind in hearing.facts}
        self._metrics = metrics.of(service)
        self._in_hand = 0
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self._leaving: set[asyncio.Task[None]] = set()

    async def deliver(self, message: Msg, act: Act) -> None:
        """See one event through: acted on and acknowledged, or put off, or parked."""
        self._in_hand += 1
        self._at_rest.clear()
        try:
            await self._see_through(message, act)
        finally:
            self._in_hand -= 1
            if not self._in_hand:
                self._at_rest.set()

    async def at_rest(self) -> None:
        """Return once no event is in hand, and one that was cancelled has been given back."""
        await self._at_rest.wait()
        await self.attempts.settled()
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def _give_back(self, message: Msg) -> None:
        """Let another replica have the event at once: this process stops."""
        await self.attempts.settled()
        with suppress(Exception):
            await message.nak()

    async def _see_through(self, message: Msg, act: Act) -> None:
        arrival = Arrival.of(message)
        alive = SignsOfLife(message, every=ACK_WAIT / 3)
        try:
            outcome = await self._act(arrival, act)
        except asyncio.CancelledError:
            # In FastStream's cancel scope every wait would be cancelled anew.
            self._leaving.add(asyncio.create_task(self._give_back(message)))
            raise
        except Exception as error:
            outcome = await self._put_off_or_park(arrival, message, error)
        else:
            await self._acknowledge(arrival, message)
        finally:
            alive.stop()
        kind = arrival.subject if arrival.subject in self._kinds else "unknown"
        self._metrics.events.labels(kind, outcome).inc()

    def understand(self, arrival: Arrival) -> tuple[Envelope, Fact]:
        """What the event says. Raises NotUnderstood, for good."""
        envelope = read_envelope(arrival.subject, arrival.headers)
        if arrival.stream != envelope.source:
            raise WrongSource("/stream")
        kind = self._kinds.get(envelope.type)
        if kind is None:
            raise UnknownFact("/ce-type")
        return envelope, read_fact(kind, arrival.body, envelope)

    async def _act(self, arrival: Arrival, act: Act) -> str:
        envelope, fact = self.understand(arrival)
        if arrival.deliveries == 1:  # nothing is added to the usual way
            return await self._attempt(arrival, envelope, fact, act)
        async with self.attempts.another(arrival.consumer, arrival.key) as tried:
            return await self._attempt(arrival, envelope, fact, act, tried)

    async def _attempt(
        self, arrival: Arrival, envelope: Envelope, fact: Fact, act: Act, tried: int = 0
    ) -> str:
        started = time.perf_counter()
        with tracing.handling(self._service, envelope, arrival.consumer):
            async with self.transaction(envelope) as session:
                new = await inbox.is_new(session, envelope, arrival.consumer, arrival.stream_seq)
                if arrival.deliveries > 1:
                    await attempts.clear(session, arrival.consumer, arrival.key)
                if not new:
                    return "repeated"
                if tried > len(RETRY_DELAYS):  # not before: it may have been acted on after all
                    raise ProcessEnded
                await act(Heard(fact, envelope, session))
                crash_point("handler.before_commit")
        crash_point("handler.after_commit")
        self._metrics.handling.labels(envelope.type).observe(time.perf_counter() - started)
        return "handled"

    @asynccontextmanager
    async def transaction(self, envelope: Envelope) -> AsyncIterator[Session]:
        """A transaction to act on the event in. Raises HandlerTooSlow."""
        token = acting.set(True)
        try:
            async with asyncio.timeout(HANDLER_PATIENCE.total_seconds()) as limit:
                async with self._database.transaction() as session:
                    session.envelope = envelope
                    yield session
        except TimeoutError:
            if limit.expired():
                raise HandlerTooSlow from None
            raise
        finally:
            acting.reset(token)

    async def _put_off_or_park(self, arrival: Arrival, message: Msg, error: Exception) -> str:
        code = error_code(error)
        about = {"consumer": arrival.consumer, "stream_seq": arrival.stream_seq, "error_code": code}
        if is_unreachable(error):
            log.warning("event_waits_for_a_store", **about)
            await self._put_off(message, self._while_unreachable())
            return "failed"
        try:
            tried = await self._count_or_park(arrival, error, code)
        except Exception as trouble:
            # Not counted and not parked: it must not be lost either.
            log.error("event_not_parked", **about, error_type=type(trouble).__name__)
            await self._put_off(message, self._while_unreachable())
            return "failed"
        if tried is None:
            log.error("event_parked", **about)
            await self._terminate(message, code)
            return "parked"
        log.warning("event_failed", **about, attempt=tried, exc_info=error)
        await self._put_off(message, RETRY_DELAYS[tried - 1])
        return "failed"

    async def _count_or_park(self, arrival: Arrival, error: Exception, code: str) -> int | None:
        """How often the event has failed; None when it has been parked instead."""
        consumer = arrival.consumer
        async with self._database.transaction() as session:
            if not isinstance(error, NotUnderstood | ProcessEnded):
                tried = await attempts.count_failure(session, consumer, arrival.key)
                if tried <= len(RETRY_DELAYS):
                    return tried
            await parked.park(
                session,
                consumer,
                arrival.headers,
                arrival.body,
                arrival.subject,
                arrival.stream_seq,
                code,
            )
        return None

    def _while_unreachable(self) -> timedelta:
        return UNREACHABLE_DELAY * self._database.world.chance.uniform(0.75, 1.25)

    async def _acknowledge(self, arrival: Arrival, message: Msg) -> None:
        # Not waited for: nothing rests on its arrival, as the inbox knows the event by now, and it
        # leaves in the same write as the request for the next one.
        try:
            await message.ack()
        except Exception as error:  # committed all the same: it comes again, and is a repeat
            log.warning(
                "ack_lost",
                consumer=arrival.consumer,
                stream_seq=arrival.stream_seq,
                error_type=type(error).__name__,
            )
        crash_point("handler.after_ack")

    async def _put_off(self, message: Msg, delay: timedelta) -> None:
        try:
            await message.nak(delay=delay.total_seconds())
        except Exception as error:  # it comes again by itself after ACK_WAIT
            log.warning("nak_lost", error_type=type(error).__name__)

    async def _terminate(self, message: Msg, code: str) -> None:
        try:
            # nats-py's own term() cannot say why; the reason shows in the server's advisory.
            await message._client.publish(
                message.reply, b"+TERM " + code.encode("ascii", "replace")
            )
        except Exception as error:  # it comes again, is parked already, and ends then
            log.warning("term_lost", error_type=type(error).__name__)


class Delivery(BaseMiddleware[Any, Msg]):
    """Puts a Deliverer around whichever handler FastStream has chosen.

    Nothing is raised to FastStream: whatever happens, the event's end has been decided here.
    """

    def __init__(self, msg: Msg, /, *, context: ContextRepo, deliverer: Deliverer) -> None:
        super().__init__(msg, context=context)
        self._deliverer = deliverer

    async def consume_scope(
        self, call_next: Callable[[StreamMessage[Any]], Awaitable[object]], msg: StreamMessage[Any]
    ) -> None:
        async def act(heard: Heard) -> None:
            msg.body = heard  # what the handler's decoder gives it
            await call_next(msg)

        await self._deliverer.deliver(msg.raw_message, act)
