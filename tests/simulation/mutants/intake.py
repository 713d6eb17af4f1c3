"""Mistakes in how a referral that is sent twice is taken in."""

from services.referral.routes import api
from shared.plumbing import idempotency
from shared.plumbing.database import Session
from shared.plumbing.idempotency import Remembered
from tests.simulation.mutants.planting import mutant, nothing

_remembered, _remember = idempotency.remembered, idempotency.remember


async def _whatever_the_body(session: Session, key: str, _: bytes) -> Remembered | None:
    table = session.schema.tables.idempotency_key
    digest = idempotency._digest(session, key)
    row = (await session.execute(table.select().where(table.c.key_digest == digest))).first()
    return None if row is None else Remembered(row.status, row.body)


async def _by_body(session: Session, _: str, fingerprint: bytes) -> Remembered | None:
    return await _remembered(session, fingerprint.hex(), fingerprint)


async def _remember_by_body(
    session: Session, _: str, fingerprint: bytes, status: int, body: bytes
) -> None:
    await _remember(session, fingerprint.hex(), fingerprint, status, body)


async def _in_another_transaction(
    session: Session, key: str, fingerprint: bytes, status: int, body: bytes
) -> None:
    """Remember the answer before what is answered is stored."""
    await session.rollback()
    await _remember(session, key, fingerprint, status, body)


MUTANTS = (
    mutant("no idempotency key", (api, "remembered", nothing), (api, "remember", nothing)),
    mutant("the same key with another body is let in", (api, "remembered", _whatever_the_body)),
    mutant(
        "the same body is the same referral",
        (api, "remembered", _by_body),
        (api, "remember", _remember_by_body),
    ),
    mutant(
        "the answer is kept and the referral is not", (api, "remember", _in_another_transaction)
    ),
)
