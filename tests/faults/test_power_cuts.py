"""The power fails: what was acknowledged is on the disk; with a protection less it is not."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import pytest
from nats.js import api

from shared.plumbing import broker
from shared.plumbing.connection import connected
from tests.faults.disks import Disk, a_disk
from tests.faults.experiment import compared, conduct
from tests.faults.found import event_ids
from tests.fixtures.patience import LONG, eventually, until
from tests.fixtures.system import ROOT, System, running

pytestmark = pytest.mark.timeout(900)

WRITTEN_BEFORE_THE_CUT = 300
"""A power cut tells careful from careless only when there is something to lose."""

ALWAYS = ", sync_interval: always"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with a_disk(tmp_path) as one:
        yield one


def committed_after_a_cut(disk: Disk, synchronous: str) -> tuple[list[UUID], list[UUID]]:
    """What was acknowledged before the cut, and what is there after it."""
    with writing(disk.folder / "store.db", synchronous) as writer:
        until_written(writer, WRITTEN_BEFORE_THE_CUT)
        os.kill(writer.pid, signal.SIGSTOP)
        found = disk.after_a_power_cut()
        acknowledged = [UUID(line) for line in writer.said().split()]
    with closing(sqlite3.connect(found / "store.db")) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        try:
            rows = store.execute("SELECT event_id FROM outbox").fetchall()
        except sqlite3.OperationalError:  # not even the table has arrived
            rows = []
    return acknowledged, [UUID(event) for (event,) in rows]


@dataclass
class Writer:
    """Somebody who writes, and says of each row that it is committed; not to the same disk."""

    pid: int
    _says: Path

    def said(self) -> str:
        return self._says.read_text()


@contextmanager
def writing(store: Path, synchronous: str) -> Iterator[Writer]:
    says = store.parent.with_suffix(".said")
    with says.open("wb") as file:
        command = [sys.executable, "-m", "tests.faults.writer", str(store), synchronous]
        process = subprocess.Popen(command, cwd=ROOT, stdout=file)
    try:
        yield Writer(process.pid, says)
    finally:
        process.kill()
        process.wait()


def until_written(writer: Writer, lines: int) -> None:
    eventually(lambda: writer.said().count("\n") >= lines)


def test_what_a_store_has_committed_survives_a_power_cut(disk: Disk):
    acknowledged, found = committed_after_a_cut(disk, "FULL")

    assert compared("power cut of a store", acknowledged, found) == ([], [])


def test_without_synchronous_full_a_power_cut_loses_what_was_committed(disk: Disk):
    acknowledged, found = committed_after_a_cut(disk, "NORMAL")

    lost, _ = compared("SQLite's synchronous=NORMAL", acknowledged, found, kind="control")
    assert lost != []


@contextmanager
def a_server(folder: Path, *, always: bool) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A nats-server with the settings of the embedded run, or with its own about the disk."""
    (folder / "ports").mkdir(exist_ok=True)
    for stale in (folder / "ports").iterdir():
        stale.unlink()
    text = broker.configuration(folder, None, -1, "power")
    assert ALWAYS in text
    config = folder / "server.conf"
    config.write_text(text if always else text.replace(ALWAYS, ""))
    process = subprocess.Popen([broker.program(), "-c", str(config)])
    try:
        ports = folder / "ports" / f"nats-server_{process.pid}.ports"
        yield process, eventually(lambda: ports.exists() and ports.read_text() and _url(ports))
    finally:
        process.kill()
        process.wait()


def _url(ports: Path) -> str:
    try:
        return broker.url_in(ports)
    except (ValueError, LookupError):  # not whole yet
        return ""


async def publish_until_cut(url: str, server: int) -> list[UUID]:
    """Publish without end, cut the server off in the middle of it; what it said it has."""
    acknowledged: list[UUID] = []
    async with connected("tests", url) as client:
        jetstream = client.jetstream(timeout=LONG)
        await jetstream.add_stream(api.StreamConfig(name="bakery", subjects=["bakery.>"]))

        async def publish() -> None:
            while True:
                one = uuid4()
                await jetstream.publish("bakery.bread_baked.v1", b"{}", headers={"ce-id": str(one)})
                acknowledged.append(one)

        publishing = asyncio.create_task(publish())
        await until(lambda: len(acknowledged) >= WRITTEN_BEFORE_THE_CUT, LONG)
        os.kill(server, signal.SIGSTOP)
        await asyncio.sleep(0.2)  # what it has said by now is heard
        publishing.cancel()
    return acknowledged


async def held(url: str) -> list[UUID]:
    async with connected("tests", url) as client:
        jetstream = client.jetstream(timeout=LONG)
        if not await jetstream.streams_info():
            return []  # not even the stream has arrived
        return await event_ids(jetstream, "bakery")


def told_after_a_cut(disk: Disk, *, always: bool) -> tuple[list[UUID], list[UUID]]:
    """What the server acknowledged before the cut, and what it holds after it."""
    with a_server(disk.folder, always=always) as (process, url):
        acknowledged = asyncio.run(publish_until_cut(url, process.pid))
        found = disk.after_a_power_cut()
    with a_server(found, always=always) as (_, url):
        return acknowledged, asyncio.run(held(url))


def test_what_the_broker_has_acknowledged_survives_a_power_cut(disk: Disk):
    acknowledged, found = told_after_a_cut(disk, always=True)

    assert compared("power cut of the broker", acknowledged, found) == ([], [])


def test_with_the_brokers_own_settings_a_power_cut_loses_what_was_acknowledged(disk: Disk):
    acknowledged, found = told_after_a_cut(disk, always=False)

    lost, _ = compared("nats-server's sync_interval", acknowledged, found, kind="control")
    assert lost != []


@pytest.mark.journey
def test_everything_parley_was_given_survives_a_power_cut(disk: Disk):
    before = System(disk.folder)
    with running(before), ExitStack() as stack, conduct("power cut of everything", before) as one:
        one.work(20)
        one.pause(0.5)
        found = cut_off(before, disk)
        (found / "clock").unlink()  # the test's own, and never meant to last
        after = System(found, PARLEY_PORT=before.environment["PARLEY_PORT"])
        one.system = stack.enter_context(running(after))
        one.faults += 1


def cut_off(system: System, disk: Disk) -> Path:
    """Stop everything dead in one moment, and see what the disk holds of it."""
    assert system.process is not None
    nats = psutil.Process(system.nats_pid())
    os.kill(system.process.pid, signal.SIGSTOP)
    nats.suspend()
    found = disk.after_a_power_cut()
    nats.kill()  # first: stopped, it would not hear that it is to end with its parent
    system.kill()
    return found
