"""Row 5: from the 201 to the mail server's yes, beside one script that makes the same hops."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import UTC, datetime

from deploy.parts import blueprints, hearings
from services.referral.routes.api_shapes import EXAMPLE
from shared.plumbing import broker, service
from shared.plumbing.connection import connected
from shared.plumbing.service import Service
from tests.bench.figures import (
    MILLISECONDS,
    PER_SECOND,
    Row,
    Samples,
    alternately,
    at_least,
    at_most,
    median,
    percentile,
)
from tests.bench.ground import Ground
from tests.bench.mailing_bare import Script
from tests.bench.posting import REFERRALS, STORED, keyed, seed, settings_for
from tests.bench.recording import Echo, recorded
from tests.bench.web import Caller, serving
from tests.fixtures.mail import Letter, MailSink

PATH = "5 from the 201 to the mail server"
BARS = {50: at_most(2), 99: at_most(3)}
THROUGHPUT = at_least(0.5)

ROUNDS, LETTERS = 10, 10
RUSHES, AT_ONCE, EACH = 3, 16, 4
REST_SECONDS = 0.03
"""Between two letters, so that each meets a system at rest."""

ANY_TIME_BY_EMAIL = {
    "routes": [{"channel": "email", "address": "sam@example.org"}],
    "who_else": "nobody",
}
BODY = json.dumps(
    {**EXAMPLE, "person": {"name": "Sam Example", "safe_contact": ANY_TIME_BY_EMAIL}}
).encode()

Send = Callable[[], Awaitable[float | None]]


async def rows(
    ground: Ground,
    rounds: int = ROUNDS,
    letters: int = LETTERS,
    rushes: int = RUSHES,
    each: int = EACH,
) -> list[Row]:
    """Referral and notifications in one process beside publish, fetch, commit, permit, SMTP."""
    async with AsyncExitStack() as stack:
        tray = Tray()
        sink = await stack.enter_async_context(_sink(tray))
        recording = stack.enter_context(ExitStack())
        ours, script = await _both(ground, stack, sink, recording)
        callers = [await stack.enter_async_context(Caller(ours)) for _ in range(AT_ONCE)]
        to_script = [await stack.enter_async_context(Caller(script.port)) for _ in range(AT_ONCE)]

        async def letter_by_letter() -> Samples:
            return [await _one(tray, lambda: _post(callers[0])) for _ in range(letters)]

        async def letter_by_script() -> Samples:
            return [await _one(tray, script.send) for _ in range(letters)]

        async def a_rush() -> Samples:
            return [await _rush(tray, callers, each)]

        async def a_rush_of_the_script() -> Samples:
            return [await _rush(tray, to_script, each)]

        # Before the clocks start: to be listened to costs a statement time.
        for _ in range(rounds + 1):
            await letter_by_letter()
        for _ in range(rushes + 1):
            await a_rush()
        recording.close()
        script.gather()
        took, limit = await alternately(rounds, letter_by_letter, letter_by_script)
        rates, most = await alternately(rushes, a_rush, a_rush_of_the_script)
    found = [
        Row(
            f"{PATH}, p{percent}, SQLite",
            percentile(took, percent),
            percentile(limit, percent),
            bar,
            MILLISECONDS,
        )
        for percent, bar in BARS.items()
    ]
    rush = f"{PATH}, {AT_ONCE} at once, SQLite"
    return [*found, Row(rush, median(rates), median(most), THROUGHPUT, PER_SECOND)]


class Tray(list[Letter]):
    """Where the mail server puts what it takes; knows when."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted = 0
        self.full = asyncio.Event()
        self.filled_at = 0.0

    def append(self, letter: Letter) -> None:
        super().append(letter)
        if len(self) >= self.wanted:
            self.filled_at = time.perf_counter()
            self.full.set()

    def expect(self, letters: int) -> None:
        """Begin to wait for so many."""
        self.clear()
        self.wanted = letters
        self.full.clear()


async def _one(tray: Tray, send: Send) -> float:
    """How many milliseconds from when `send` returned, or began, to the letter."""
    tray.expect(1)
    started = time.perf_counter()
    durable_at = await send() or started
    async with asyncio.timeout(20):
        await tray.full.wait()
    await asyncio.sleep(REST_SECONDS)
    return (tray.filled_at - durable_at) * 1000


async def _post(caller: Caller) -> float:
    """Send one referral; when it was answered."""
    status, answer = await caller.post(REFERRALS, BODY, keyed())
    assert status == 201, answer
    return time.perf_counter()


async def _rush(tray: Tray, callers: list[Caller], each: int) -> float:
    """Everybody posts at once, again and again; letters a second."""
    letters = len(callers) * each
    tray.expect(letters)

    async def posting(caller: Caller) -> None:
        for _ in range(each):
            await _post(caller)

    started = time.perf_counter()
    await asyncio.gather(*(posting(caller) for caller in callers))
    async with asyncio.timeout(60):
        await tray.full.wait()
    await asyncio.sleep(10 * REST_SECONDS)
    return letters / (tray.filled_at - started)


async def _hears(running: Service) -> None:
    """Return once it tells, and hears everybody it has to."""
    while running.bus.publisher.client is None or not running.bus._listening:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.05)
    await running.bus.listening()


@asynccontextmanager
async def _sink(tray: Tray) -> AsyncIterator[MailSink]:
    sink = MailSink()
    sink.letters = tray
    await sink.start()
    try:
        yield sink
    finally:
        await sink.stop()


async def _both(
    ground: Ground, stack: AsyncExitStack, sink: MailSink, recording: ExitStack
) -> tuple[int, Script]:
    """The port of ours, and the script, which says what ours says until `recording` ends."""
    parts = blueprints()
    asks = {name: blueprint.asks for name, blueprint in parts.items()}
    nats = await ground.broker(hearings(parts), asks)
    said, bare_stores, port = {}, {}, 0
    for name in ("referral", "notifications"):
        store = await ground.store(parts[name].schema)
        bare = await ground.store(parts[name].schema)
        if name == "referral":
            await seed(store)
            await seed(bare)
        bare_stores[name] = await ground.bare(bare)
        more = {"nats_url": nats.url, "nats_creds": nats.creds(name), "smtp_url": sink.url}
        more |= {"smtp_stays_here": True, "guest_list": ("*",)}
        app = service.create(parts[name], settings_for(store, **more))
        said[name] = recording.enter_context(recorded(app.state.service.database))
        await stack.enter_async_context(app.router.lifespan_context(app))
        if name == "referral":
            port = await stack.enter_async_context(serving(app))
        await _hears(app.state.service)
    plain = await broker.start(ground.folder / "plain", None, datetime.now(UTC))
    stack.push_async_callback(plain.stop)
    client = await stack.enter_async_context(connected("bare", plain.url))
    script = Script(client, sink, bare_stores["referral"], bare_stores["notifications"])
    script.stored = Echo(said["referral"], STORED)
    script.permitted = Echo(said["referral"], "SELECT person.", "INSERT", "UPDATE")
    script.heard = Echo(said["notifications"], "INSERT INTO inbox")
    script.sending = Echo(said["notifications"], "UPDATE message ", "INSERT INTO outbox")
    script.settled = Echo(said["notifications"], "INSERT INTO outbox")
    await stack.enter_async_context(script.running())
    return port, script
