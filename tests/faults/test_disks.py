"""The disk whose power is cut keeps what it was asked to keep, and nothing else."""

import os
from pathlib import Path

import pytest

from tests.faults.disks import a_disk
from tests.fixtures import backends


def test_what_was_written_through_is_there_and_what_was_only_written_is_not(tmp_path: Path):
    with a_disk(tmp_path) as disk:
        with (disk.folder / "careful").open("w") as file:
            file.write("kept")
            file.flush()
            os.fsync(file.fileno())
        (disk.folder / "careless").write_text("written, and no more")

        found = disk.after_a_power_cut()

        assert (found / "careful").read_text() == "kept"
        assert not (found / "careless").exists()
        assert (disk.folder / "careless").exists()


def test_where_no_disk_can_be_had_the_run_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backends, "_MISSING", {})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(pytest.skip.Exception, match="only root"), a_disk(tmp_path):
        pass

    assert "NOT RUN: power cuts: only root may mount a file as a disk" in list(backends.lines())
