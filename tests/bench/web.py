"""Apps on real sockets, and somebody who calls them with as little of a client as will do."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from deploy.server import take_port


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[int]:
    """The app behind uvicorn, with its lifespan left to the caller; gives the port."""
    listener = take_port("127.0.0.1", 0)
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, timeout_keep_alive=600
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """Whoever measures keeps the signals."""


class Caller:
    """One kept connection. Most of what a usual client does would be measured with the answer."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._port = port
        self._usual = {"host": f"127.0.0.1:{port}"} | ({"cookie": cookie} if cookie else {})

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._writer.close()

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        usual = {
            **self._usual,
            "content-type": "application/json",
            "content-length": str(len(body)),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in (usual | dict(headers)).items())
        self._writer.write(f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        return await self._answer()

    async def get(self, path: str) -> tuple[int, bytes]:
        lines = "".join(f"{name}: {value}\r\n" for name, value in self._usual.items())
        self._writer.write(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        return await self._answer()

    async def _answer(self) -> tuple[int, bytes]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        length = next(
            int(line.partition(":")[2]) for line in head if line.lower().startswith("content-len")
        )
        return int(head[0].split()[1]), await self._reader.readexactly(length)
