"""Cases to plan and their parties."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, delete, select, update

from services.scheduling.domain.planning import Case, Party
from services.scheduling.store import told
from services.scheduling.store.tables import CASE, ERASED, PARTY
from shared.contracts.words import Matter, Side
from shared.plumbing.database import Session

# Made once, like all that facts need: making a statement costs more than saying it.
_FIND = select(CASE).where(CASE.c.id == bindparam("wanted"))
_PARTIES = (
    select(PARTY)
    .where(PARTY.c.case_id.in_(bindparam("wanted", expanding=True)))
    .order_by(PARTY.c.person_id)
)
_NOTE_WAITING = update(CASE).where(CASE.c.id == bindparam("wanted"))
_FORGET = delete(PARTY).where(PARTY.c.person_id == bindparam("wanted"))


async def find(session: Session, case_id: UUID) -> Case | None:
    row = (await session.execute(_FIND, {"wanted": case_id})).first()
    return None if row is None else _case(row)


async def add(session: Session, case: Case) -> None:
    """Keep a case that was opened; one that is there already stays as it is."""
    await told.keep_first(session, CASE, vars(case))


async def note_waiting(session: Session, case_id: UUID, since: datetime | None) -> None:
    """Keep since when the case waits: the list of what waits is read from this alone."""
    await session.change(_NOTE_WAITING, {"wanted": case_id, "waiting_since": since})


async def waiting(
    session: Session, visible: ColumnElement[bool], *, skip: int, most: int
) -> list[Case]:
    """The cases that wait to be planned, of those that are visible, longest first."""
    statement = (
        select(CASE)
        .where(CASE.c.waiting_since.is_not(None), visible)
        .order_by(CASE.c.waiting_since, CASE.c.id)
        .offset(skip)
        .limit(most)
    )
    return [_case(row) for row in await session.execute(statement)]


async def keep_party(session: Session, case_id: UUID, party: Party, version: int) -> None:
    """Remember the party, unless something later is known of it or the person was erased."""
    row = {"case_id": case_id, "person_id": party.person_id, "side": party.side}
    await told.keep_latest(session, PARTY, row | {"version": version})


async def parties(session: Session, case_ids: Iterable[UUID]) -> dict[UUID, list[Party]]:
    """The parties of these cases, by case, in the order of their ids."""
    wanted = list(case_ids)
    found: dict[UUID, list[Party]] = {case_id: [] for case_id in wanted}
    for row in await session.execute(_PARTIES, {"wanted": wanted}):
        found[row.case_id].append(Party(row.person_id, Side(row.side)))
    return found


async def forget_person(session: Session, person_id: UUID, at: datetime) -> None:
    """Take the person out of every case, for good."""
    await session.change(_FORGET, {"wanted": person_id})
    await told.keep_first(session, ERASED, {"person_id": person_id, "erased_at": at})


def _case(row: Row[Any]) -> Case:
    return Case(
        id=row.id,
        referral_id=row.referral_id,
        matter=Matter(row.matter),
        area_id=row.area_id,
        opened_at=row.opened_at,
        waiting_since=row.waiting_since,
    )
