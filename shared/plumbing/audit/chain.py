"""Ties entries together in one order, and signs how far that has come.

An entry's id is given before its commit, so a lower one can appear later. It is linked when it
appears, behind what is linked already: the order of the chain is that of the linking, and never
changes. Two that link at once wait for each other, or fail whole and try again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, insert, select

from shared.plumbing.audit.canonical import digest_of, first_hash, hash_of, signed_text
from shared.plumbing.audit.keys import SigningKey
from shared.plumbing.crash import crash_point
from shared.plumbing.database import Database, Session

AT_ONCE = 500
"""How many entries are linked in one transaction."""

LATE = timedelta(minutes=15)
"""How far back it is looked for entries that appeared late. No transaction lasts nearly so long;
what came with a wrong clock is found when somebody begins to lead, and once a day."""

LOCK = "audit-chain"


class Rewritten(Exception):
    """A link this process has signed is not there any more, or is another one."""


@dataclass(frozen=True)
class Head:
    """So far the chain had come at a moment, and whose word that is."""

    n: int
    hash: bytes
    at: datetime
    key_id: str
    signature: bytes


class Chain:
    """One service's chain, made longer by whoever leads."""

    def __init__(self, database: Database, key: SigningKey) -> None:
        self._database = database
        self._service = database.schema.name
        self._tables = database.schema.tables.audit
        self._key = key
        self._signed: tuple[int, bytes] | None = None
        """The link signed last by this process."""
        self._looked_at_all = False

    def look_at_all(self) -> None:
        """Look for entries without a link everywhere, the next time."""
        self._looked_at_all = False

    async def link(self) -> int:
        """Link every entry that is committed and not linked yet; how many these were.

        A crash leaves whole links behind, or none of this time.
        """
        linked = 0
        while True:
            waiting = self._waiting(self._since())
            async with self._database.reading() as session:  # most often there is nothing to do
                if (await session.execute(waiting.limit(1))).first() is None:
                    self._looked_at_all = True
                    return linked
            async with self._database.transaction() as session:
                linked += await self._link_some(session, waiting)
            crash_point("audit.after_link")

    def _since(self) -> UUID:
        """The lowest id looked at: ids begin with the time at which they were given."""
        if not self._looked_at_all:
            return UUID(int=0)
        began = self._database.world.now() - LATE
        return UUID(int=max(0, int(began.timestamp() * 1000)) << 80)

    def _waiting(self, since: UUID) -> Select[Any]:
        entry, link = self._tables.entry, self._tables.link
        is_linked = exists().where(link.c.entry_id == entry.c.id)
        return select(entry).where(entry.c.id >= since, ~is_linked).order_by(entry.c.id)

    async def _link_some(self, session: Session, waiting: Select[Any]) -> int:
        await session.lock(LOCK)
        n, prev = await last_link(session)
        links = []
        for entry in await _rows(session, waiting.limit(AT_ONCE)):
            digest = digest_of(self._service, entry._asdict())
            n, before = n + 1, prev
            prev = hash_of(self._service, n, before, digest)
            links.append(
                {"n": n, "entry_id": entry.id, "digest": digest, "prev": before, "hash": prev}
            )
        if links:
            await session.execute(insert(self._tables.link), links)
        return len(links)

    async def sign(self) -> Head | None:
        """Sign how far the chain has come; None when that is signed already.

        Raises Rewritten when what this process signed before is not in the chain any more.
        """
        async with self._database.reading() as session:  # most often there is nothing to do
            if await self._unsigned(session) is None:
                return None
        async with self._database.transaction() as session:
            await session.lock(LOCK)
            unsigned = await self._unsigned(session)
            if unsigned is None:
                return None
            n, head = unsigned
            at = session.now()
            signature = self._key.sign(signed_text(self._service, n, head, at))
            made = Head(n, head, at, self._key.id, signature)
            await session.execute(insert(self._tables.head), vars(made))
        self._signed = unsigned
        return made

    async def _unsigned(self, session: Session) -> tuple[int, bytes] | None:
        """The last link, unless it is signed. Raises Rewritten."""
        await self._refuse_rewritten(session)
        n, head = await last_link(session)
        latest = self._tables.head
        signed = await session.scalar(select(latest.c.n).order_by(latest.c.n.desc()).limit(1))
        return None if n <= (signed or 0) else (n, head)

    async def _refuse_rewritten(self, session: Session) -> None:
        if self._signed is None:
            return
        n, known = self._signed
        link = self._tables.link
        if await session.scalar(select(link.c.hash).where(link.c.n == n)) != known:
            raise Rewritten(str(n))


async def last_link(session: Session) -> tuple[int, bytes]:
    """The number and the hash of the last link; before the first one, 0 and what that begins."""
    link = session.schema.tables.audit.link
    latest = select(link.c.n, link.c.hash).order_by(link.c.n.desc()).limit(1)
    row = (await session.execute(latest)).first()
    return (0, first_hash(session.schema.name)) if row is None else (row.n, row.hash)


async def _rows(session: Session, statement: Select[Any]) -> Sequence[Row[Any]]:
    return (await session.execute(statement)).all()
