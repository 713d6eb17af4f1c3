"""HTTP that is no HTTP, sent over a real socket: refused, and the server goes on."""

import asyncio
import contextlib

import pytest

from deploy.server import Stopping, take_port
from tests.plumbing import diary

BIG = b"a" * 64 * 1024


@contextlib.asynccontextmanager
async def serving(app):
    """The port it is served on, by the server we really use."""
    with take_port("127.0.0.1", 0) as port:
        up, stopping = asyncio.Event(), Stopping()
        task = asyncio.create_task(stopping.serve(app, port, up.set))
        await up.wait()
        try:
            yield port.getsockname()[1]
        finally:
            stopping._server.stop()
            await task


async def said(port: int, request: bytes) -> bytes:
    """The first line that comes back; empty when the server only hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        writer.write(request)
        await writer.drain()
    try:
        return await asyncio.wait_for(reader.readline(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "lines",
    [
        [b"GET / HTTP/1.1", b"Host: localhost", b"Host: evil.example"],
        [b"GET / HTTP/1.1"],
        [b"GET / HTTP/1.1", b"Host: localhost\r\n evil.example"],
        [b"GET / HTTP/1.1", b"Host: localhost\x00"],
        [b"GET / HTTP/1.1", b"Host: localhost", b"X-One: a\x00b"],
        [b"GET / HTTP/1.1", b"Host: localhost", b"X-Big: " + BIG],
        [b"GET / HTTP/1.1", b"Host: localhost", b"no colon at all"],
        [b"GET / HTTP/1.1", b"Host: localhost", b"Bad Name: x"],
        [b"GET /%0d%0aSet-Cookie:x=y\r\nX: y HTTP/1.1", b"Host: localhost"],
        [b"GET /" + BIG + b" HTTP/1.1", b"Host: localhost"],
        [b"POST / HTTP/1.1", b"Host: localhost", b"Content-Length: 1", b"Content-Length: 2"],
        [b"POST / HTTP/1.1", b"Host: localhost", b"Content-Length: -1"],
        [b"POST / HTTP/1.1", b"Host: localhost", b"Transfer-Encoding: chunked, identity"],
        [b"nonsense"],
    ],
)
async def test_what_is_no_proper_request_is_refused_and_the_next_one_is_answered(lines):
    app = diary.create("sqlite+aiosqlite:////tmp/never-made.db")

    async with serving(app) as port:
        first = await said(port, b"\r\n".join(lines) + b"\r\n\r\n")
        then = await said(port, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert first == b"" or first.startswith(b"HTTP/1.1 4")
    assert then.startswith(b"HTTP/1.1 200")
