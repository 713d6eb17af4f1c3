"""Whoever listens from outside: on the NATS server, where traces are sent, where mail is handed in.

Each works in a thread of its own, so that the journeys can be told as what people do, in order.
"""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self, TypeVar

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig

from deploy.home import Home
from shared.plumbing.tokens import Key, credentials, token
from tests.fixtures.mail import MailSink

T = TypeVar("T")

ADVISORIES = ("$JS.EVENT.", "$SYS.")
IN_FLIGHT = ("ask.", "_INBOX")


class Loop:
    """An event loop in a thread."""

    def __enter__(self) -> Self:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return future.result(60)


class PostOffice:
    """A mail server on loopback that does as it is told, for a system in another process."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self.sink = MailSink()

    def open(self) -> Self:
        self._loop.do(self.sink.start())
        return self

    def close(self) -> None:
        self._loop.do(self.sink.stop())

    @property
    def taken(self) -> bytes:
        return b"\n".join(letter.raw for letter in self.sink.letters)


class Tap:
    """Hears everything in the services' account, as nobody may; made with the account's own key."""

    def __init__(self, loop: Loop, home: Home, folder: Path) -> None:
        self._loop, self._home, self._folder = loop, home, folder
        self.heard: list[tuple[str, bytes]] = []
        self.client: Client
        self._system: Client

    def open(self) -> Self:
        self._loop.do(self._open())
        return self

    def close(self) -> None:
        self._loop.do(self.client.close())
        self._loop.do(self._system.close())

    async def _open(self) -> None:
        run = self._home.run()
        assert run is not None
        self.client = await nats.connect(run.nats_url, user_credentials=str(self._creds()))
        await self.client.subscribe(">", cb=self._hear)
        system = self._home.user_creds("system")
        self._system = await nats.connect(run.nats_url, user_credentials=str(system))
        await self._system.subscribe(">", cb=self._hear)
        await self.client.flush()
        await self._system.flush()

    def _creds(self) -> Path:
        account = Key((self._home.keys / "core.seed").read_bytes().strip())
        user = Key.new("user")
        allowed = {"pub": {"allow": [">"]}, "sub": {"allow": [">"]}}
        claims = {"type": "user", **allowed, "subs": -1, "data": -1, "payload": -1}
        path = self._folder / "tap.creds"
        jwt = token("tap", user.public, account, claims, datetime.now(UTC))
        path.write_text(credentials(jwt, user))
        path.chmod(0o600)
        return path

    async def _hear(self, message: Msg) -> None:
        self.heard.append((message.subject, as_bytes(message)))

    def said(self, *beginnings: str) -> bytes:
        """What was heard on subjects that begin so."""
        return b"\n".join(all_ for subject, all_ in self.heard if subject.startswith(beginnings))

    def said_besides(self, *beginnings: str) -> bytes:
        others = (all_ for subject, all_ in self.heard if not subject.startswith(beginnings))
        return b"\n".join(others)

    def streams(self) -> bytes:
        """Everything in every stream: each message's subject, headers and body."""
        return self._loop.do(self._streams())

    async def _streams(self) -> bytes:
        jetstream, found = self.client.jetstream(), []
        for stream in await jetstream.streams_info():
            found.append(repr(stream).encode())
            for seq in range(max(1, stream.state.first_seq), stream.state.last_seq + 1):
                one = await jetstream.get_msg(str(stream.config.name), seq)
                headers = "\n".join(f"{k}: {v}" for k, v in (one.headers or {}).items())
                found.append(f"{one.subject}\n{headers}\n".encode() + (one.data or b""))
        return b"\n".join(found)

    def publish(self, subject: str, body: bytes, **headers: str) -> None:
        """Tell something as nobody of ours would."""
        self._loop.do(self.client.jetstream().publish(subject, body, headers=headers or None))

    def consume(self, stream: str, name: str) -> None:
        """Make a consumer, which the server tells of."""
        config = ConsumerConfig(durable_name=name, filter_subject=f"{stream}.nothing")
        self._loop.do(self.client.jetstream().add_consumer(stream, config))


def as_bytes(message: Msg) -> bytes:
    headers = "\n".join(f"{key}: {value}" for key, value in (message.headers or {}).items())
    return f"{message.subject}\n{message.reply}\n{headers}\n".encode() + message.data


class Collector:
    """Where traces are sent: keeps every request as it came, headers too."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                received.append(str(self.headers).encode() + body)
                self.send_response(200)
                self.send_header("content-type", "application/x-protobuf")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing on the terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/traces"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
