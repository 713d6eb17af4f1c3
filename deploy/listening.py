"""A server on a free port of this machine's loopback, for as long as it is needed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def listening_on(
    session: Callable[[], asyncio.BaseProtocol], port: int = 0
) -> AsyncIterator[int]:
    """Serve each connection with a `session` of its own; gives the port."""
    server = await asyncio.get_running_loop().create_server(session, LOOPBACK, port)
    async with server:
        taken: int = server.sockets[0].getsockname()[1]
        yield taken
