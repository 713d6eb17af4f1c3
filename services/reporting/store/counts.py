"""The things counted, a row each. Nothing is written here without moving the tallies with it."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, delete, insert, select

from services.reporting import domain
from services.reporting.domain import CaseCount, Counted, ReferralCount
from services.reporting.store import tallies
from services.reporting.store.tables import (
    AreaRow,
    Base,
    CaseRow,
    MeetingRow,
    ReferralRow,
    table_of,
)
from shared.plumbing.database import Session, insert_first, insert_latest

Step = tuple[Counted | None, Counted]
"""What was counted under an id, or nothing, and what is counted there now."""

IN_ONE_INSERT = 500
"""Rows written in one statement by a rebuild."""

ROWS: Mapping[type[Any], type[Base]] = {
    domain.ReferralCount: ReferralRow,
    domain.CaseCount: CaseRow,
    domain.MeetingCount: MeetingRow,
    domain.AreaLabel: AreaRow,
}


async def find(session: Session, kind: type[Counted], key: UUID) -> Counted | None:
    """What is counted under this id so far."""
    row = (await session.execute(_finding(table_of(ROWS[kind])), {"wanted": key})).first()
    return None if row is None else kind(**row._mapping)


async def begin(session: Session, first: Counted) -> bool:
    """Keep what is counted under a new id; False, and nothing is changed, when it is not new.

    The tallies are not moved: `save` has to be told of it.
    """
    statement = insert_first(table_of(ROWS[type(first)]), session.database.dialect)
    return await session.change(statement, vars(first)) == 1


async def save(session: Session, *steps: Step, begun: Collection[Counted] = ()) -> None:
    """Keep what is counted now in place of what was, and move the tallies by the difference.

    What was must have been found in this transaction, and what was `begun` kept in it, by whoever
    holds the lock on the counts.
    """
    every: tuple[Step, ...] = (*((None, first) for first in begun), *steps)
    around = {_place(one): one for one in await _around(session, every)}
    before = around | {_place(was): was for was, _ in every if was is not None}
    after = around | {_place(now): now for _, now in every}
    for was, now in steps:
        if now != was:
            statement = insert_latest(table_of(ROWS[type(now)]), session.database.dialect)
            await session.change(statement, vars(now))
    await tallies.move(
        session, domain.difference(domain.tally(before.values()), domain.tally(after.values()))
    )


async def replace_everything(session: Session, counted: Iterable[Counted]) -> None:
    """Throw every count away and keep these instead, with their tallies."""
    counted = tuple(counted)
    by_table: dict[type[Base], list[dict[str, Any]]] = {row: [] for row in ROWS.values()}
    for count in counted:
        by_table[ROWS[type(count)]].append(dict(vars(count)))
    for row, values in by_table.items():
        table = table_of(row)
        await session.execute(delete(table))
        for start in range(0, len(values), IN_ONE_INSERT):
            await session.execute(insert(table), values[start : start + IN_ONE_INSERT])
    await tallies.replace(session, domain.tally(counted))


async def miscounted(session: Session) -> dict[domain.Cell, int]:
    """By how much each tally is wrong, told by counting every row again; empty when all is well."""
    counted = [
        kind(**found._mapping)
        for kind, row in ROWS.items()
        for found in await session.execute(select(table_of(row)))
    ]
    return domain.difference(domain.tally(counted), await tallies.kept(session))


async def _around(session: Session, steps: Iterable[Step]) -> list[Counted]:
    """What else is needed to tally `steps`: how long a referral waited is between it and its case.

    A referral that changes needs its case, the one it had too; a case whose first meeting changes
    needs its referrals.
    """
    here = {_place(now) for _, now in steps}
    around: list[Counted] = []
    for case_id in sorted({case_id for step in steps for case_id in _cases(step)}):
        if (CaseCount, case_id) not in here:
            case = await find(session, CaseCount, case_id)
            around += [case] if case else []
    for was, now in steps:
        if isinstance(now, CaseCount) and _first_met(was) != now.first_met_at:
            found = await session.execute(_of_case(), {"wanted": now.case_id})
            around += [ReferralCount(**row._mapping) for row in found]
    return [one for one in around if _place(one) not in here]


def _place(counted: Counted) -> tuple[type[Counted], UUID]:
    [column] = table_of(ROWS[type(counted)]).primary_key
    return type(counted), getattr(counted, column.name)


def _cases(step: Step) -> set[UUID]:
    return {one.case_id for one in step if isinstance(one, ReferralCount) and one.case_id}


def _first_met(case: Counted | None) -> object:
    return case.first_met_at if isinstance(case, CaseCount) else None


# Each of these is made once: for one fact at a time, making a statement is most of the work.
@cache
def _finding(table: Table) -> Select[Any]:
    [key] = table.primary_key
    return select(table).where(key == bindparam("wanted", type_=key.type))


@cache
def _of_case() -> Select[Any]:
    table = table_of(ReferralRow)
    case_id = table.c.case_id
    return select(table).where(case_id == bindparam("wanted", type_=case_id.type))
