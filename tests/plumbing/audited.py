"""An audit in a shop's store, and somebody who may do everything to that store."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import insert, select, text

from shared.plumbing import audit
from shared.plumbing.audit.anchors import Anchor
from shared.plumbing.audit.canonical import digest_of, first_hash, hash_of
from shared.plumbing.audit.chain import Chain, Head
from shared.plumbing.audit.keys import SigningKey
from shared.plumbing.audit.report import Report
from shared.plumbing.audit.verifying import verify
from shared.plumbing.audit_tables import KEYS
from shared.plumbing.database import Database

KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
ANOTHER_KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
PUBLICS = {KEY.id: Ed25519PublicKey.from_public_bytes(KEY.public)}


def an_entry(**changes: object) -> audit.Entry:
    usual = {"verb": audit.Verb.CONSULTATION, "purpose": "case_page", "fields": ("name",)}
    return audit.Entry(**{**usual, **changes})


async def write(store: Database, count: int = 3) -> None:
    """So many looks, each in a transaction of its own."""
    for _ in range(count):
        async with store.transaction() as session:
            await audit.record(session, an_entry(person_id=session.new_id()))


async def keep(store: Database, key: SigningKey = KEY) -> Head | None:
    """What the leader does every few seconds."""
    chain = Chain(store, key)
    await chain.link()
    return await chain.sign()


async def kept(store: Database, rounds: int = 3) -> list[Head]:
    """Some rounds of looks, each linked and signed: what lies outside the store afterwards."""
    heads = []
    for _ in range(rounds):
        await write(store)
        heads.append(await keep(store))
    return [head for head in heads if head is not None]


async def anchored(heads: Iterable[Head]) -> AsyncIterator[Anchor]:
    for seq, head in enumerate(heads, 1):
        yield Anchor(seq, head)


async def looked_at(store: Database, heads: Iterable[Head] | None = None) -> Report:
    return await verify(store, PUBLICS, None if heads is None else anchored(heads))


@asynccontextmanager
async def unguarded(store: Database):
    """A session of somebody with every right, who has taken the guards away first."""
    async with store.transaction() as session:
        for table in KEYS:
            if store.dialect == "postgresql":
                await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
            else:
                for what in ("update", "delete", "replace"):
                    await session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{what}"))
        yield session


async def rewrite(store: Database, key: SigningKey | None) -> None:
    """Change the first entry and make the whole chain anew, as the product itself would.

    With a key everything is signed anew too; without one the old signatures are left out.
    """
    tables, service = store.schema.tables.audit, store.schema.name
    async with unguarded(store) as session:
        links = (await session.execute(select(tables.link).order_by(tables.link.c.n))).all()
        await session.execute(
            tables.entry.update()
            .where(tables.entry.c.id == links[0].entry_id)
            .values(purpose="harmless")
        )
        for table in (tables.link, tables.head, tables.anchor):
            await session.execute(table.delete())
        prev = first_hash(service)
        for link in links:
            row = (
                await session.execute(
                    select(tables.entry).where(tables.entry.c.id == link.entry_id)
                )
            ).one()
            digest = digest_of(service, row._asdict())
            before, prev = prev, hash_of(service, link.n, prev, digest)
            made = {"n": link.n, "entry_id": row.id, "digest": digest, "prev": before, "hash": prev}
            await session.execute(insert(tables.link), made)
    if key is not None:
        await Chain(store, key).sign()
