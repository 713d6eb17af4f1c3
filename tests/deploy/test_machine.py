import shutil
import sys
from importlib.metadata import version

import pytest

from deploy.upkeep import machine


def said(findings, words):
    return next(one for one in findings if words in one.said)


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "requirements.lock"

    def write(text):
        path.write_text(text)
        return path

    return write


def test_packages_as_new_as_the_lock_are_well(lock):
    locked = lock(f"pydantic=={version('pydantic')} \\\n    --hash=sha256:00\n")

    assert said(machine.examine(None, locked), "packages").is_well


def test_a_package_older_than_the_lock_is_named(lock):
    locked = lock("pydantic==99.0.1 \\\n    --hash=sha256:00\n")

    finding = said(machine.examine(None, locked), "Older than")
    assert not finding.is_well
    assert f"pydantic {version('pydantic')}" in finding.said


def test_a_package_for_another_system_is_not_missed(lock):
    locked = lock("surely-not-installed==1.0 ; sys_platform == 'win32' \\\n")

    assert said(machine.examine(None, locked), "packages").is_well


def test_a_full_disk_is_said_before_it_stops_us(tmp_path, monkeypatch, lock):
    almost_full = shutil._ntuple_diskusage(total=10**12, used=10**12 - 10**6, free=10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: almost_full)

    finding = said(machine.examine(tmp_path / "var", lock("")), "free for")
    assert not finding.is_well
    assert "make room" in finding.said


def test_an_old_python_is_named(monkeypatch, lock):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))

    finding = said(machine.examine(None, lock("")), "Python")
    assert finding.said.startswith("Python 3.9 is too old")
