"""Looking at one service's audit from the first entry to the last: is it as it was written?

The chain shows what was edited or taken out, the signatures who vouches for it, the anchors
outside the store that it was not cut short or written anew as a whole. It is read in pages, so
that memory stays bounded, and hashed in a thread, so that a running service goes on serving.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, exists, func, select

from shared.plumbing.audit.anchors import Anchor
from shared.plumbing.audit.canonical import COLUMNS, digest_of, first_hash, hash_of, signed_text
from shared.plumbing.audit.chain import Head
from shared.plumbing.audit.keys import PublicKeys, is_signed
from shared.plumbing.audit.report import Fault, Report
from shared.plumbing.database import Database

AT_ONCE = 1000

LINKED_WITHIN = timedelta(minutes=10)
"""What has waited longer for its link or its signature waits because nobody leads."""


async def verify(
    database: Database, publics: PublicKeys, held: AsyncIterator[Anchor] | None = None
) -> Report:
    """Everything that is not as it must be. Without `held` the anchors are not compared.

    Nothing is changed, and the service may run meanwhile. Raises when the store or the anchors
    cannot be read.
    """
    looking = _Looking(database, publics)
    await looking.at_the_chain()
    await looking.at_the_heads()
    await looking.at_what_waits()
    if held is not None:
        await looking.at_the_anchors(held)
    return looking.report


class _Looking:
    def __init__(self, database: Database, publics: PublicKeys) -> None:
        self._database = database
        self._publics = publics
        self._service = database.schema.name
        self._tables = database.schema.tables.audit
        self.report = Report(self._service)
        self._last = 0
        """The number of the last link."""
        self._expected = first_hash(self._service)

    async def at_the_chain(self) -> None:
        """Go on from where it ended the last time: a running service links more meanwhile."""
        entry, link = self._tables.entry, self._tables.link
        columns = (*link.c, *(entry.c[name].label(f"_{name}") for name in COLUMNS))
        both = select(*columns).outerjoin(entry, entry.c.id == link.c.entry_id).order_by(link.c.n)
        while rows := await self._rows(both.where(link.c.n > self._last).limit(AT_ONCE)):
            await asyncio.to_thread(self._look_at_links, rows)

    def _look_at_links(self, rows: Sequence[Row[Any]]) -> None:
        for row in rows:
            self.report.entries += 1
            if row.n != self._last + 1:
                gone = _numbers(self._last + 1, row.n - 1)
                self.report.add(Fault.DELETED, f"Gone from the chain: {gone}.")
            elif row.prev != self._expected:
                self.report.add(
                    Fault.REWRITTEN, f"Entry {row.n} is tied to another entry than the one before."
                )
            self._look_at_entry(row)
            if hash_of(self._service, row.n, row.prev, row.digest) != row.hash:
                self.report.add(Fault.EDITED, f"The link of entry {row.n} was edited.")
            self._last, self._expected = row.n, row.hash

    def _look_at_entry(self, row: Row[Any]) -> None:
        if row._mapping["_id"] is None:
            self.report.add(Fault.DELETED, f"Entry {row.n} was deleted.")
            return
        entry = {name: row._mapping[f"_{name}"] for name in COLUMNS}
        if digest_of(self._service, entry) != row.digest:
            self.report.add(Fault.EDITED, f"Entry {row.n} was edited.")

    async def at_the_heads(self) -> None:
        head, reached = self._tables.head, 0
        while rows := await self._rows(
            select(head).where(head.c.n > reached).order_by(head.c.n).limit(AT_ONCE)
        ):
            heads = [Head(**row._mapping) for row in rows]
            await self.at_the_chain()  # signed meanwhile, and linked before that
            links = await self._hashes([one.n for one in heads])
            for one in heads:
                self.report.heads += 1
                if self._vouched_for(one, f"The signature of entry {one.n}"):
                    self._compare(one, links, f"The chain was signed as far as entry {one.n}")
            reached = heads[-1].n

    async def at_what_waits(self) -> None:
        """What the leader has not come to yet: it shows when nobody has led for long."""
        entry, link, head = self._tables.entry, self._tables.link, self._tables.head
        is_linked = exists().where(link.c.entry_id == entry.c.id)
        old = entry.c.at < self._database.world.now() - LINKED_WITHIN
        unlinked = select(func.count()).select_from(entry).where(~is_linked, old)
        async with self._database.reading() as session:
            waiting = (await session.execute(unlinked)).scalar_one()
            signed = await session.scalar(select(func.max(head.c.n))) or 0
            behind = (
                select(func.count()).select_from(link).join(entry, entry.c.id == link.c.entry_id)
            )
            unsigned = (await session.execute(behind.where(link.c.n > signed, old))).scalar_one()
        if waiting:
            self.report.add(
                Fault.WAITING, f"{waiting:,} entries have waited long to be linked: does it run?"
            )
        if unsigned:
            self.report.add(
                Fault.WAITING, f"The last {unsigned:,} entries of the chain are not signed."
            )

    async def at_the_anchors(self, held: AsyncIterator[Anchor]) -> None:
        self.report.anchors = 0
        some: list[Head] = []
        furthest = 0
        async for anchor in held:
            self.report.anchors += 1
            if anchor.head is None:
                place = f"{anchor.stream_seq:,}"
                self.report.add(Fault.FORGED, f"The anchor in place {place} cannot be read.")
                continue
            furthest = max(furthest, anchor.head.n)
            some.append(anchor.head)
            if len(some) == AT_ONCE:
                await self._look_at_anchors(some)
                some = []
        await self._look_at_anchors(some)
        await self._look_for_lost_anchors(furthest)

    async def _look_at_anchors(self, some: Sequence[Head]) -> None:
        await self.at_the_chain()  # anchored meanwhile, and linked before that
        links = await self._hashes([one.n for one in some])
        for one in some:
            if self._vouched_for(one, f"The anchor of entry {one.n}"):
                self._compare(one, links, f"An anchor says the chain had come to entry {one.n}")

    async def _look_for_lost_anchors(self, furthest: int) -> None:
        anchor = self._tables.anchor
        async with self._database.reading() as session:
            told = await session.scalar(select(func.max(anchor.c.n))) or 0
        if told > furthest:
            self.report.add(
                Fault.UNPROVEN,
                f"The store says entry {told} was anchored, and no anchor says so: was the stream "
                "of anchors lost, or removed?",
            )

    def _vouched_for(self, head: Head, what: str) -> bool:
        text = signed_text(self._service, head.n, head.hash, head.at)
        if is_signed(self._publics, head.key_id, head.signature, text):
            return True
        if not self._publics:
            if Fault.UNPROVEN not in self.report.faults:
                self.report.add(
                    Fault.UNPROVEN, "There is no public key here to check the signatures with."
                )
            return True  # then at least the hashes are compared
        known = head.key_id in self._publics
        why = "does not fit" if known else "is by a key nobody knows here"
        self.report.add(Fault.FORGED, f"{what} {why}.")
        return False

    def _compare(self, head: Head, links: dict[int, bytes], said: str) -> None:
        if head.n > self._last:
            self.report.add(Fault.TRUNCATED, f"{said}, but it ends with entry {self._last}.")
        elif links.get(head.n) != head.hash:
            self.report.add(Fault.REWRITTEN, f"{said}, which was another one: it was rewritten.")

    async def _hashes(self, numbers: Sequence[int]) -> dict[int, bytes]:
        link = self._tables.link
        rows = await self._rows(select(link.c.n, link.c.hash).where(link.c.n.in_(numbers)))
        return {row.n: row.hash for row in rows}

    async def _rows(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        async with self._database.reading() as session:
            return (await session.execute(statement)).all()


def _numbers(first: int, last: int) -> str:
    return f"entry {first}" if first == last else f"entries {first} to {last}"
