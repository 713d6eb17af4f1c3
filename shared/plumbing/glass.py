"""Matters that somebody opened in an emergency: each service's own copy, read with the standings.

Nothing ends one but the clock: whether it is still open is asked with the moment at which somebody
looks, so that a service that hears nothing any more closes it in time all the same.
"""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Select,
    Table,
    Uuid,
    bindparam,
    cast,
    delete,
    literal,
    null,
    select,
)

from shared.contracts.access import Relation
from shared.contracts.glass import OpenedGlass
from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import ConflictInsert, Session, conflict_insert

NAME = "opened_glass"


def glass_table(metadata: MetaData) -> Table:
    """Who opened which matter until when, by the last that was told of it."""
    return Table(
        NAME,
        metadata,
        Column("glass_id", Uuid, primary_key=True, **NOT_PERSONAL),
        Column("matter_id", Uuid, nullable=False, **NOT_PERSONAL),
        Column("person_id", Uuid, nullable=False, index=True, **NOT_PERSONAL),
        Column("until", UtcDateTime, nullable=False, **NOT_PERSONAL),
        Column("holds", Boolean, nullable=False, **NOT_PERSONAL),
        Column("version", Integer, nullable=False, **NOT_PERSONAL),
    )


class Glass:
    """The matters of one service that are open to somebody in an emergency."""

    def __init__(self, table: Table) -> None:
        self.table = table
        open_now = self._open(bindparam("person"), bindparam("now", type_=UtcDateTime))
        this = table.c.matter_id == bindparam("matter")
        relation = literal(Relation.BROKEN_GLASS.value).label("relation")
        self.as_relation: Select[Any] = select(
            relation, cast(null(), Uuid).label("party_id")
        ).where(this, *open_now)
        """Like a row of the standings, while it is open; wants `matter`, `person` and `now`."""
        latest = table.c.until.desc()
        self._of = select(table.c.glass_id).where(this, *open_now).order_by(latest).limit(1)
        self._forget = delete(table).where(table.c.person_id == bindparam("person"))

    async def note(self, session: Session, opened: OpenedGlass) -> None:
        """Keep what was told, unless something later is known."""
        statement = _keep_latest(self.table, session.database.dialect)
        await session.execute(statement, dict(vars(opened)))

    async def of(self, session: Session, person_id: UUID, matter_id: UUID) -> UUID | None:
        """By which opening somebody may look at this matter now; None when there is none."""
        wanted = {"person": person_id, "matter": matter_id, "now": session.now()}
        found: UUID | None = await session.scalar(self._of, wanted)
        return found

    async def forget(self, session: Session, person_id: UUID) -> None:
        await session.execute(self._forget, {"person": person_id})

    def matters(self, person_id: UUID, now: datetime) -> Select[tuple[UUID]]:
        """What is open to somebody at this moment: one or two at the very most."""
        rows = self.table.alias().c
        moment = literal(now, UtcDateTime)
        return select(rows.matter_id).where(
            rows.person_id == person_id, rows.holds, rows.until > moment
        )

    def _open(self, person: Any, now: Any) -> tuple[ColumnElement[bool], ...]:  # noqa: ANN401 - as SQLAlchemy's own
        rows = self.table.c
        return rows.person_id == person, rows.holds, rows.until > now


# Made once for each table: making a statement costs more than saying it.
@cache
def _keep_latest(table: Table, dialect: str) -> ConflictInsert:
    statement = conflict_insert(table, dialect)
    changed = {one.name: statement.excluded[one.name] for one in table.c if one.name != "glass_id"}
    return statement.on_conflict_do_update(
        index_elements=["glass_id"],
        set_=changed,
        where=statement.excluded.version > table.c.version,
    )
