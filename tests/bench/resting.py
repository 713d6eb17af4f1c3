"""Row 7: everything at rest on one machine, beside one bare FastAPI and a nats-server."""

import asyncio
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

from shared.plumbing import broker
from tests.bench.figures import MEGABYTES, SECONDS, Row, at_most, median
from tests.bench.ground import Ground
from tests.fixtures.system import System

PATH = "7 the whole system"
MEMORY, FIRST_PAGE = at_most(2.5), at_most(1)
FIRST_PAGE_SECONDS = 5.0
"""The one bar that is a time: whoever tries it out should not have to wonder."""

STARTS, REST_SECONDS = 2, 3.0

BARE_APP = """
import contextlib, sys
import fastapi, nats, uvicorn

@contextlib.asynccontextmanager
async def connected(app):
    app.state.nats = await nats.connect(sys.argv[2])
    yield

app = fastapi.FastAPI(lifespan=connected)

@app.get("/")
async def hello() -> dict[str, str]:
    return {"hello": "world"}

uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
"""


async def rows(ground: Ground, starts: int = STARTS, rest: float = REST_SECONDS) -> list[Row]:
    """Memory that is really there, of all processes; and a fresh folder's start to a first page."""
    ours, bare, firsts = [], [], []
    for number in range(starts):
        folder = ground.folder / f"run-{number}"
        first, memory = await asyncio.to_thread(_ours, folder, rest)
        firsts.append(first)
        ours.append(memory)
        bare.append(await _bare(folder, rest))
    return [
        Row(f"{PATH}, memory at rest", median(ours), median(bare), MEMORY, MEGABYTES),
        Row(
            f"{PATH}, start to first page", median(firsts), FIRST_PAGE_SECONDS, FIRST_PAGE, SECONDS
        ),
    ]


def _ours(folder: Path, rest: float) -> tuple[float, float]:
    """Seconds until the first page of `parley run` was there, and its memory at rest."""
    folder.mkdir()
    system = System(folder)
    started = time.perf_counter()
    system.begin()
    try:
        while True:
            run = system.home.run()
            if run is not None and _answers(run.address):
                break
            time.sleep(0.01)
        first = time.perf_counter() - started
        time.sleep(rest)
        assert system.process is not None
        return first, _memory(system.process.pid)
    finally:
        system.stop()


async def _bare(folder: Path, rest: float) -> float:
    server = await broker.start(folder / "bare", None, datetime.now(UTC))
    port = _free_port()
    program = (sys.executable, "-c", BARE_APP, str(port), server.url)
    address = f"http://127.0.0.1:{port}"
    app = await asyncio.create_subprocess_exec(*program)
    try:
        while not await asyncio.to_thread(_answers, address):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
        await asyncio.sleep(rest)
        return _memory(app.pid) + _memory(server.pid)
    finally:
        app.terminate()
        await app.wait()
        await server.stop()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=30, follow_redirects=True).is_success
    except httpx.TransportError:
        return False


def _memory(pid: int) -> float:
    """Resident megabytes of a process and those it started."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return sum(one.memory_info().rss for one in family) / 1e6


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
