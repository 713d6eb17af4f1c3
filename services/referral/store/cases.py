"""Cases and the people who belong to them."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, col, select

from services.referral.domain.parties import Party
from services.referral.domain.triage import Case, CaseState
from services.referral.store.base import SCHEMA, Base
from services.referral.store.intake import ReferralRow
from shared.contracts.lifecycle import ClosureCode
from shared.contracts.words import Side
from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Session


class CaseRow(Base, table=True):
    """An accepted referral. Not called `case`, which SQL keeps for itself."""

    __tablename__ = "case_file"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    referral_id: UUID = Field(foreign_key="referral.id", unique=True, sa_column_kwargs=NOT_PERSONAL)
    opened_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    state: str = Field(sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)
    closed_at: datetime | None = Field(
        default=None, index=True, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )
    outcome: str | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)


class PartyRow(Base, table=True):
    """A person who belongs to a case."""

    __tablename__ = "party"

    case_id: UUID = Field(
        primary_key=True, foreign_key="case_file.id", sa_column_kwargs=NOT_PERSONAL
    )
    person_id: UUID = Field(
        primary_key=True, foreign_key="person.id", index=True, sa_column_kwargs=NOT_PERSONAL
    )
    side: str = Field(sa_column_kwargs=NOT_PERSONAL)
    added_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    first: bool = Field(sa_column_kwargs=NOT_PERSONAL)
    declined_at: datetime | None = Field(
        default=None, index=True, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )


CASE = SCHEMA.metadata.tables["case_file"]
PARTY = SCHEMA.metadata.tables["party"]


async def save(session: Session, case: Case) -> None:
    """Store a new or changed case."""
    await session.merge(CaseRow(**vars(case)))
    await session.flush()


async def find(session: Session, case_id: UUID) -> Case | None:
    row = await session.get(CaseRow, case_id)
    return _case(row) if row else None


async def of_referral(session: Session, referral_id: UUID) -> Case | None:
    """The case this referral became, if it was accepted."""
    wanted = select(CaseRow).where(CaseRow.referral_id == referral_id)
    row = (await session.exec(wanted)).first()
    return _case(row) if row else None


async def add_party(session: Session, party: Party) -> None:
    session.add(PartyRow(**vars(party)))
    await session.flush()


async def save_party(session: Session, party: Party) -> None:
    """Store a changed party."""
    await session.merge(PartyRow(**vars(party)))
    await session.flush()


async def parties_of(session: Session, case_id: UUID) -> tuple[Party, ...]:
    """The parties of a case, the first of them first."""
    wanted = (
        select(PartyRow)
        .where(PartyRow.case_id == case_id)
        .order_by(col(PartyRow.first).desc(), col(PartyRow.added_at), col(PartyRow.person_id))
    )
    return tuple(_party(row) for row in await session.exec(wanted))


async def referral_of(session: Session, case_id: UUID) -> UUID | None:
    """The referral a case came from: what the whole case is locked by."""
    return (await session.exec(select(CaseRow.referral_id).where(CaseRow.id == case_id))).first()


async def referrals_with(session: Session, person_id: UUID) -> set[UUID]:
    """Every referral that is this person's own, or has become a case they are a party of."""
    own = select(ReferralRow.id).where(ReferralRow.person_id == person_id)
    joined = (
        select(CaseRow.referral_id)
        .join(PartyRow, col(PartyRow.case_id) == col(CaseRow.id))
        .where(PartyRow.person_id == person_id)
    )
    return {*await session.exec(own), *await session.exec(joined)}


def _case(row: CaseRow) -> Case:
    return Case(
        id=row.id,
        referral_id=row.referral_id,
        opened_at=row.opened_at,
        state=CaseState(row.state),
        version=row.version,
        closed_at=row.closed_at,
        outcome=ClosureCode(row.outcome) if row.outcome else None,
    )


def _party(row: PartyRow) -> Party:
    return Party(
        case_id=row.case_id,
        person_id=row.person_id,
        side=Side(row.side),
        added_at=row.added_at,
        first=row.first,
        declined_at=row.declined_at,
    )
