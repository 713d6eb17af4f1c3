"""Runs an ASGI app with uvicorn until somebody asks this process to stop."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
from collections.abc import Callable, Iterator

import structlog
import uvicorn
from starlette.types import ASGIApp

from shared.plumbing.settings import CannotStart

REQUEST_PATIENCE_SECONDS = 15
"""How long a stop waits for the requests being answered."""

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

log = structlog.get_logger()


class Server(uvicorn.Server):
    """uvicorn, with the signals left to us: they end more than the server."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        """Take no more requests and finish those being answered; asked twice, finish none."""
        self.force_exit = self.should_exit
        self.should_exit = True


def take_port(host: str, port: int) -> socket.socket:
    """The port, from now on ours. Raises CannotStart when it is not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        taken = socket.create_server((host, port), family=family)
        # asyncio does this only for ports it takes itself; every connection has it from here.
        # Without, an answer in two parts waits for the caller's kernel: 40 ms on Linux.
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return taken
    except PermissionError:
        raise CannotStart(
            f"Port {port} is only for the system: set PARLEY_PORT to one above 1023."
        ) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"Port {port} is taken: stop what uses it, or set PARLEY_PORT to another."
            ) from None
        why = os.strerror(error.errno) if error.errno else str(error)
        raise CannotStart(
            f"Cannot listen on {host}, port {port} ({why}): correct PARLEY_HOST or PARLEY_PORT."
        ) from None


class Stopping:
    """Turns SIGINT and SIGTERM into an orderly end, whatever is going on when they come."""

    def __init__(self) -> None:
        self.asked = False
        self._server: Server | None = None
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._task = task

    @contextlib.contextmanager
    def by_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._ask, number.name)
        try:
            yield
        finally:
            for number in STOP_SIGNALS:
                loop.remove_signal_handler(number)

    def _ask(self, name: str) -> None:
        first, self.asked = not self.asked, True
        log.info("asked_to_stop", signal=name)
        if self._server is not None:
            self._server.stop()
        elif first:  # still starting; what is being undone already is not to be cut short
            self._task.cancel()

    async def serve(self, app: ASGIApp, port: socket.socket, started: Callable[[], None]) -> None:
        """Serve until asked to stop. The app's lifespan has been entered by the caller."""
        if self.asked:  # `asyncio.wait_for`, up to Python 3.11, can lose a cancellation
            raise asyncio.CancelledError
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=REQUEST_PATIENCE_SECONDS,
        )
        self._server = Server(config, started)
        await self._server.serve(sockets=[port])
