"""A disk whose power can be cut: a file system in a file, of which only what arrived is kept.

A process that is killed leaves what it wrote in the memory of the kernel, and the kernel writes
it out later. A power cut does not. The file behind a loop device holds exactly what was written
through to the "disk" so far: a copy of it is what a machine would find after the power came back.
It is as good as the disk is honest: what it was asked to keep, it keeps.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.fixtures import backends

WHAT = "power cuts"
SIZE = 192 * 1024 * 1024
NEEDED = ("mkfs.ext4", "mount", "umount", "losetup")


class Disk:
    """One disk, in use."""

    def __init__(self, image: Path, mounted: Path, stack: ExitStack) -> None:
        self.folder = mounted
        self._image = image
        self._stack = stack
        self._cuts = 0

    def after_a_power_cut(self) -> Path:
        """What would be found if the power failed now, on a disk of its own.

        Whoever writes is to be stopped dead first, so that it is one moment's view.
        """
        self._cuts += 1
        copy = self._image.with_name(f"after-cut-{self._cuts}.img")
        _run("cp", "--sparse=always", str(self._image), str(copy))
        return self._stack.enter_context(_mounted(copy))


@contextmanager
def a_disk(folder: Path) -> Iterator[Disk]:
    """An empty disk. Skips, and says so at the end, where none can be had."""
    _refuse_unless_possible()
    image = folder / "disk.img"
    with image.open("wb") as file:
        file.truncate(SIZE)
    _run("mkfs.ext4", "-q", "-F", str(image))
    with ExitStack() as stack:
        yield Disk(image, stack.enter_context(_mounted(image)), stack)


@contextmanager
def _mounted(image: Path) -> Iterator[Path]:
    place = image.with_suffix("")
    place.mkdir()
    try:
        _run("mount", "-o", "loop", str(image), str(place))
    except subprocess.CalledProcessError as error:
        _not_here(f"a file cannot be mounted here: {error.stderr.strip()}")
    try:
        yield place
    finally:
        # Lazily: whatever still has a file open must not keep the disk in the machine.
        _run("umount", "--lazy", str(place))


def _refuse_unless_possible() -> None:
    if os.geteuid() != 0:
        _not_here("only root may mount a file as a disk")
    missing = [name for name in NEEDED if shutil.which(name, path=_path()) is None]
    if missing:
        _not_here(f"{', '.join(missing)} is not installed")


def _not_here(why: str) -> None:
    backends.could_not_run(WHAT, why)
    pytest.skip(why)


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def _run(*command: str) -> None:
    subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "PATH": _path()}
    )
