"""Cases to plan and their parties."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col, select

from services.scheduling.domain.planning import Case, Party
from services.scheduling.store.tables import CaseRow, ErasedRow, PartyRow
from shared.contracts.words import Matter, Side
from shared.plumbing.database import Session


async def find(session: Session, case_id: UUID) -> Case | None:
    row = await session.get(CaseRow, case_id)
    return None if row is None else _case(row)


async def add(session: Session, case: Case) -> None:
    session.add(
        CaseRow(
            id=case.id,
            referral_id=case.referral_id,
            matter=case.matter,
            area_id=case.area_id,
            opened_at=case.opened_at,
            waiting_since=case.waiting_since,
        )
    )
    await session.flush()


async def note_waiting(session: Session, case_id: UUID, since: datetime | None) -> None:
    """Keep since when the case waits: the list of what waits is read from this alone."""
    await session.execute(
        update(CaseRow).where(col(CaseRow.id) == case_id).values(waiting_since=since)
    )


async def waiting(session: Session, *, skip: int, most: int) -> list[Case]:
    """The cases that wait to be planned, longest first."""
    statement = (
        select(CaseRow)
        .where(col(CaseRow.waiting_since).is_not(None))
        .order_by(col(CaseRow.waiting_since), col(CaseRow.id))
        .offset(skip)
        .limit(most)
    )
    return [_case(row) for row in await session.exec(statement)]


async def keep_party(session: Session, case_id: UUID, party: Party, version: int) -> None:
    """Remember the party, unless something later is known of it or the person was erased."""
    if await session.get(ErasedRow, party.person_id) is not None:
        return
    row = await session.get(PartyRow, (case_id, party.person_id))
    if row is None:
        session.add(
            PartyRow(case_id=case_id, person_id=party.person_id, side=party.side, version=version)
        )
    elif version > row.version:
        row.side, row.version = party.side, version
    await session.flush()


async def parties(session: Session, case_ids: Iterable[UUID]) -> dict[UUID, list[Party]]:
    """The parties of these cases, by case, in the order of their ids."""
    wanted = list(case_ids)
    statement = (
        select(PartyRow).where(col(PartyRow.case_id).in_(wanted)).order_by(col(PartyRow.person_id))
    )
    found: dict[UUID, list[Party]] = {case_id: [] for case_id in wanted}
    for row in await session.exec(statement):
        found[row.case_id].append(Party(row.person_id, Side(row.side)))
    return found


async def forget_person(session: Session, person_id: UUID, at: datetime) -> None:
    """Take the person out of every case, for good."""
    await session.execute(delete(PartyRow).where(col(PartyRow.person_id) == person_id))
    if await session.get(ErasedRow, person_id) is None:
        session.add(ErasedRow(person_id=person_id, erased_at=at))
    await session.flush()


def _case(row: CaseRow) -> Case:
    return Case(
        id=row.id,
        referral_id=row.referral_id,
        matter=Matter(row.matter),
        area_id=row.area_id,
        opened_at=row.opened_at,
        waiting_since=row.waiting_since,
    )
