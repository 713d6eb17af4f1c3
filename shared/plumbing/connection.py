"""Connections to the NATS server that survive an outage, and end the process when they cannot.

Every user has an inbox prefix of its own, `_INBOX_<name>`: answers meant for one service can be
read by no other.
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import nats
import nats.errors
import structlog
from faststream import BaseMiddleware
from faststream.nats import NatsBroker
from faststream.nats.security import NatsCredentials
from nats.aio.client import Client

from shared.plumbing import guard

STOP_PATIENCE_SECONDS = 20.0
"""How long a stop waits for events being acted on; then they are rolled back and come again."""

EXIT_WHEN_CLOSED = 70

log = structlog.get_logger()


SERVER_TROUBLE = (nats.errors.Error, TimeoutError, OSError)
"""What a connection that was made can still meet: silence, a refusal in words, its own end."""


class NatsRefuses(Exception):
    """The server does not accept these credentials: trying again will not help."""


def inbox_prefix(name: str) -> str:
    """The beginning of every subject on which this user is answered."""
    return f"_INBOX_{name}"


def end_process() -> None:
    """What happens when a connection is lost for good: whoever supervises us starts us again."""
    os._exit(EXIT_WHEN_CLOSED)


class Line:
    """One service's connection, and what is done when it breaks."""

    def __init__(
        self, name: str, url: str, creds: Path | None, closed: Callable[[], None] = end_process
    ) -> None:
        self._name = name
        self._url = url
        self._creds = creds
        self._closed = closed
        self._open = False
        self._last_error = ""

    async def connect(self, middleware: Callable[..., BaseMiddleware[Any, Any]]) -> NatsBroker:
        """A connected FastStream broker; it fetches and routes, and decides nothing.

        Waits for a server as long as it takes. Raises NatsRefuses.
        """
        broker = self._broker(middleware)
        try:
            await broker.connect()
        except Exception as error:
            if _is_refusal(error):
                raise NatsRefuses(
                    f"The NATS server refuses the credentials of {self._name}."
                ) from error
            raise
        self._open = True
        log.info("nats_connected", service=self._name)
        return broker

    def _broker(self, middleware: Callable[..., BaseMiddleware[Any, Any]]) -> NatsBroker:
        guard.install()
        return NatsBroker(
            servers(self._url),
            security=NatsCredentials(str(self._creds)) if self._creds else None,
            name=f"parley-{self._name}",
            inbox_prefix=inbox_prefix(self._name).encode(),
            max_reconnect_attempts=-1,  # with a limit the process freezes when it is reached
            reconnect_time_wait=1,
            connect_timeout=2,
            ping_interval=5,
            graceful_timeout=STOP_PATIENCE_SECONDS,
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnected,
            reconnected_cb=self._on_reconnected,
            closed_cb=self._on_closed,
            middlewares=(middleware,),
            apply_types=False,
            serializer=None,
            logger=None,  # what it would log quotes values
        )

    def closing(self) -> None:
        """From now on losing the connection is what we want, and ends nothing."""
        self._open = False

    async def _on_error(self, error: Exception) -> None:
        kind = type(error).__name__
        if kind != self._last_error:  # the client tries every second: once is enough to say so
            self._last_error = kind
            log.warning("nats_error", service=self._name, error_type=kind)
        if self._open and _is_refusal(error):
            # nats-py would try again for ever, FastStream ends its task for it: nobody is left.
            await self._on_closed()

    async def _on_disconnected(self) -> None:
        if self._open:
            log.warning("nats_disconnected", service=self._name)

    async def _on_reconnected(self) -> None:
        self._last_error = ""
        log.info("nats_reconnected", service=self._name)

    async def _on_closed(self) -> None:
        if self._open:
            self._open = False
            log.error("nats_closed", service=self._name)
            self._closed()


def servers(url: str) -> list[str]:
    """The servers in a comma-separated setting."""
    return [one.strip() for one in url.split(",") if one.strip()]


def _is_refusal(error: Exception) -> bool:
    words = str(error).lower()
    return "authorization violation" in words or "authentication" in words


@asynccontextmanager
async def connected(name: str, url: str, creds: Path | None = None) -> AsyncIterator[Client]:
    """A plain connection for one piece of work, such as the deployment's.

    Raises NatsRefuses or, when no server answers within seconds, what nats-py raises.
    """
    guard.install()
    refusals: list[Exception] = []

    async def remember(error: Exception) -> None:
        if _is_refusal(error):
            refusals.append(error)

    try:
        client = await nats.connect(
            servers(url),
            name=f"parley-{name}",
            user_credentials=str(creds) if creds else None,
            inbox_prefix=inbox_prefix(name).encode(),
            connect_timeout=2,
            max_reconnect_attempts=3,
            reconnect_time_wait=1,
            ping_interval=5,
            error_cb=remember,
        )
    except Exception as error:
        if refusals:
            raise NatsRefuses(f"The NATS server refuses the credentials of {name}.") from error
        raise
    try:
        yield client
    finally:
        with suppress(Exception):
            await client.close()


async def answers(client: Client, patience_seconds: float) -> bool:
    """Whether the server is really there: a connection that looks alive may lead nowhere."""
    if not client.is_connected:
        return False
    try:
        await client.rtt(timeout=patience_seconds)  # type: ignore[arg-type] # any number will do
    except Exception:
        return False
    return True
