"""The key with which a service signs its audit, and the public halves that prove it.

`<service>.audit.key` holds the seed, readable by its owner alone; `<service>.audit.pub` one line
for each key there ever was, so that old heads stay provable. Copy the second to wherever the
audit shall be verified.
"""

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from shared.plumbing.settings import CannotStart

KEY_ID_LENGTH = 16


@dataclass(frozen=True, repr=False)
class SigningKey:
    """One service's key."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        return key_id(self.public)

    def sign(self, text: bytes) -> bytes:
        return self.private.sign(text)


PublicKeys = Mapping[str, Ed25519PublicKey]
"""Every public key of a service, by its id."""


def key_id(public: bytes) -> str:
    """The name of a key, worked out from its public half."""
    return hashlib.sha256(public).hexdigest()[:KEY_ID_LENGTH]


def signing_key(folder: Path, service: str, *, make: bool) -> SigningKey:
    """The service's key, made first where there is none and `make` is set.

    Raises CannotStart where there is none, or it is no key, or others can read it.
    """
    path = folder / f"{service}.audit.key"
    try:
        if make and not path.exists():
            make_key(folder, service)
        seed = _read(path, service)
        key = SigningKey(Ed25519PrivateKey.from_private_bytes(seed))
        _note_public(folder, service, key)
    except FileNotFoundError:
        raise CannotStart(
            f"The key with which {service} signs its audit is not in {folder}: put it back, or "
            "make one with `parley audit make-keys`."
        ) from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no key"
        raise CannotStart(f"Cannot use {path} ({why}): put the right file back.") from None
    return key


def make_key(folder: Path, service: str) -> bool:
    """Make the key unless there is one. Two that start at once end with the same."""
    path = folder / f"{service}.audit.key"
    if path.exists():
        return False
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    seed = Ed25519PrivateKey.generate().private_bytes_raw().hex()
    unfinished = folder / f"{service}.audit.key.{os.getpid()}"
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{seed}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)  # unlike a rename, leaves alone what is there already
    except FileExistsError:
        return False
    finally:
        unfinished.unlink()
    return True


def public_keys(folder: Path, service: str) -> dict[str, Ed25519PublicKey]:
    """The public keys in the folder; none where nobody has put any there.

    Raises ValueError for a file that holds something else.
    """
    path = folder / f"{service}.audit.pub"
    if not path.exists():
        return {}
    lines = [line.split() for line in path.read_text().splitlines() if line.strip()]
    publics = [bytes.fromhex(line[-1]) for line in lines]
    return {key_id(one): Ed25519PublicKey.from_public_bytes(one) for one in publics}


def is_signed(publics: PublicKeys, key: str, signature: bytes, text: bytes) -> bool:
    """Whether the key of this name, which must be known, has signed this."""
    public = publics.get(key)
    if public is None:
        return False
    try:
        public.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _read(path: Path, service: str) -> bytes:
    with path.open() as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise CannotStart(
                f"Others can read the key with which {service} signs its audit: "
                f"chmod 0400 {path}, and make a new key if anybody may have copied it."
            )
        seed = bytes.fromhex(file.read().strip())
    if len(seed) != 32:
        raise ValueError("not 32 bytes")
    return seed


def _note_public(folder: Path, service: str, key: SigningKey) -> None:
    if key.id in public_keys(folder, service):
        return
    line = f"{key.id} {key.public.hex()}\n".encode()
    path = folder / f"{service}.audit.pub"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, line)  # whole, or not at all: two that start write two lines
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
