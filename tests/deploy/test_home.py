import errno
import os
import socket
import stat
from pathlib import Path

import pytest

from deploy.home import Home, Run
from deploy.server import take_port
from shared.plumbing.settings import CannotStart


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "var")
    made.make()
    return made


def test_nobody_else_can_look_into_what_is_kept(home):
    for folder in (home.root, home.keys, home.stores):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.secret().stat().st_mode) == 0o600


def test_a_folder_that_was_open_to_others_is_closed_to_them(tmp_path):
    home = Home(tmp_path / "var")
    folders = (home.root, home.keys, home.stores, home.mailbox)
    for folder in folders:
        folder.mkdir(parents=True)
        folder.chmod(0o755)

    home.make()

    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_the_secret_is_on_the_disk_before_it_has_its_name(home, monkeypatch):
    steps = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (steps.append("written"), fsync(fd)))
    monkeypatch.setattr(
        Path, "replace", lambda path, to: (steps.append("named"), replace(path, to))
    )

    home.secret()

    assert steps[:2] == ["written", "named"]


def test_trouble_inside_a_run_is_not_taken_for_another_run(home):
    with pytest.raises(BlockingIOError), home.taken():
        raise BlockingIOError


def test_the_secret_is_made_once_and_stays(home):
    first = home.secret().read_text()

    assert len(first) == 64
    assert home.secret().read_text() == first


def test_a_second_run_on_the_same_folder_is_refused_and_told_of_the_first(home):
    with (
        home.taken(),
        home.told(Run(os.getpid(), "http://127.0.0.1:8000", "nats://127.0.0.1:1")),
        pytest.raises(CannotStart) as refused,
        Home(home.root).taken(),
    ):
        pass

    sentence = str(refused.value)
    assert f"process {os.getpid()}, http://127.0.0.1:8000" in sentence
    assert "PARLEY_VAR" in sentence


def test_after_a_run_has_ended_the_next_may_begin(home):
    with home.taken(), home.told(Run(1, "a", "b")):
        pass

    with home.taken():
        assert home.run() is None


def test_what_a_run_left_behind_when_it_was_cut_short_does_not_stop_the_next(home):
    (home.root / "run.json").write_text('{"pid": ')

    assert home.run() is None
    with home.taken():
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(CannotStart, match="PARLEY_VAR"):
        Home(tmp_path / "file" / "var").make()


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} is taken.*PARLEY_PORT"):
            take_port("127.0.0.1", port)


def test_a_port_that_was_just_given_up_can_be_taken_at_once():
    with take_port("127.0.0.1", 0) as port:
        number = port.getsockname()[1]

    with take_port("127.0.0.1", number):
        pass


def test_an_address_that_is_not_ours_is_not_called_a_taken_port():
    with pytest.raises(CannotStart) as refused:
        take_port("192.0.2.7", 0)

    sentence = str(refused.value)
    assert "taken" not in sentence
    assert os.strerror(errno.EADDRNOTAVAIL) in sentence
