"""How the people who sign in stand to each matter: what lists are cut to, and pages are hidden by.

A matter is known by one id in every service: that of the referral it began with. Each service that
shows matters keeps its own copy of who stands how to them, so that its walls hold when nobody else
answers. Where the area of a matter is kept is for the service to say:

    STANDINGS = Standings(STANDING, Matters(CASE, CASE.c.referral_id, CASE.c.area_id))

A party may be told by the id of the case alone, before anything else is known of it. Such a wall
is kept under that id, and stands once the service can say which matter the case belongs to
(`Matters.told_as`): nothing is copied, so there is no moment at which a copy is not there yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
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
    SelectBase,
    String,
    Table,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    false,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

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
    told_as: Column[UUID] | None = None
    """Another id under which somebody's standing may have been told: that of the case."""


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
        told_of: ColumnElement[bool] = rows.matter_id == bindparam("matter")
        if matters.told_as is not None:
            also = select(matters.told_as).where(matters.id == bindparam("matter"))
            told_of = or_(told_of, rows.matter_id.in_(also))
        self._of = select(rows.relation, rows.party_id).where(
            told_of, rows.person_id == bindparam("person"), rows.holds
        )
        self._holding = (
            select(self.table).where(told_of, rows.holds).order_by(rows.person_id, rows.relation)
        )
        person = null() if matters.person is None else matters.person
        self._matter = select(matters.area.label("area"), person.label("person")).where(
            matters.id == bindparam("matter")
        )
        self._forget = delete(table).where(rows.person_id == bindparam("person"))

    async def note(self, session: Session, standing: Standing) -> None:
        """Keep what was told, unless something later is known."""
        statement = _keep_latest(self.table, session.database.dialect)
        await session.execute(statement, vars(standing) | {"relation": standing.relation.value})

    async def forget(self, session: Session, person_id: UUID) -> None:
        """Drop everything that hangs on somebody whose data was destroyed."""
        await session.execute(self._forget, {"person": person_id})

    async def forget_matter(self, session: Session, *told_as: UUID) -> None:
        """Drop everything that hangs on a matter that was destroyed, by any id it is told as."""
        await session.execute(delete(self.table).where(self.table.c.matter_id.in_(told_as)))

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

    async def matter_of(self, session: Session, some_id: UUID) -> UUID:
        """The matter this id means: its own id, or that of its case."""
        matters = self.matters
        if matters.told_as is None:
            return some_id
        found = await session.scalar(select(matters.id).where(matters.told_as == some_id))
        return found or some_id

    async def walled_off(self, session: Session, matter_id: UUID) -> frozenset[UUID]:
        """Everybody for whom the matter is not there."""
        held = await self.holding(session, matter_id)
        return frozenset(one.person_id for one in held if one.relation in WALLS)

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
        self,
        actor: Actor,
        action: Action,
        matter_id: ColumnElement[UUID],
        person_id: ColumnElement[UUID] | None = None,
    ) -> ColumnElement[bool]:
        """The condition that cuts a list to what this member of staff may know of.

        `matter_id` is the column of `Matters`, or one that is equal to it. `person_id` is whose
        part in the matter a row is about; none, or NULL in a row, when it is about all of it.
        """
        within = reach(actor.roles, action)
        ways: list[ColumnElement[bool]] = []
        if Relation.NONE in within:
            ways.append(true())
        elif Relation.AREA in within:
            ways.append(self._in_area(actor, matter_id))
        if on_it := within & ON_IT:
            ways.append(self._works_on(actor, on_it, matter_id, person_id))
        return and_(or_(false(), *ways), ~_among(matter_id, self._walled(actor)))

    def _in_area(self, actor: Actor, matter_id: ColumnElement[UUID]) -> ColumnElement[bool]:
        here = matter_id is self.matters.id
        if not actor.areas:
            return true() if here else self._matter_has(matter_id, true())
        within = self.matters.area.in_(sorted(actor.areas))
        return within if here else self._matter_has(matter_id, within)

    def _matter_has(
        self, matter_id: ColumnElement[UUID], condition: ColumnElement[bool]
    ) -> ColumnElement[bool]:
        """Looked up row by row: a list of all matters of an area would be most of the table."""
        return (
            exists()
            .where(self.matters.id == matter_id, condition)
            .correlate_except(self.matters.table)
        )

    def _works_on(
        self,
        actor: Actor,
        relations: frozenset[Relation],
        matter_id: ColumnElement[UUID],
        person_id: ColumnElement[UUID] | None,
    ) -> ColumnElement[bool]:
        """Somebody works on few of very many: their list is made first, and looked up from."""
        mine = _among(matter_id, self._stands(actor, relations))
        if person_id is None or Relation.PARTYS_FACILITATOR not in relations:
            return mine
        rows = self.table.alias().c
        theirs = exists().where(
            rows.matter_id == matter_id,
            rows.person_id == actor.id,
            rows.relation.in_(_values(relations)),
            rows.holds,
            or_(
                rows.relation != Relation.PARTYS_FACILITATOR.value,
                person_id.is_(None),
                rows.party_id == person_id,
            ),
        )
        return and_(mine, theirs)

    def _walled(self, actor: Actor) -> SelectBase:
        """The matters that are not there for them; a handful at the very most."""
        ways = [self._stands(actor, WALLS)]
        matters = self.matters
        of_a_matter = matters.table.alias()
        its_id = of_a_matter.c[matters.id.name]
        if matters.told_as is not None:
            told_as = of_a_matter.c[matters.told_as.name]
            ways.append(select(its_id).where(told_as.in_(self._stands(actor, WALLS))))
        if matters.person is not None:
            ways.append(select(its_id).where(of_a_matter.c[matters.person.name] == actor.id))
        return union_all(*ways) if ways[1:] else ways[0]

    def _stands(self, actor: Actor, relations: Iterable[Relation]) -> Select[tuple[UUID]]:
        rows = self.table.alias().c
        return select(rows.matter_id).where(
            rows.person_id == actor.id, rows.relation.in_(_values(relations)), rows.holds
        )


class _Among(FunctionElement[Any]):
    """Whether an id is among the few that a query gives, whatever row is looked at."""

    # Not Boolean: SQLAlchemy then compares it with 1, and SQLite takes no index for that.
    type = NullType()
    inherit_cache = True


def _among(matter_id: ColumnElement[UUID], few: SelectBase) -> ColumnElement[bool]:
    return _Among(matter_id, few.scalar_subquery())


@compiles(_Among)
def _usually(element: _Among, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - as asked
    matter_id, few = element.clauses
    return f"({compiler.process(matter_id, **more)} IN {compiler.process(few, **more)})"


@compiles(_Among, "postgresql")
def _made_once(element: _Among, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - as asked
    """PostgreSQL reckons as if `IN` were worked out anew for each row, and sorts it all instead."""
    matter_id, few = element.clauses
    return f"({compiler.process(matter_id, **more)} = ANY (ARRAY{compiler.process(few, **more)}))"


def sees_few(actor: Actor, action: Action) -> bool:
    """Whether somebody sees only what they work on: a few matters, however many there are."""
    return not reach(actor.roles, action) & {Relation.AREA, Relation.NONE}


def _values(relations: Iterable[Relation]) -> list[str]:
    return sorted(one.value for one in relations)


# Made once for each table: facts come one by one, and making a statement is most of the work.
@cache
def _keep_latest(table: Table, dialect: str) -> ConflictInsert:
    statement = conflict_insert(table, dialect)
    changed = {name: statement.excluded[name] for name in ("party_id", "holds", "version")}
    return statement.on_conflict_do_update(
        index_elements=["matter_id", "person_id", "relation"],
        set_=changed,
        where=statement.excluded.version > table.c.version,
    )
