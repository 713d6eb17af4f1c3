"""The file with the keys that wrap all other keys of one service; it lies outside the data volume.

Whoever has it and the store can read everything, so it is refused as soon as others could read
it. It is text, so that it can be printed and, one bad day, typed in again: each key carries four
bytes of its own digest, which a slip of the finger does not survive.
"""

import fcntl
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.plumbing.sealing.cipher import KEY_BYTES, kid_of, new_secret
from shared.plumbing.sealing.trouble import Code, KeysAway

MODE = 0o400
MOST_BYTES = 64 * 1024
MOST_KEYS = 32


@dataclass(frozen=True)
class NumberedKey:
    """One key that wraps others."""

    secret: bytes = field(repr=False)
    made_at: datetime

    @property
    def kid(self) -> bytes:
        return kid_of(self.secret)


@dataclass(frozen=True)
class KeyFile:
    """What one service's key file holds."""

    service: str
    index: bytes = field(repr=False)
    """What the keys of the blind indexes are derived from; it stays when others are rotated."""
    keys: tuple[NumberedKey, ...]
    """Newest first; more than one while data keys are wrapped anew."""

    def rotated(self, now: datetime) -> "KeyFile":
        """With a new key before the others."""
        return replace(self, keys=(NumberedKey(new_secret(), now), *self.keys))

    def without(self, kid: bytes) -> "KeyFile":
        return replace(self, keys=tuple(key for key in self.keys if key.kid != kid))


def path_of(folder: Path, service: str) -> Path:
    return folder / f"{service}.keys"


def made(service: str, now: datetime) -> KeyFile:
    """Keys nobody has used before."""
    return KeyFile(service, new_secret(), (NumberedKey(new_secret(), now),))


def load(path: Path, service: str, data: Path | None = None) -> KeyFile:
    """Read and check a key file. Raises KeysAway, with one sentence that says what to do.

    `data` is where the store lies: given in production, the file must be on another volume.
    """
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            _refuse_unless_private(path, about)
            if data is not None and about.st_dev == data.stat().st_dev:
                raise _away(
                    "keys_refused",
                    f"{path} lies on the same volume as the store: move it to another one, and "
                    "set PARLEY_KEYS to its folder.",
                )
            text = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise _away(
            "keys_missing",
            f"There is no key file {path}: run `parley init` if there never was one, or put back "
            "the copy you keep apart.",
        ) from None
    except OSError as error:
        raise _away("keys_missing", f"{path} cannot be read: {error.strerror}.") from None
    return _parsed(path, text, service)


def save(path: Path, keys: KeyFile) -> None:
    """Write the file through to the disk, whole or not at all, for its owner's eyes alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    with os.fdopen(descriptor, "w") as file:
        file.write(written(keys))
        file.flush()
        os.fsync(file.fileno())  # a key must not be lost that something was sealed with
    unfinished.replace(path)
    _keep_names(path.parent)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only one who changes key files in this folder: two changes at once would lose one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def written(keys: KeyFile) -> str:
    """The text of the file, which is also what the recovery sheet shows."""
    shown = {
        "parley-keys": 1,
        "service": keys.service,
        "index": {"check": kid_of(keys.index).hex(), "secret": keys.index.hex()},
        "keys": [
            {"kid": one.kid.hex(), "secret": one.secret.hex(), "made_at": one.made_at.isoformat()}
            for one in keys.keys
        ],
    }
    return json.dumps(shown, indent=1) + "\n"


def _refuse_unless_private(path: Path, about: os.stat_result) -> None:
    if not stat.S_ISREG(about.st_mode):
        raise _away("keys_refused", f"{path} is not a file.")
    if about.st_mode & 0o077:
        raise _away(
            "keys_refused",
            f"{path} can be read by others than its owner: `chmod 0400` it, and think about who "
            "may have read it.",
        )


def _parsed(path: Path, text: bytes, service: str) -> KeyFile:
    try:
        found = json.loads(text)
        keys = KeyFile(
            service=str(found["service"]),
            index=_secret(found["index"], "check"),
            keys=tuple(
                NumberedKey(_secret(one, "kid"), datetime.fromisoformat(one["made_at"]))
                for one in found["keys"]
            ),
        )
        fits = found["parley-keys"] == 1 and 1 <= len(keys.keys) <= MOST_KEYS
        if not fits or any(one.made_at.utcoffset() is None for one in keys.keys):
            raise ValueError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _away(
            "keys_refused",
            f"{path} is not a whole key file: put back the copy you keep apart.",
        ) from None
    if keys.service != service:
        raise _away("keys_refused", f"{path} is the key file of another service.")
    return keys


def _secret(found: Mapping[str, Any], check: str) -> bytes:
    secret = bytes.fromhex(found["secret"])
    if len(secret) != KEY_BYTES or kid_of(secret).hex() != found[check]:
        raise ValueError
    return secret


def _away(code: Code, hint: str) -> KeysAway:
    why = {
        "keys_missing": "the keys of this service are missing.",
        "keys_refused": "the key file of this service is refused.",
    }
    return KeysAway(code, why[code], hint)


def _keep_names(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
