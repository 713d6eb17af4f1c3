"""Messages in a service's own stream of which its outbox knows nothing: kept for a person.

They are parked like events that could not be acted on: health is not green while one is open, a
page and `parley parked` show it, and giving it up with a reason stays on record. Nothing is ever
deleted from the stream. One kind needs nobody: a fact that says only that something was destroyed,
of which nothing is left here either. So it is once a store was put back and was told who had been
erased since.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select, update

from shared.contracts.catalogue import FACTS
from shared.plumbing import parked
from shared.plumbing.database import Database, Schema, Session
from shared.plumbing.hearing import durable_name
from shared.plumbing.outbox.comparing import Stranger
from shared.plumbing.outbox.stream import Stored, Stream
from shared.plumbing.sealing import keys

ERROR_CODE = "NotInTheOutbox"

DESTROYING = frozenset(fact.subject for fact in FACTS if fact.destroys)

MOST_PARKED = 1000
"""How many are kept at once: when these are dealt with, the next ones come."""

PARKED_AT_ONCE = 50


def own_reader(service: str) -> str:
    """Under whose name they are parked. No service hears itself, so nobody else has it."""
    return durable_name(service, service)


async def count(session: Session) -> int:
    """How many nobody has dealt with."""
    table = session.schema.tables.parked_event
    own = table.c.consumer == own_reader(session.schema.name)
    statement = select(func.count()).select_from(table).where(own, table.c.state.in_(parked.OPEN))
    return await session.scalar(statement) or 0


async def tell_of(session: Session, aggregate_id: UUID) -> bool:
    """Whether the stream holds an event about this of which the outbox knows nothing.

    So it is when the store was put back from an older copy: what became of it since is not in
    the store any more. Giving the event up does not make it unsaid.
    """
    found = await session.execute(_telling_of(session.schema), {"about": aggregate_id})
    return found.first() is not None


async def told_about(session: Session, subject: str) -> set[UUID]:
    """What events of this subject are about that the stream holds, and the outbox knows not of."""
    table = session.schema.tables.parked_event
    own = table.c.consumer == own_reader(session.schema.name)
    unknown = (own, table.c.subject == subject, table.c.state != parked.State.RESOLVED)
    found = await session.scalars(select(table.c.about_id).where(*unknown))
    return {about for about in found if about is not None}


async def settle(session: Session, subject: str, about: Collection[UUID]) -> None:
    """Let nobody look any more at events of this subject about these: they are so here as well."""
    table = session.schema.tables.parked_event
    own = table.c.consumer == own_reader(session.schema.name)
    these = (own, table.c.subject == subject, table.c.about_id.in_(about))
    settled = {"state": parked.State.RESOLVED, "changed_at": session.now()}
    await session.execute(update(table).where(*these).values(**settled))


@cache
def _telling_of(schema: Schema) -> Select[Any]:
    """Made once: it is asked twice for each attempt to send."""
    table = schema.tables.parked_event
    own = (table.c.consumer == own_reader(schema.name), table.c.state != parked.State.RESOLVED)
    about = table.c.about_id == bindparam("about")
    return select(table.c.id).where(*own, about).limit(1)


class Desk:
    """What has been made of strangers in one comparison."""

    def __init__(self, database: Database, stream: Stream) -> None:
        self._database = database
        self._stream = stream
        self._given_up: set[str] = set()
        self._open: dict[str, UUID] = {}
        """Parked before, and not met in this comparison."""
        self._room = MOST_PARKED

    async def prepare(self) -> None:
        """Look up what has been parked before."""
        table = self._database.schema.tables.parked_event
        own = table.c.consumer == own_reader(self._database.schema.name)
        statement = select(table.c.event_key, table.c.state, table.c.id).where(own)
        async with self._database.reading() as session:
            for key, state, parked_id in await session.execute(statement):
                if state in parked.OPEN:
                    self._open[key] = parked_id
                elif state == parked.State.DISCARDED:
                    self._given_up.add(key)
        self._room = MOST_PARKED - len(self._open)

    async def receive(self, strangers: Iterable[Stranger], *, park: bool) -> list[Stranger]:
        """Those somebody still has to look at; kept for that, if asked and while there is room."""
        left: list[Stranger] = []
        kept: list[Stored] = []
        strangers = list(strangers)
        destroyed = await self._destroyed(strangers)
        for one in strangers:
            key = await self._key(one)
            if key is None or key in self._given_up:
                continue
            if one.subject in DESTROYING and one.about in destroyed:
                continue
            left.append(one)
            if self._open.pop(key, None) is not None or not park or self._room <= 0:
                continue
            self._room -= 1
            if (stored := await self._stream.get(one.seq)) is not None:
                kept.append(stored)
            if len(kept) >= PARKED_AT_ONCE:
                await self._park(kept)
                kept = []
        await self._park(kept)
        return left

    async def _destroyed(self, strangers: Iterable[Stranger]) -> set[UUID]:
        """Of what these say was destroyed, that of which nothing can be read here any more."""
        told = {one.about for one in strangers if one.subject in DESTROYING and one.about}
        if not told:
            return set()
        async with self._database.reading() as session:
            return await keys.destroyed_of(session, told)

    async def _key(self, stranger: Stranger) -> str | None:
        if stranger.event_id is not None:
            return str(stranger.event_id)
        stored = await self._stream.get(stranger.seq)
        if stored is None:
            return None
        return parked.event_key(stored.headers, stored.body, stored.seq)

    async def _park(self, kept: Sequence[Stored]) -> None:
        table = self._database.schema.tables.parked_event
        async with self._database.transaction() as session:
            reader = own_reader(session.schema.name)
            for one in kept:
                parked_id = await parked.park(
                    session, reader, one.headers, one.body, one.subject, one.seq, ERROR_CODE
                )
                # It may have been known for a while, and is not any more.
                this = (table.c.id == parked_id, table.c.state == parked.State.RESOLVED)
                await session.execute(update(table).where(*this).values(state=parked.State.PARKED))

    async def settle_the_rest(self) -> None:
        """What was parked before and is no stranger any more needs nobody: a newer copy of the
        store came back, or the stream was made anew."""
        table = self._database.schema.tables.parked_event
        async with self._database.transaction() as session:
            for parked_id in self._open.values():
                this = (table.c.id == parked_id, table.c.state.in_(parked.OPEN))
                settled = {"state": parked.State.RESOLVED, "changed_at": session.now()}
                await session.execute(update(table).where(*this).values(**settled))
