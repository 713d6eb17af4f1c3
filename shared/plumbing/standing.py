"""How the people who sign in stand to each matter: what lists are cut to, and pages are hidden by.

A matter is known by one id in every service: that of the referral it began with. Each service that
shows matters keeps its own copy of who stands how to them, so that its walls hold when nobody else
answers. Where the area of a matter is kept is for the service to say:

    STANDINGS = Standings(SCHEMA, Matters(CASE, CASE.c.referral_id, CASE.c.area_id))
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    and_,
    bindparam,
    exists,
    false,
    null,
    or_,
    select,
    true,
)

from shared.contracts.access import WALLS, Action, Actor, Relation, Standing, reach
from shared.plumbing.columns import NOT_PERSONAL
from shared.plumbing.database import ConflictInsert, Session, conflict_insert

ON_IT = frozenset({Relation.ALLOCATED, Relation.PARTYS_FACILITATOR})


@dataclass(frozen=True)
class Matters:
    """Where a service keeps the area of each matter."""

    table: Table
    id: Column[UUID]
    area: Column[UUID]
    person: Column[UUID] | None = None
    """The one a matter began with, where the table says so: their own case."""


def standing_table(metadata: MetaData) -> Table:
    """Who stands how to which matter, by the last that was told of it."""
    return Table(
        "standing",
        metadata,
        Column("matter_id", Uuid, primary_key=True, **NOT_PERSONAL),
        Column("person_id", Uuid, primary_key=True, index=True, **NOT_PERSONAL),
        Column("relation", String(40), primary_key=True, **NOT_PERSONAL),
        Column("party_id", Uuid, nullable=True, **NOT_PERSONAL),
        Column("holds", Boolean, nullable=False, **NOT_PERSONAL),
        Column("version", Integer, nullable=False, **NOT_PERSONAL),
    )


class Standings:
    """Who stands how to the matters of one service."""

    def __init__(self, table: Table, matters: Matters) -> None:
        self.table, self.matters = table, matters
        rows = table.c
        self._of = select(rows.relation, rows.party_id).where(
            rows.matter_id == bindparam("matter"),
            rows.person_id == bindparam("person"),
            rows.holds,
        )
        self._holding = (
            select(self.table)
            .where(rows.matter_id == bindparam("matter"), rows.holds)
            .order_by(rows.person_id, rows.relation)
        )
        person = null() if matters.person is None else matters.person
        self._matter = select(matters.area.label("area"), person.label("person")).where(
            matters.id == bindparam("matter")
        )

    async def note(self, session: Session, standing: Standing) -> None:
        """Keep what was told, unless something later is known."""
        statement = _keep_latest(self.table, session.database.dialect)
        await session.execute(statement, vars(standing) | {"relation": standing.relation.value})

    async def holding(self, session: Session, matter_id: UUID) -> list[Standing]:
        """Everything that is so now about one matter."""
        return [
            Standing(
                matter_id,
                row.person_id,
                Relation(row.relation),
                row.version,
                party_id=row.party_id,
            )
            for row in await session.execute(self._holding, {"matter": matter_id})
        ]

    async def relations(
        self, session: Session, actor: Actor, matter_id: UUID, person_id: UUID | None = None
    ) -> frozenset[Relation]:
        """How this member of staff stands to a matter now, or to one person's part in it."""
        rows = await session.execute(self._of, {"matter": matter_id, "person": actor.id})
        found = set()
        for relation, party_id in rows:
            one = Relation(relation)
            if one is Relation.PARTYS_FACILITATOR and person_id not in (None, party_id):
                continue
            found.add(one)
        matter = (await session.execute(self._matter, {"matter": matter_id})).first()
        if matter is not None:
            if not actor.areas or matter.area in actor.areas:
                found.add(Relation.AREA)
            if matter.person == actor.id:
                found.add(Relation.OWN_CASE)
        return frozenset(found)

    def visible(
        self, actor: Actor, action: Action, matter_id: ColumnElement[UUID]
    ) -> ColumnElement[bool]:
        """The condition that cuts a list to the matters this member of staff may know of."""
        within = reach(actor.roles, action)
        ways: list[ColumnElement[bool]] = []
        if Relation.AREA in within:
            ways.append(self._in_area(actor, matter_id))
        if on_it := within & ON_IT:
            ways.append(self._stands(actor, matter_id, on_it))
        return and_(or_(false(), *ways), ~self._walled(actor, matter_id))

    def _in_area(self, actor: Actor, matter_id: ColumnElement[UUID]) -> ColumnElement[bool]:
        if not actor.areas:
            return true()
        return self._matter_has(matter_id, self.matters.area.in_(sorted(actor.areas)))

    def _walled(self, actor: Actor, matter_id: ColumnElement[UUID]) -> ColumnElement[bool]:
        walled = self._stands(actor, matter_id, WALLS)
        if self.matters.person is None:
            return walled
        return or_(walled, self._matter_has(matter_id, self.matters.person == actor.id))

    def _matter_has(
        self, matter_id: ColumnElement[UUID], condition: ColumnElement[bool]
    ) -> ColumnElement[bool]:
        if matter_id is self.matters.id:
            return condition
        return matter_id.in_(select(self.matters.id).where(condition))

    def _stands(
        self, actor: Actor, matter_id: ColumnElement[UUID], relations: Iterable[Relation]
    ) -> ColumnElement[bool]:
        rows = self.table.alias().c
        return exists().where(
            rows.matter_id == matter_id,
            rows.person_id == actor.id,
            rows.relation.in_(sorted(one.value for one in relations)),
            rows.holds,
        )


def _keep_latest(table: Table, dialect: str) -> ConflictInsert:
    statement = conflict_insert(table, dialect)
    changed = {name: statement.excluded[name] for name in ("party_id", "holds", "version")}
    return statement.on_conflict_do_update(
        index_elements=["matter_id", "person_id", "relation"],
        set_=changed,
        where=statement.excluded.version > table.c.version,
    )
