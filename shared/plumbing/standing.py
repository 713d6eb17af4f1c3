"""How the people who sign in stand to each matter: what lists are cut to, and pages are hidden by.

A matter is known by one id in every service: that of the referral it began with. Each service that
shows matters keeps its own copy of who stands how to them, so that its walls hold when nobody else
answers. Where the area of a matter is kept is for the service to say:

    STANDINGS = Standings(STANDING, Matters(CASE, CASE.c.referral_id, CASE.c.area_id))

A party may be told by the id of the case alone, before anything else is known of it. Such a wall
is kept under that id, and stands once the service can say which matter the case belongs to
(`Matters.told_as`): nothing is copied, so there is no moment at which a copy is not there yet.

What somebody opened in an emergency lies beside the standings (`glass.py`) and is one more way to
stand to a matter, for as long as the clock says.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    SelectBase,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    false,
    func,
    null,
    or_,
    select,
    true,
    union_all,
)

from shared.contracts.access import WALLS, Action, Actor, Relation, Standing, reach
from shared.plumbing.among import among
from shared.plumbing.database import ConflictInsert, Session, conflict_insert
from shared.plumbing.glass import NAME as OPENED_GLASS
from shared.plumbing.glass import Glass
from shared.plumbing.standing_table import Matters, standing_table

__all__ = ["ON_IT", "Matters", "Standings", "sees_few", "standing_table"]

ON_IT = frozenset({Relation.ALLOCATED, Relation.PARTYS_FACILITATOR})


class Standings:
    """Who stands how to the matters of one service."""

    def __init__(self, table: Table, matters: Matters) -> None:
        self.table, self.matters = table, matters
        self.glass = Glass(table.metadata.tables[OPENED_GLASS])
        rows = table.c
        told_of: ColumnElement[bool] = rows.matter_id == bindparam("matter")
        if matters.told_as is not None:
            also = select(matters.told_as).where(matters.id == bindparam("matter"))
            told_of = or_(told_of, rows.matter_id.in_(also))
        stands = select(rows.relation, rows.party_id).where(
            told_of, rows.person_id == bindparam("person"), rows.holds
        )
        self._of: CompoundSelect[Any] = union_all(stands, self.glass.as_relation)
        self._holding = (
            select(self.table).where(told_of, rows.holds).order_by(rows.person_id, rows.relation)
        )
        person = null() if matters.person is None else matters.person
        referred_by = null() if matters.referred_by is None else matters.referred_by
        self._matter = select(
            matters.area.label("area"), person.label("person"), referred_by.label("referred_by")
        ).where(matters.id == bindparam("matter"))
        self._on_it = select(rows.person_id, rows.holds).where(
            rows.matter_id == bindparam("matter"), rows.relation.in_(_values(ON_IT))
        )
        self._forget = delete(table).where(rows.person_id == bindparam("person"))

    async def note(self, session: Session, standing: Standing) -> None:
        """Keep what was told, unless something later is known."""
        statement = _keep_latest(self.table, session.database.dialect)
        await session.execute(statement, vars(standing) | {"relation": standing.relation.value})

    async def forget(self, session: Session, person_id: UUID) -> None:
        """Drop everything that hangs on somebody whose data was destroyed."""
        await session.execute(self._forget, {"person": person_id})
        await self.glass.forget(session, person_id)

    async def forget_matter(self, session: Session, *told_as: UUID) -> None:
        """Drop everything that hangs on a matter that was destroyed, by any id it is told as."""
        for table in (self.table, self.glass.table):
            await session.execute(delete(table).where(table.c.matter_id.in_(told_as)))

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

    def matter_of(self, some_id: ColumnElement[UUID]) -> ColumnElement[UUID]:
        """The matter that an id in a row means: its own id, or that of its case."""
        matters = self.matters
        case_id, its_matter = matters.cases or (matters.told_as, matters.id)
        if case_id is None:
            return some_id
        of_cases = case_id.table.alias()
        told_as, matter_id = of_cases.c[case_id.name], of_cases.c[its_matter.name]
        found = select(matter_id).where(told_as == some_id).correlate_except(of_cases)
        return func.coalesce(found.scalar_subquery(), some_id)

    async def walled_off(self, session: Session, matter_id: UUID) -> frozenset[UUID]:
        """Everybody for whom the matter is not there."""
        held = await self.holding(session, matter_id)
        return frozenset(one.person_id for one in held if one.relation in WALLS)

    async def released(self, session: Session, matter_id: UUID) -> frozenset[UUID]:
        """Everybody who worked on the matter and does so no more."""
        rows = (await session.execute(self._on_it, {"matter": matter_id})).all()
        still = {row.person_id for row in rows if row.holds}
        return frozenset(row.person_id for row in rows) - still

    async def relations(
        self, session: Session, actor: Actor, matter_id: UUID, person_id: UUID | None = None
    ) -> frozenset[Relation]:
        """How this member of staff stands to a matter now, or to one person's part in it."""
        asked = {"matter": matter_id, "person": actor.id, "now": session.now()}
        rows = await session.execute(self._of, asked)
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
            if matter.referred_by == actor.id:
                found.add(Relation.OWN_REFERRAL)
        return frozenset(found)

    def visible(
        self,
        actor: Actor,
        action: Action,
        matter_id: ColumnElement[UUID],
        person_id: ColumnElement[UUID] | None = None,
        *,
        now: datetime,
    ) -> ColumnElement[bool]:
        """The condition that cuts a list to what this member of staff may know of at this moment.

        `matter_id` is the column of `Matters`, or one that is equal to it. `person_id` is whose
        part in the matter a row is about; none, or NULL in a row, when it is about all of it.
        """
        within = reach(actor.roles, action)
        opened = None
        if Relation.BROKEN_GLASS in within:
            opened = self.glass.matters(actor.id, now)
        ways: list[ColumnElement[bool]] = []
        if Relation.NONE in within:
            ways.append(true())
        elif Relation.AREA in within:
            ways.append(self._in_area(actor, matter_id))
        if Relation.OWN_REFERRAL in within and self.matters.referred_by is not None:
            theirs = self.matters.referred_by == actor.id
            here = matter_id is self.matters.id
            ways.append(theirs if here else self._matter_has(matter_id, theirs))
        if on_it := within & ON_IT:
            ways.append(self._works_on(actor, on_it, matter_id, person_id, opened))
        elif opened is not None:
            ways.append(among(matter_id, opened))
        return and_(or_(false(), *ways), ~self.hidden(actor, matter_id))

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
        opened: Select[tuple[UUID]] | None,
    ) -> ColumnElement[bool]:
        """Somebody works on few of very many: their list is made first, and looked up from.

        What they opened in an emergency is part of that list, and open to them for all parties.
        """
        on_it = self._stands(actor, relations)
        mine = among(matter_id, on_it if opened is None else union_all(on_it, opened))
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
        whole = false() if opened is None else among(matter_id, opened)
        return and_(mine, or_(theirs, whole))

    def walled(self, actor: Actor) -> SelectBase:
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

    def hidden(self, actor: Actor, matter_id: ColumnElement[UUID]) -> ColumnElement[bool]:
        """Whether a wall stands between the matter and this member of staff."""
        return among(matter_id, self.walled(actor))

    def _stands(self, actor: Actor, relations: Iterable[Relation]) -> Select[tuple[UUID]]:
        rows = self.table.alias().c
        return select(rows.matter_id).where(
            rows.person_id == actor.id, rows.relation.in_(_values(relations)), rows.holds
        )


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
