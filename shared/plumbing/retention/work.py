"""Planning, marking and destroying, in one store. Each can be cut short anywhere and done again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    delete,
    exists,
    false,
    func,
    insert,
    not_,
    select,
)

from shared.contracts.retention import Mark, RecordClass, mark, may_be_destroyed
from shared.plumbing import audit
from shared.plumbing.crash import crash_point
from shared.plumbing.database import Database, Session
from shared.plumbing.retention import nights
from shared.plumbing.retention.keeping import Keeping, Sweeping
from shared.plumbing.retention.nights import ClockNotBelieved, Night

AT_ONCE = 500
"""How many are marked, or swept, in one transaction."""

MOST_NAMED = 20
"""How many ids a plan names in each class."""


@dataclass(frozen=True)
class Planned:
    """What stands where in one class. Ids and numbers only."""

    record_class: RecordClass
    to_mark: int
    waiting: int
    """Marked, and not for long enough yet."""
    to_destroy: int
    held: int
    """Over, and kept by a hold."""
    next_ids: tuple[UUID, ...]
    """Some of those that would be destroyed."""


class Work:
    """One store's retention."""

    def __init__(
        self,
        database: Database,
        keepings: Sequence[Keeping | Sweeping],
        periods: Mapping[RecordClass, timedelta],
    ) -> None:
        self.database, self._periods = database, periods
        self._marked = [one for one in keepings if isinstance(one, Keeping)]
        self._swept = [one for one in keepings if isinstance(one, Sweeping)]
        self._mark = database.schema.tables.retention.mark

    async def night(self) -> None:
        """A whole night's work. Raises ClockNotBelieved, and nothing was destroyed."""
        await self.mark()
        await self.destroy()
        await self.sweep()

    async def plan(self) -> list[Planned]:
        """What the next night would do, if nothing changed. Changes nothing."""
        async with self.database.reading() as session:
            night = await nights.find(session) or Night(0, session.now())
            return [await self._planned(session, one, night) for one in self._marked]

    async def mark(self) -> int:
        """Mark whatever is over and not held; how much that was. Raises ClockNotBelieved."""
        night, marked = await self._begin(), 0
        for keeping in self._marked:
            while some := await self._mark_some(keeping, night):
                marked += some
                crash_point("retention.after_mark")
        return marked

    async def destroy(self) -> int:
        """Destroy what was marked long enough ago, one at a time. Raises ClockNotBelieved."""
        night, gone = await self._begin(), 0
        for keeping in self._marked:
            for subject_id in await self._ready(keeping, night):
                gone += await self._destroy(keeping, subject_id, night)
                crash_point("retention.after_destroy")
        return gone

    async def sweep(self) -> int:
        """Drop what names nobody and is over. Raises ClockNotBelieved."""
        await self._begin()
        gone = 0
        for sweeping in self._swept:
            while some := await self._sweep_some(sweeping):
                gone += some
        return gone

    async def _begin(self) -> Night:
        async with self.database.transaction() as session:
            night = await nights.begin(session)
        if night is None:
            raise ClockNotBelieved
        return night

    def _over(self, keeping: Keeping, now: datetime) -> Select[Any]:
        return keeping.over(now - self._periods[keeping.record_class])

    async def _mark_some(self, keeping: Keeping, night: Night) -> int:
        async with self.database.transaction() as session:
            await session.lock(nights.LOCK)
            rows = await session.execute(self._unmarked(keeping, session.now()).limit(AT_ONCE))
            made = vars(mark(session.now(), night.number))
            named = {"record_class": keeping.record_class.value}
            marks = [{**named, "subject_id": row.id, **made} for row in rows]
            if marks:
                await session.execute(insert(self._mark), marks)
            return len(marks)

    def _unmarked(self, keeping: Keeping, now: datetime) -> Select[Any]:
        over = self._over(keeping, now).subquery()
        marked = exists().where(self._of(keeping), self._mark.c.subject_id == over.c.id)
        return select(over.c.id).where(~marked, not_(_held(keeping, over.c.id))).order_by(over.c.id)

    def _of(self, keeping: Keeping) -> ColumnElement[bool]:
        return self._mark.c.record_class == keeping.record_class.value

    async def _ready(self, keeping: Keeping, night: Night) -> list[UUID]:
        """What may go, as far as its mark says: the rest is asked once more when it goes."""
        async with self.database.reading() as session:
            due = self._mark.c.destroy_after <= session.now()
            rows = (await session.execute(select(self._mark).where(self._of(keeping), due))).all()
            return [row.subject_id for row in rows if _may_go(row, session.now(), night)]

    async def _destroy(self, keeping: Keeping, subject_id: UUID, night: Night) -> int:
        """Destroy one, if it still may be; 1 when it went. What is kept after all loses its mark.

        What is held now gets another mark when the hold is lifted, and another thirty days.
        """
        this = (self._of(keeping), self._mark.c.subject_id == subject_id)
        async with self.database.transaction() as session:
            await keeping.lock(session, subject_id)
            row = (await session.execute(select(self._mark).where(*this))).first()
            if row is None:
                return 0
            over = self._over(keeping, session.now()).subquery()
            asked = select(_held(keeping, over.c.id).label("held")).where(over.c.id == subject_id)
            still = (await session.execute(asked)).first()
            held = still is not None and bool(still.held)
            goes = still is not None and _may_go(row, session.now(), night, held=held)
            if goes:
                await audit.record(session, await keeping.destroy(session, subject_id))
                crash_point("retention.before_commit")
            if goes or held or still is None:
                await session.execute(delete(self._mark).where(*this))
        return int(goes)

    async def _sweep_some(self, sweeping: Sweeping) -> int:
        async with self.database.transaction() as session:
            before = session.now() - self._periods[sweeping.record_class]
            gone = await sweeping.sweep(session, before, AT_ONCE)
            if gone:
                purpose, fields = sweeping.record_class.value, (f"rows_{gone}",)
                swept = audit.Entry(verb=audit.Verb.ERASURE, purpose=purpose, fields=fields)
                await audit.record(session, swept)
        return gone

    async def _planned(self, session: Session, keeping: Keeping, night: Night) -> Planned:
        now = session.now()
        unmarked = self._unmarked(keeping, now).order_by(None).subquery()
        over = self._over(keeping, now).subquery()
        kept = set(await session.scalars(select(over.c.id).where(_held(keeping, over.c.id))))
        marks = (await session.execute(select(self._mark).where(self._of(keeping)))).all()
        ready = [
            row.subject_id for row in marks if _may_go(row, now, night, held=row.subject_id in kept)
        ]
        return Planned(
            keeping.record_class,
            await session.scalar(select(func.count()).select_from(unmarked)) or 0,
            len(marks) - len(ready),
            len(ready),
            len(kept),
            tuple(sorted(ready)[:MOST_NAMED]),
        )


def _held(keeping: Keeping, subject_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    return false() if keeping.held is None else keeping.held(subject_id)


def _may_go(row: Row[Any], now: datetime, night: Night, *, held: bool = False) -> bool:
    marked = Mark(row.marked_at, row.destroy_after, row.night)
    return may_be_destroyed(marked, now, night.number, held=held)
