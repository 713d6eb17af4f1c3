"""A file of what a store must not forget, even when it is put back from an older copy.

One line for each thing: an id, a day and a coded word, and a few characters by which a line that
was cut or changed is known. Lines are only ever added. A line is on the disk before the change it
is about is committed: a crash in between leaves a line for something that is then done at the next
start, and never a change without its line.

It lies outside the data volume, so that putting the stores back does not put it back.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from shared.contracts.refusal import Refusal
from shared.plumbing.crash import crash_point
from shared.plumbing.settings import CannotStart

MODE = 0o600
CODE = re.compile(r"[a-z][a-z_]{0,19}")

CUT = "cut"
"""Closes what a crash left of a line."""


class NotWrittenDown(Refusal):
    """The ledger cannot be written: what should have been in it was not done."""

    status: ClassVar[int] = 503


@dataclass(frozen=True)
class Line:
    """One thing that must not be forgotten."""

    subject: UUID
    on: date
    code: str

    def __post_init__(self) -> None:
        """Refuse what is no code: nothing that names anybody gets in."""
        if CODE.fullmatch(self.code) is None:
            raise ValueError("the ledger takes coded words only")

    def written(self) -> str:
        said = f"{self.subject} {self.on.isoformat()} {self.code}"
        return f"{said} {_check(said)}"


class Ledger:
    """One file, used by every process of a service alike."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Line]:
        """Every line, in order; none where there is no file yet.

        Raises CannotStart for a file that cannot be read or was changed.
        """
        try:
            text = self.path.read_text()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError):
            raise CannotStart(f"{self.path} cannot be read: {_TO_DO}") from None
        *whole, _unfinished = text.split("\n")
        return [self._parsed(one) for one in whole if one and not one.endswith(f" {CUT}")]

    def append(self, lines: Iterable[Line]) -> None:
        """Add lines, and return once they are on the disk. Raises NotWrittenDown."""
        added = "".join(f"{line.written()}\n" for line in lines)
        if not added:
            return
        try:
            self._append(added.encode())
        except OSError:
            raise NotWrittenDown(
                "This has to be written down outside the store first, and that is not possible "
                "just now. So nothing was done. Tell whoever looks after Parley."
            ) from None
        crash_point("ledger.after_append")

    def _append(self, added: bytes) -> None:
        is_new = not self.path.exists()
        if is_new:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(self.path, flags, MODE)
        with os.fdopen(descriptor, "ab", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                added = f" {CUT}\n".encode() + added
            if file.write(added) != len(added):
                raise OSError("the disk is full")
            os.fsync(descriptor)
        if is_new:
            _keep_names(self.path.parent)

    def _parsed(self, written: str) -> Line:
        said, _, check = written.rpartition(" ")
        if check != _check(said):
            raise CannotStart(f"{self.path} was changed: {_TO_DO}")
        subject, on, code = said.split(" ")
        return Line(UUID(subject), date.fromisoformat(on), code)


_TO_DO = "put back the copy you keep of it, for without it somebody may come back who was erased."


def _check(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def _keep_names(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
