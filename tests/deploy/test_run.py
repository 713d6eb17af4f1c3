"""`parley run` as its user meets it: from the first start to Ctrl-C, and what can be in the way."""

import signal
import socket
import sqlite3
import subprocess
from contextlib import closing

import httpx
import psutil
import pytest

from deploy import local
from deploy.home import Home
from shared.plumbing import broker, migrations
from shared.plumbing.settings import CannotStart, Settings
from shared.plumbing.world import REAL
from tests.fixtures.patience import LONG, eventually
from tests.fixtures.system import RUN


def refer(system):
    """Send the example of the API's own description, as it stands."""
    described = httpx.get(f"{system.address}/referral/openapi.json").json()
    body = described["paths"]["/referral/api/referrals"]["post"]["requestBody"]
    (example, *_) = body["content"]["application/json"]["examples"].values()
    return httpx.post(
        f"{system.address}/referral/api/referrals",
        json=example["value"],
        headers={"Idempotency-Key": "the-same-every-time"},
    )


def test_it_serves_every_part_stops_well_and_goes_on_where_it_was(new_system):
    system = new_system()
    assert f"{system.address}/referral/cases" in system.tail(), "it says where to begin"
    staff = system.visitor()

    for page in ("/referral/cases", "/scheduling/", "/notifications/", "/reporting/", "/mailbox"):
        assert httpx.get(system.address + page).status_code == 303, page
        staff.open(page)
    assert httpx.get(f"{system.address}/").status_code == 200
    answer = refer(system)
    assert answer.status_code == 201, answer.text
    eventually(lambda: system.ready() == {})
    doctor = system.command("doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "LOOK" not in doctor.stdout
    assert "Everything is as the code says." in system.command("topology").stdout
    rebuilt = system.command("reporting", "rebuild").stdout
    assert "Counted again from" in rebuilt
    assert "No message was sent." in rebuilt

    family = psutil.Process(system.process.pid).children(recursive=True)
    system.process.send_signal(signal.SIGINT)
    assert system.process.wait(LONG) == 0
    assert f"Everything is kept in {system.home.root}" in system.tail()
    assert not any(child.is_running() for child in family)
    doctor = system.command("doctor")
    assert doctor.returncode == 1
    assert "LOOK  Parley is not running here: start it with `make run`." in doctor.stdout
    assert "1 thing to look at." in doctor.stdout

    system.start()
    assert refer(system).text == answer.text, "the same key is still answered the same"


def test_it_heals_what_dies_and_loses_nothing_when_it_is_killed_itself(new_system):
    system = new_system(PARLEY_SMTP_URL="smtp://127.0.0.1:1")
    assert "Mail goes to the mail server" in system.visitor().open("/mailbox").main

    gone = system.kill_nats()
    eventually(lambda: "broker_gone" in system.ready().get("referral", []))
    answer = refer(system)
    assert answer.status_code == 201, "work is taken in all the same"
    eventually(lambda: system.ready() == {})
    assert system.nats_pid() not in (None, gone)

    system.kill()
    system.start()
    assert refer(system).text == answer.text


def test_a_stop_while_it_is_still_starting_leaves_nothing(new_system):
    system = new_system(start=False)
    with subprocess.Popen(
        RUN, env=system._env(), cwd=system.folder, stderr=subprocess.PIPE, text=True
    ) as process:
        family = eventually(lambda: psutil.Process(process.pid).children())
        process.terminate()

        assert process.wait(LONG) == 130
        said = process.stderr.read()
    assert said.splitlines()[-1] == "Stopped."
    assert "Traceback" not in said
    psutil.wait_procs(family, LONG)
    assert not any(child.is_running() for child in family)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PARLEY_PORT": "eighty"}, "look at PARLEY_PORT"),
        ({"PARLEY_ENVIRONMENT": "staging", "PARLEY_PORT": "-1"}, "PARLEY_ENVIRONMENT, PARLEY_PORT"),
    ],
)
def test_a_setting_that_is_not_right_is_named_in_one_sentence(new_system, settings, words):
    (sentence,) = new_system(start=False).start_in_vain(**settings).strip().splitlines()

    assert words in sentence


async def refused(var, **settings):
    """Why a run in this folder does not start."""
    with pytest.raises(CannotStart) as why:
        await local.run(Settings(var=var, **{"port": 0, **settings}), print)
    return str(why.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"environment": "production"}, "unset PARLEY_ENVIRONMENT"),
        ({"host": "0.0.0.0"}, "unset PARLEY_ENVIRONMENT and PARLEY_HOST"),
    ],
)
async def test_it_is_for_one_machine_in_development_only(tmp_path, settings, words):
    assert words in await refused(tmp_path / "var", **settings)


async def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        assert f"Port {port} is taken" in await refused(tmp_path / "var", port=port)


async def test_a_second_run_in_the_same_folder_is_refused(tmp_path):
    home = Home(tmp_path / "var")
    home.make()

    with home.taken():
        assert "PARLEY_VAR" in await refused(home.root)


async def test_a_store_that_is_newer_than_the_code_is_left_alone(tmp_path):
    home = Home(tmp_path / "var")
    home.make()
    await migrations.upgrade(home.store_url("reporting"), "reporting")
    with closing(sqlite3.connect(home.stores / "reporting.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    sentence = await refused(home.root)

    assert "reporting" in sentence
    assert "newer version of Parley" in sentence


async def test_a_nats_server_that_outlived_its_run_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(broker, "LOCK_PATIENCE_SECONDS", 0.2)
    home = Home(tmp_path / "var")
    home.make()

    async with broker.running(home.nats, None, REAL.now()) as server:
        sentence = await refused(home.root)

    assert "nats-server of another run" in sentence
    assert str(server.pid) in sentence
