"""Blind indexes: finding an exact value without storing anything that can be read.

A keyed digest (HMAC-SHA-256, its first 16 bytes) of the value in its one usual form. Without the
key even a telephone number, of which there are few enough to try them all, stays unknown. Equal
values have equal digests: that is what they are for, and all they give away.
"""

import hashlib
import hmac
import unicodedata
from datetime import date

from shared.plumbing.sealing.keyring import Keyring

INDEX_BYTES = 16

_FORM = "v1"


def index(keyring: Keyring, field: str, normal: str) -> bytes:
    """The digest of a value that is already in its usual form. Raises KeysAway."""
    said = f"{_FORM}|{field}|{normal}".encode()
    return hmac.digest(keyring.index_key(field), said, hashlib.sha256)[:INDEX_BYTES]


def phone(keyring: Keyring, number: str) -> bytes:
    """Of a telephone number as E.164."""
    return index(keyring, "phone", number)


def email(keyring: Keyring, address: str) -> bytes:
    """Of an email address; capital letters make no difference."""
    return index(keyring, "email", unicodedata.normalize("NFKC", address.strip()).casefold())


def born(keyring: Keyring, name: str, day: date) -> bytes:
    """Of a name together with a date of birth."""
    return index(keyring, "born", f"{name_key(name)}|{day.isoformat()}")


def name_key(name: str) -> str:
    """A name without what people write differently: accents, capitals, signs, the words' order."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(
        one if one.isalnum() else " " for one in plain if not unicodedata.combining(one)
    )
    return " ".join(sorted(letters.split()))
