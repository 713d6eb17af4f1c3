"""What of the audit somebody may read: cut in the query, so that pages are full and say nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    SelectBase,
    and_,
    exists,
    func,
    or_,
    select,
    true,
    union_all,
)

from shared.contracts.access import Action, Actor, Relation
from shared.plumbing.among import among
from shared.plumbing.standing import Standings


def matter_in(standings: Standings, entry: FromClause) -> ColumnElement[UUID]:
    """The matter an entry belongs to, by whichever id it was noted; NULL for none."""
    by_case = standings.matter_of(entry.c.case_id)
    return func.coalesce(standings.matter_of(entry.c.referral_id), by_case)


def readable(
    standings: Standings,
    actor: Actor,
    matter_id: ColumnElement[UUID],
    person_id: ColumnElement[UUID],
    *,
    now: datetime,
) -> ColumnElement[bool]:
    """The entries this member of staff may read.

    One that belongs to a matter, if they may read what was done with that. One that names only a
    person, unless a matter that person is in is kept from the reader, or all of them lie in areas
    of others.
    """
    seen = standings.visible(actor, Action.SEE_AUDIT, matter_id, now=now)
    of_nobody_hidden = or_(person_id.is_(None), ~among(person_id, _kept_from(standings, actor)))
    alone = and_(matter_id.is_(None), of_nobody_hidden, _within_areas(standings, actor, person_id))
    return or_(and_(matter_id.is_not(None), seen), alone)


def _kept_from(standings: Standings, actor: Actor) -> SelectBase:
    """Everybody who is in a matter that is not there for the reader; a handful at most."""
    matters, rows = standings.matters, standings.table.alias().c
    of_a_matter = matters.table.alias()
    its_id = of_a_matter.c[matters.id.name]
    hidden = standings.hidden(actor, its_id)
    known_as = [standings.hidden(actor, rows.matter_id)]
    if matters.told_as is not None:
        told_as = select(of_a_matter.c[matters.told_as.name]).where(hidden)
        known_as.append(rows.matter_id.in_(told_as))
    ways = [select(rows.person_id).where(*_is_in(rows), or_(*known_as))]
    if matters.person is not None:
        person = of_a_matter.c[matters.person.name]
        ways.append(select(person).where(hidden, person.is_not(None)))
    return union_all(*ways)


def _within_areas(
    standings: Standings, actor: Actor, person_id: ColumnElement[UUID]
) -> ColumnElement[bool]:
    """Whoever is in no matter, as colleagues are, belongs to no area."""
    if not actor.areas:
        return true()
    matters, rows = standings.matters, standings.table.alias().c
    of_a_matter = matters.table.alias()
    told = select(rows.matter_id).where(*_is_in(rows), rows.person_id == person_id)
    ids = [one for one in (matters.id, matters.told_as) if one is not None]
    ways: list[ColumnElement[bool]] = [of_a_matter.c[one.name].in_(told) for one in ids]
    if matters.person is not None:
        ways.append(of_a_matter.c[matters.person.name] == person_id)
    theirs = exists().where(or_(*ways)).correlate_except(of_a_matter)
    here = of_a_matter.c[matters.area.name].in_(sorted(actor.areas))
    return or_(~theirs, exists().where(or_(*ways), here).correlate_except(of_a_matter))


def _is_in(rows: Any) -> tuple[ColumnElement[bool], ...]:  # noqa: ANN401 - SQLAlchemy's own
    return rows.relation == Relation.OWN_CASE.value, rows.holds
