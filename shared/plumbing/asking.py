"""Questions between services: NATS request-reply, outside every stream, never stored.

What goes wrong comes back as an explicit error in a header, and reaches the asker as `NoAnswer`:
whoever asks fails closed. Answers may hold personal data, so an answer only ever goes to an inbox:
an asker who names another subject, a stream's perhaps, gets none.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import NoRespondersError
from pydantic import ValidationError

from shared.contracts.ask import Answer, Ask
from shared.contracts.refusal import Refusal
from shared.plumbing import metrics, strict_json
from shared.plumbing.database import Database
from shared.plumbing.delivery import acting
from shared.plumbing.envelope import CONTENT_TYPE
from shared.plumbing.hearing import Answerer
from shared.plumbing.unreachable import is_unreachable

ERROR_HEADER = "parley-error"
INBOXES = "_INBOX_"

MOST_AT_ONCE = 32
"""How many questions one process answers at the same time; the others wait their turn."""

log = structlog.get_logger()


class NoAnswer(Exception):
    """Nobody answered in time, or whoever did could not say. It counts as a refusal.

    `reason` is one of: disconnected, nobody, silence, malformed, refused, unavailable, failed.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AskedInHandler(Exception):
    """A programming mistake: asking while a handler's transaction is open would hold it open."""


async def ask(client: Client | None, service: str, question: Ask, patience: timedelta) -> Answer:
    """Put `question` to its owner. Raises NoAnswer."""
    if acting.get():
        raise AskedInHandler(type(question).__name__)
    started = time.perf_counter()
    outcome = "failed"
    try:
        answer = await _ask(client, question, patience)
        outcome = "answered"
        return answer
    except NoAnswer as none:
        outcome = "silent" if none.reason in ("disconnected", "nobody", "silence") else "failed"
        log.warning("no_answer", subject=question.subject, reason=none.reason)
        raise
    finally:
        took = time.perf_counter() - started
        metrics.of(service).asks.labels(question.subject, "asked", outcome).observe(took)


async def _ask(client: Client | None, question: Ask, patience: timedelta) -> Answer:
    if client is None or not client.is_connected:
        # nats-py would keep the question and put it, to nobody's use, after the outage.
        raise NoAnswer("disconnected")
    try:
        reply = await client.request(
            question.subject,
            question.model_dump_json().encode(),
            timeout=patience.total_seconds(),
            headers={"content-type": CONTENT_TYPE},
        )
    except NoRespondersError:
        raise NoAnswer("nobody") from None
    except TimeoutError:
        raise NoAnswer("silence") from None
    except Exception as error:
        raise NoAnswer("disconnected") from error
    problem = (reply.headers or {}).get(ERROR_HEADER)
    if problem is not None:
        raise NoAnswer(problem if problem in PROBLEMS else "failed")
    try:
        strict_json.load(reply.data)
        return question.answered_by.model_validate_json(reply.data, strict=True)
    except (ValidationError, strict_json.NotStrictJson):
        raise NoAnswer("malformed") from None


PROBLEMS = frozenset({"malformed", "refused", "unavailable", "failed"})
"""What an answerer may say is wrong."""


class Answering:
    """Answers the questions put to one service; its replicas share them."""

    def __init__(
        self, service: str, database: Database, answerers: Mapping[type[Ask], Answerer[Any]]
    ) -> None:
        self._service = service
        self._database = database
        self._answerers = answerers
        self._client: Client | None = None
        self._subscriptions: list[Subscription] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)

    async def start(self, client: Client) -> None:
        self._client = client
        for kind in self._answerers:
            self._subscriptions.append(await self._subscribe(client, kind))

    async def _subscribe(self, client: Client, kind: type[Ask]) -> Subscription:
        async def on_question(message: Msg) -> None:
            await self._turns.acquire()
            task = asyncio.create_task(self._reply(kind, message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            task.add_done_callback(lambda _: self._turns.release())

        return await client.subscribe(kind.subject, queue=self._service, cb=on_question)

    async def stop(self, patience_seconds: float) -> None:
        """Take no more questions, and finish those that are being answered."""
        for subscription in self._subscriptions:
            try:
                await subscription.drain()  # type: ignore[no-untyped-call] # nats-py's own
            except Exception as error:  # the connection is gone: so are the askers
                log.info("questions_not_drained", error_type=type(error).__name__)
        self._subscriptions.clear()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience_seconds)

    async def _reply(self, kind: type[Ask], message: Msg) -> None:
        if not message.reply.startswith(INBOXES):
            log.error("question_with_a_wrong_reply", subject=kind.subject)
            return
        started = time.perf_counter()
        body, headers = b"", {"content-type": CONTENT_TYPE}
        outcome = "answered"
        try:
            body = await self._answer(kind, message.data)
        except Exception as error:
            outcome = "failed"
            headers[ERROR_HEADER] = _problem(error)
            log.warning(
                "question_not_answered",
                subject=kind.subject,
                reason=headers[ERROR_HEADER],
                error_type=type(error).__name__,
            )
        took = time.perf_counter() - started
        metrics.of(self._service).asks.labels(kind.subject, "answered", outcome).observe(took)
        assert self._client is not None  # noqa: S101 - start() came first
        try:
            await self._client.publish(message.reply, body, headers=headers)
        except Exception as error:  # the asker hears nothing, and fails closed
            log.warning("answer_lost", subject=kind.subject, error_type=type(error).__name__)

    async def _answer(self, kind: type[Ask], body: bytes) -> bytes:
        """Answer in one transaction, committed before the answer leaves."""
        strict_json.load(body)
        try:
            question = kind.model_validate_json(body, strict=True)
        except ValidationError:
            raise strict_json.NotStrictJson("it is not this question") from None
        async with self._database.transaction() as session:
            answer = await self._answerers[kind](question, session)
        if not isinstance(answer, kind.answered_by):
            raise TypeError(f"{kind.__name__} is answered by {kind.answered_by.__name__}")
        return answer.model_dump_json().encode()


def _problem(error: Exception) -> str:
    if isinstance(error, strict_json.NotStrictJson):
        return "malformed"
    if isinstance(error, Refusal):
        return "refused"
    return "unavailable" if is_unreachable(error) else "failed"
