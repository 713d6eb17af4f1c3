"""What parties have said about meeting: every version, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field, col, select

from services.referral.domain.agreement import Agreement, AgreementState, HowTold, Told
from services.referral.store.base import Base
from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Session


class AgreementRow(Base, table=True):
    """One version of what one party said."""

    __tablename__ = "agreement"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "person_id"], ["party.case_id", "party.person_id"]),
    )

    case_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    person_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    state: str = Field(sa_column_kwargs=NOT_PERSONAL)
    how: str = Field(sa_column_kwargs=NOT_PERSONAL)
    told_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    told_by: UUID = Field(sa_column_kwargs=NOT_PERSONAL)


async def add(session: Session, agreement: Agreement) -> None:
    session.add(
        AgreementRow(
            case_id=agreement.case_id,
            person_id=agreement.person_id,
            version=agreement.version,
            state=agreement.state.value,
            how=agreement.told.how.value,
            told_at=agreement.told.at,
            told_by=agreement.told.by,
        )
    )
    await session.flush()


async def latest(session: Session, case_id: UUID) -> dict[UUID, Agreement]:
    """The last version of each party of a case who ever said anything."""
    wanted = (
        select(AgreementRow)
        .where(AgreementRow.case_id == case_id)
        .order_by(col(AgreementRow.version))
    )
    return {row.person_id: _agreement(row) for row in await session.exec(wanted)}


def _agreement(row: AgreementRow) -> Agreement:
    return Agreement(
        case_id=row.case_id,
        person_id=row.person_id,
        version=row.version,
        state=AgreementState(row.state),
        told=Told(how=HowTold(row.how), at=row.told_at, by=row.told_by),
    )
