"""The numbers of the report, ready to be added up, and the report made of them."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    union_all,
)

from services.reporting import domain
from services.reporting.domain import By, Cell, Outcomes, Period
from services.reporting.store.tables import AreaRow, TallyRow, table_of
from shared.plumbing.database import ConflictInsert, Session, conflict_insert

IN_ONE_INSERT = 500
"""Rows written in one statement by a rebuild."""

TALLY = table_of(TallyRow)


async def move(session: Session, by: Mapping[Cell, int]) -> None:
    """Change each of these numbers by so much, whatever it is now, in the order given."""
    if by:
        statement = _moving(len(by), session.database.dialect)
        values = enumerate(_values(by))
        await session.change(
            statement, {f"{name}_{at}": it for at, each in values for name, it in each.items()}
        )


async def replace(session: Session, numbers: Mapping[Cell, int]) -> None:
    """Throw every number away and keep these instead."""
    await session.execute(delete(TALLY))
    values = list(_values(numbers))
    for start in range(0, len(values), IN_ONE_INSERT):
        await session.execute(insert(TALLY), values[start : start + IN_ONE_INSERT])


async def kept(session: Session) -> dict[Cell, int]:
    """Every number there is, but for those that have come down to nothing."""
    found = await session.execute(select(TALLY).where(TALLY.c.number != 0))
    return {Cell(*cell): number for *cell, number in found}


async def measures(session: Session, period: Period) -> domain.Measures:
    """Every figure of the report for `period`, from this moment's view of the store."""
    area = table_of(AreaRow).c
    labels = await session.execute(select(area.area_id, area.label))
    sums = await _sums(session, period)
    waits = {int(days): each for (days, met), each in sums[By.DAYS].items() if met == domain.MET}
    return domain.measure(
        period,
        by_month=_outcomes(await _by_month(session, period)),
        by_source=_outcomes(sums[By.SOURCE]),
        by_area={UUID(area): each for area, each in _outcomes(sums[By.AREA]).items()},
        labels={each.area_id: each.label for each in labels},
        meetings=sums[By.KIND],
        waits=waits,
        not_yet=sums[By.DAYS].get(("", domain.NOT_YET), 0),
    )


async def _sums(session: Session, period: Period) -> dict[str, dict[tuple[Any, str], int]]:
    sums: dict[str, dict[tuple[Any, str], int]] = {by: {} for by in By}
    for counted_by, value, outcome, number in await session.execute(_summing(), dict(vars(period))):
        sums[counted_by][value, outcome] = number
    return sums


async def _by_month(session: Session, period: Period) -> dict[tuple[Any, str], int]:
    found = await session.execute(_summing_months(), dict(vars(period)))
    return {(month, outcome): number for month, outcome, number in found}


def _outcomes(sums: Mapping[tuple[Any, str], int]) -> dict[Any, Outcomes]:
    outcomes: dict[Any, Outcomes] = {}
    for (key, outcome), number in sums.items():
        outcomes[key] = outcomes.get(key, Outcomes()) + Outcomes(**{outcome: number})
    return outcomes


def _values(numbers: Mapping[Cell, int]) -> Iterator[dict[str, Any]]:
    return ({**vars(cell), "number": number} for cell, number in numbers.items())


# Each of these is made once: making a statement costs more than saying it.
@cache
def _moving(cells: int, dialect: str) -> ConflictInsert:
    """Moves so many numbers at once: one fact moves a handful."""
    values = (
        select(*(bindparam(f"{column.name}_{at}", type_=column.type) for column in TALLY.c))
        for at in range(cells)
    )
    # No list of VALUES: SQLAlchemy would write that out anew each time. And each row with a
    # condition: without one SQLite takes the ON of ON CONFLICT for the beginning of a join.
    rows = union_all(*(row.where(literal_column("1 = 1")) for row in values))
    statement = conflict_insert(TALLY, dialect).from_select(list(TALLY.c), rows)
    return statement.on_conflict_do_update(
        index_elements=list(TALLY.primary_key),
        set_={"number": TALLY.c.number + statement.excluded.number},
    )


@cache
def _summing() -> Select[Any]:
    what = (TALLY.c.counted_by, TALLY.c.value, TALLY.c.outcome)
    number = func.sum(TALLY.c.number)
    return select(*what, number).where(_in_period()).group_by(*what).having(number != 0)


@cache
def _summing_months() -> Select[Any]:
    what = (TALLY.c.month, TALLY.c.outcome)
    number = func.sum(TALLY.c.number)
    once = TALLY.c.counted_by == By.SOURCE  # every referral has one source
    return select(*what, number).where(_in_period(), once).group_by(*what).having(number != 0)


def _in_period() -> ColumnElement[bool]:
    month = TALLY.c.month
    first, last = (bindparam(name, type_=month.type) for name in ("first", "last"))
    return month.between(first, last)
