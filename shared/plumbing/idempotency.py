"""The same request with the same key is answered the same, and acted on once.

Nothing of the request is kept: of the key only a digest, of the request only a salted one, which
no list of likely requests can be compared with at once; and what was answered holds only ids.
"""

import hashlib
import hmac
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Insert, LargeBinary, Select, bindparam, delete, func, insert, literal, select

from shared.contracts.refusal import Refusal
from shared.plumbing.database import Schema, Session


class KeyReused(Refusal):
    """The key came before, with another request."""


@dataclass(frozen=True)
class Remembered:
    """What the first request with this key was answered."""

    status: int
    body: bytes


async def remembered(session: Session, key: str, fingerprint: bytes) -> Remembered | None:
    """The answer given before to this request with this key; None when the key is new.

    `fingerprint` is a digest of the whole request (`fingerprint_of`). A second request with the
    same key waits here until the first is committed or gone. Raises KeyReused when the key came
    with another request.
    """
    digest = _digest(session, key)
    await session.lock(f"idempotency:{digest.hex()}")
    finding, _ = _statements(session.schema)
    row = (await session.execute(finding, {"wanted": digest})).first()
    if row is None:
        return None
    if not hmac.compare_digest(row.fingerprint, _salted(row.salt, fingerprint)):
        raise KeyReused("This Idempotency-Key was used before, with a different request.")
    return Remembered(status=row.status, body=row.body)


async def remember(
    session: Session, key: str, fingerprint: bytes, status: int, body: bytes
) -> None:
    """Store the answer in the transaction of what was done. `body` must hold only ids."""
    salt = session.new_id().bytes
    row = {
        "key_digest": _digest(session, key),
        "salt": salt,
        "fingerprint": _salted(salt, fingerprint),
        "status": status,
        "body": body,
        "remembered_at": session.now(),
    }
    _, adding = _statements(session.schema)
    await session.change(adding, row)


async def forget(session: Session, *named: bytes) -> None:
    """Drop every answer in which one of these stands, with what is left of its request.

    A digest with its salt beside it still says whether a guess of somebody's details is right.
    """
    table = session.schema.tables.idempotency_key
    for one in named:
        if session.database.dialect == "sqlite":
            place = func.instr(table.c.body, one)
        else:
            place = func.position(literal(one, LargeBinary).op("IN")(table.c.body))
        await session.execute(delete(table).where(place > 0))


def fingerprint_of(*parts: bytes) -> bytes:
    """A digest of a request: its method, its path and its body, for instance."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


@cache
def _statements(schema: Schema) -> tuple[Select[Any], Insert]:
    """One that finds a key and one that adds one, made once for each store."""
    table = schema.tables.idempotency_key
    return select(table).where(table.c.key_digest == bindparam("wanted")), insert(table)


def _digest(session: Session, key: str) -> bytes:
    return hashlib.sha256(f"{session.schema.name}\0{key}".encode()).digest()


def _salted(salt: bytes, fingerprint: bytes) -> bytes:
    return hmac.new(salt, fingerprint, hashlib.sha256).digest()
