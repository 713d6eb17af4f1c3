"""NATS JWTs: who vouches for whom, signed with Ed25519 keys the server knows how to check."""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import nkeys

Claims = dict[str, Any]

_HEADER = {"typ": "JWT", "alg": "ed25519-nkey"}

KINDS = {
    "operator": nkeys.PREFIX_BYTE_OPERATOR,
    "account": nkeys.PREFIX_BYTE_ACCOUNT,
    "user": nkeys.PREFIX_BYTE_USER,
}


@dataclass(frozen=True, repr=False)
class Key:
    """A key pair; its seed is a secret and must be kept in a file only its owner can read."""

    seed: bytes

    @classmethod
    def new(cls, kind: str) -> "Key":
        """A key of a kind in KINDS, from the operating system's own chance."""
        return cls(nkeys.encode_seed(os.urandom(32), KINDS[kind]))

    @property
    def public(self) -> str:
        """The name under which everybody knows this key."""
        return str(nkeys.from_seed(self.seed).public_key.decode())

    def sign(self, text: bytes) -> bytes:
        return bytes(nkeys.from_seed(self.seed).sign(text))


def token(name: str, subject: str, issuer: Key, nats: Mapping[str, Any], now: datetime) -> str:
    """A JWT in which `issuer` says what `subject`, a public key, is and may do."""
    claims: Claims = {
        "iat": int(now.timestamp()),
        "iss": issuer.public,
        "name": name,
        "sub": subject,
        "nats": {**nats, "version": 2},
    }
    claims["jti"] = base64.b32encode(hashlib.sha256(_json(claims)).digest()).decode().rstrip("=")
    text = f"{_base64(_json(_HEADER))}.{_base64(_json(claims))}"
    return f"{text}.{_base64(issuer.sign(text.encode()))}"


def claims_of(jwt: str) -> Claims:
    """What a JWT says. Whether it is signed well is for the server to check."""
    middle = jwt.split(".")[1]
    claims: Claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return claims


def says_the_same(one: str, other: str) -> bool:
    """Whether two JWTs differ in nothing but when they were made."""
    timeless = [
        {name: value for name, value in claims_of(jwt).items() if name not in ("iat", "jti")}
        for jwt in (one, other)
    ]
    return timeless[0] == timeless[1]


def credentials(jwt: str, key: Key) -> str:
    """A user's JWT and key in the form every NATS client reads."""
    return (
        f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{key.seed.decode()}\n------END USER NKEY SEED------\n"
    )


def from_credentials(text: str) -> tuple[str, Key]:
    """The JWT and the key in a credentials file."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    jwt = lines[next(n for n, line in enumerate(lines) if "BEGIN NATS USER JWT" in line) + 1]
    seed = lines[next(n for n, line in enumerate(lines) if "BEGIN USER NKEY SEED" in line) + 1]
    return jwt, Key(seed.encode())


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
