"""The bytes that are hashed and signed: the same for the same row on every database, for ever.

Each begins with what it is and whose: an entry, a link or a head of one service can never pass
for one of another.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

COLUMNS = (
    "id",
    "at",
    "actor_id",
    "role",
    "verb",
    "referral_id",
    "case_id",
    "person_id",
    "fields",
    "purpose",
    "outcome",
    "reference",
)
"""Every column of an entry, in the order in which they are hashed. Never reordered: a new column
needs a new version of the digest."""


def digest_of(service: str, entry: Mapping[str, Any]) -> bytes:
    """What stands for one entry in the chain; `entry` has its columns by name."""
    told = json.dumps([_text(entry[name]) for name in COLUMNS], separators=(",", ":"))
    return _sha256("entry", service, told)


def first_hash(service: str) -> bytes:
    """What the first link is tied to."""
    return _sha256("begin", service)


def hash_of(service: str, n: int, prev: bytes, digest: bytes) -> bytes:
    """What ties link `n` to all before it."""
    return _sha256("link", service, str(n), prev.hex(), digest.hex())


def signed_text(service: str, n: int, head: bytes, at: datetime) -> bytes:
    """What is signed: so far the chain of this service had come by then."""
    return _joined("head", service, str(n), head.hex(), _moment(at))


def _text(value: object) -> str | None:
    if isinstance(value, datetime):
        return _moment(value)
    return str(value) if isinstance(value, UUID) else value  # type: ignore[return-value]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _joined(*parts: str) -> bytes:
    return json.dumps(["parley.audit.v1", *parts], separators=(",", ":")).encode()


def _sha256(*parts: str) -> bytes:
    return hashlib.sha256(_joined(*parts)).digest()
