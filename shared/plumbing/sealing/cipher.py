"""AES-256-GCM-SIV, and the one form in which anything sealed is stored.

0x01 || kid (4) || nonce (12) || ciphertext and tag (16). What is sealed is padded first, so that
its length says no more than which bucket it is in.
"""

import hashlib
import os
import struct
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from shared.plumbing.columns import Blob
from shared.plumbing.sealing.trouble import Damaged
from shared.plumbing.settings import CannotStart

FORM: Final = b"\x01"
KEY_BYTES: Final = 32
KID_BYTES: Final = 4
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
HEAD_BYTES: Final = len(FORM) + KID_BYTES + NONCE_BYTES
SHORTEST: Final = HEAD_BYTES + TAG_BYTES

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True)
class Key:
    """A key and the four bytes by which a blob says that it was sealed with it."""

    kid: bytes
    cipher: AESGCMSIV = field(repr=False, compare=False)

    @classmethod
    def of(cls, secret: bytes) -> "Key":
        return cls(kid_of(secret), AESGCMSIV(secret))


def kid_of(secret: bytes) -> bytes:
    """A key's own mark: another key under the same mark is noticed before it is used."""
    return hashlib.sha256(b"parley kid|" + secret).digest()[:KID_BYTES]


def new_secret() -> bytes:
    return os.urandom(KEY_BYTES)


def seal(key: Key, plain: bytes, about: bytes) -> Blob:
    """Seal bytes; they open only with the same key and for the same `about`."""
    nonce = os.urandom(NONCE_BYTES)
    return Blob(FORM + key.kid + nonce + key.cipher.encrypt(nonce, plain, about))


def open_(key: Key, blob: bytes, about: bytes) -> bytes:
    """The bytes that were sealed. Raises Damaged when one bit, the key or the place differs."""
    if len(blob) < SHORTEST or blob[:1] != FORM or kid_in(blob) != key.kid:
        raise Damaged
    nonce = blob[len(FORM) + KID_BYTES : HEAD_BYTES]
    try:
        return key.cipher.decrypt(nonce, blob[HEAD_BYTES:], about)
    except InvalidTag:
        raise Damaged from None


def kid_in(blob: bytes) -> bytes:
    """The mark of the key a blob says it was sealed with."""
    return blob[len(FORM) : len(FORM) + KID_BYTES]


def padded(plain: bytes, bucket: int) -> bytes:
    """The bytes with their length before them, filled up to a whole number of buckets."""
    whole = _LENGTH.pack(len(plain)) + plain
    return whole + bytes(-len(whole) % bucket)


def unpadded(whole: bytes) -> bytes:
    """What was padded. Raises Damaged where the length cannot be right."""
    if len(whole) < _LENGTH.size:
        raise Damaged
    (length,) = _LENGTH.unpack_from(whole)
    if length > len(whole) - _LENGTH.size:
        raise Damaged
    return whole[_LENGTH.size : _LENGTH.size + length]


def self_test() -> None:
    """Prove the cipher on a known answer (RFC 8452, C.2). Raises CannotStart; never falls back."""
    key = bytes.fromhex("01" + "00" * 31)
    nonce = bytes.fromhex("03" + "00" * 11)
    wanted = bytes.fromhex("c2ef328e5c71c83b843122130f7364b761e0b97427e3df28")
    try:
        found = AESGCMSIV(key).encrypt(nonce, bytes.fromhex("0100000000000000"), b"")
    except UnsupportedAlgorithm:
        found = b""
    if found != wanted:
        raise CannotStart(
            "The installed `cryptography` cannot do AES-256-GCM-SIV, which keeps personal data "
            "sealed: install it as a wheel, as requirements.lock says."
        )
