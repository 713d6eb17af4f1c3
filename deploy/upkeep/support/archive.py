"""The file: for its owner alone, and never in place of another."""

import os
import tarfile
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path

from shared.plumbing.settings import CannotStart

FOLDER = "parley-support"


def write(path: Path, parts: Mapping[str, bytes], now: datetime) -> int:
    """Write the parts into a new file that nobody else can read; its size in bytes.

    Raises CannotStart where there is a file of that name already, or none can be made.
    """
    packed = _packed(parts, now)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CannotStart(f"{path} is there already: say another name.") from None
    except OSError as error:
        raise CannotStart(
            f"{path} cannot be written ({error.strerror}): say another name."
        ) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(packed)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)  # half a bundle would be taken for a whole one
        raise CannotStart(f"{path} cannot be written ({error.strerror}): make room.") from None
    return len(packed)


def _packed(parts: Mapping[str, bytes], now: datetime) -> bytes:
    """Owners and modes of this machine are left out: a user's name may be a person's."""
    whole = BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for name, content in parts.items():
            member = tarfile.TarInfo(f"{FOLDER}/{name}")
            member.size, member.mtime, member.mode = len(content), int(now.timestamp()), 0o600
            archive.addfile(member, BytesIO(content))
    return whole.getvalue()
