"""The doctor on servers that answer, but not with what was asked: a sentence, never a traceback."""

import asyncio
import json
import shutil
import subprocess
import time

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.parts import blueprints, hearings, permissions
from shared.plumbing import broker, migrations, topology
from shared.plumbing.connection import connected
from shared.plumbing.trust import establish
from shared.plumbing.world import REAL


@pytest.fixture
def doctor(tmp_path, monkeypatch):
    """Asks the doctor about level stores and the server at this address."""
    url = f"sqlite+aiosqlite:///{tmp_path}/{{service}}.db"

    async def make_stores():
        for name in blueprints():
            await migrations.upgrade(url.replace("{service}", name), name)

    asyncio.run(make_stores())
    monkeypatch.setenv("PARLEY_DATABASE_URL", url)
    monkeypatch.setenv("COLUMNS", "400")

    def ask(nats_url, creds=None):
        monkeypatch.setenv("PARLEY_NATS_URL", nats_url)
        if creds is not None:
            monkeypatch.setenv("PARLEY_NATS_CREDS", str(creds))
        return CliRunner().invoke(app, ["doctor"])

    return ask


@pytest.fixture
def without_streams(tmp_path):
    """A server on which nobody has switched JetStream on."""
    config = tmp_path / "server.conf"
    config.write_text(f"listen: 127.0.0.1:-1\nports_file_dir: {json.dumps(str(tmp_path))}\n")
    server = subprocess.Popen([broker.program(), "-c", config], stderr=subprocess.DEVNULL)
    ports = tmp_path / f"nats-server_{server.pid}.ports"
    deadline = time.monotonic() + 20
    while not (ports.exists() and ports.stat().st_size):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield broker.url_in(ports)
    server.terminate()
    server.wait(10)


@pytest.fixture
def server(tmp_path):
    """A server as the embedded run has it, its folder of credentials, and its streams."""
    parts = blueprints()
    heard = hearings(parts)
    trusted = establish(tmp_path / "keys", permissions(parts, heard), REAL.now())
    loop = asyncio.new_event_loop()
    running = loop.run_until_complete(broker.start(tmp_path / "nats", trusted, REAL.now()))

    async def provision():
        async with connected("deploy", running.url, trusted.creds("deploy")) as client:
            await topology.ensure(client, heard)

    loop.run_until_complete(provision())
    yield running.url, tmp_path / "keys" / "users"
    loop.run_until_complete(running.stop())
    loop.close()


def looks(said):
    assert "Traceback" not in said.output
    assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
    return [line for line in said.output.splitlines() if line.startswith("LOOK")]


def test_a_deployment_in_order_is_well(doctor, server):
    url, users = server

    said = doctor(url, users / "deploy.creds")

    assert looks(said) == []
    assert said.exit_code == 0


def test_a_server_without_streams_is_told_in_a_sentence(doctor, without_streams):
    said = doctor(without_streams)

    (silent, refused) = looks(said)
    assert "No NATS server says how it is" in silent
    assert "did not do what it was asked (ServiceUnavailableError)" in refused
    assert said.exit_code == 1


def test_a_server_that_never_answers_about_its_streams_is_told_in_a_sentence(doctor, server):
    url, users = server
    shutil.copy(users / "reporting.creds", users / "deploy.creds")  # who may ask nothing of it

    said = doctor(url, users / "deploy.creds")

    (silent,) = looks(said)
    assert "did not do what it was asked (TimeoutError): look at its log" in silent
    assert "OK    nats-server" in said.output, "what was found out before is still said"
    assert said.exit_code == 1


@pytest.mark.parametrize("command", [["topology"], ["reporting", "rebuild"]])
def test_other_commands_end_in_the_same_sentence(doctor, without_streams, command):
    doctor(without_streams)

    said = CliRunner().invoke(app, command)

    assert said.exit_code == 1
    assert "did not do what it was asked" in said.output
    assert "Traceback" not in said.output
