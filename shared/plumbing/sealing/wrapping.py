"""Wrapping one key with another: what a key management service could do in place of a file."""

import os
from pathlib import Path
from typing import Protocol

from shared.plumbing.sealing import cipher, keyfile
from shared.plumbing.sealing.keyfile import KeyFile
from shared.plumbing.sealing.trouble import KeysAway


class KeyWrapper(Protocol):
    """What keeps the keys that wrap the keys of people. Every call raises KeysAway where it cannot.

    Called inside transactions, so it must not wait for a network: one that stands before a key
    management service has that unwrap a key of its own, at the start and then every few minutes,
    and wraps with it in memory.
    """

    def current_kid(self) -> bytes:
        """The mark of the key that wraps from now on."""

    def kids(self) -> tuple[bytes, ...]:
        """The marks of all keys that can unwrap."""

    def wrap(self, secret: bytes, about: bytes) -> bytes:
        """Wrap a key for one purpose; the result tells by which kid (`cipher.kid_in`)."""

    def unwrap(self, wrapped: bytes, about: bytes) -> bytes:
        """The key again. Raises Damaged where it was wrapped for another purpose."""

    def rewrap(self, wrapped: bytes, about: bytes) -> bytes:
        """Wrap what was wrapped anew, with the current key."""

    def index_secret(self) -> bytes:
        """What the keys of the blind indexes are derived from."""


class FileWrapper:
    """Wraps with the keys in a file, which is read again as soon as it has changed."""

    def __init__(self, path: Path, service: str, data: Path | None = None) -> None:
        self.path = path
        self._service = service
        self._data = data
        self._seen: tuple[int, ...] = ()
        self._file: KeyFile | None = None
        self._keys: dict[bytes, cipher.Key] = {}

    def current_kid(self) -> bytes:
        return self.kids()[0]

    def kids(self) -> tuple[bytes, ...]:
        self.read()
        return tuple(self._keys)  # in the order of the file

    def wrap(self, secret: bytes, about: bytes) -> bytes:
        kid = self.current_kid()  # reads the file, and the keys with it
        return cipher.seal(self._keys[kid], secret, about)

    def unwrap(self, wrapped: bytes, about: bytes) -> bytes:
        self.read()
        key = self._keys.get(cipher.kid_in(wrapped))
        if key is None:
            raise wrong_keys()
        return cipher.open_(key, wrapped, about)

    def rewrap(self, wrapped: bytes, about: bytes) -> bytes:
        return self.wrap(self.unwrap(wrapped, about), about)

    def index_secret(self) -> bytes:
        return self.read().index

    def read(self) -> KeyFile:
        """The file as it is now; asking costs one look at its date. Raises KeysAway."""
        try:
            seen = _signs(os.stat(self.path))
        except OSError:
            seen = ()
        if self._file is None or not seen or seen != self._seen:
            self._file = None  # whatever was there is not to be used when this fails
            self._file = keyfile.load(self.path, self._service, self._data)
            self._take_over(self._file)
            self._seen = seen
        return self._file

    def _take_over(self, file: KeyFile) -> None:
        """Use these keys. Raises KeysAway when none of those before is among them.

        A rotation keeps the keys before it: a file that does not is another store's.
        """
        keys = {one.kid: cipher.Key.of(one.secret) for one in file.keys}
        if self._keys and not self._keys.keys() & keys.keys():
            self._file = None
            raise wrong_keys()
        self._keys = keys


class NoWrapper:
    """In place of keys that nobody said where to find."""

    HINT = "Say where the key files are: set PARLEY_KEYS, and run `parley init` if there are none."

    def current_kid(self) -> bytes:
        raise self._away()

    def kids(self) -> tuple[bytes, ...]:
        raise self._away()

    def wrap(self, secret: bytes, about: bytes) -> bytes:
        raise self._away()

    def unwrap(self, wrapped: bytes, about: bytes) -> bytes:
        raise self._away()

    def rewrap(self, wrapped: bytes, about: bytes) -> bytes:
        raise self._away()

    def index_secret(self) -> bytes:
        raise self._away()

    def _away(self) -> KeysAway:
        return KeysAway("keys_missing", "the keys of this service are missing.", self.HINT)


def _signs(file: os.stat_result) -> tuple[int, ...]:
    return (file.st_ino, file.st_dev, file.st_size, file.st_mtime_ns, file.st_mode)


def wrong_keys() -> KeysAway:
    return KeysAway(
        "keys_wrong",
        "it was sealed with a key this service does not have.",
        "The key file does not hold the keys this store was sealed with: put back the one that "
        "belongs to it.",
    )
