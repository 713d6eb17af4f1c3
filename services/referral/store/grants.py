"""Leave given to hold meetings, and what each rests on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Field, col, select

from services.referral.domain.grants import Grant
from services.referral.store.base import Base
from shared.contracts.referral import GrantMoment
from shared.contracts.words import MeetingKind
from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Session


class GrantRow(Base, table=True):
    """A grant. Not called `grant`, which SQL keeps for itself."""

    __tablename__ = "meeting_grant"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    case_id: UUID = Field(foreign_key="case_file.id", index=True, sa_column_kwargs=NOT_PERSONAL)
    session_id: UUID = Field(index=True, sa_column_kwargs=NOT_PERSONAL)
    kind: str = Field(sa_column_kwargs=NOT_PERSONAL)
    moment: str = Field(sa_column_kwargs=NOT_PERSONAL)
    granted_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    ends_at: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL)
    ended_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )


class GrantedRow(Base, table=True):
    """One participant of a granted meeting, and the version of the agreement it rests on."""

    __tablename__ = "meeting_grant_participant"

    grant_id: UUID = Field(
        primary_key=True, foreign_key="meeting_grant.id", sa_column_kwargs=NOT_PERSONAL
    )
    person_id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    agreement_version: int | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)


async def add(session: Session, grant: Grant) -> None:
    """Store a grant; an earlier one for the same meeting ends, as this one was asked for later."""
    await session.exec(
        update(GrantRow)
        .where(col(GrantRow.session_id) == grant.session_id, col(GrantRow.ended_at).is_(None))
        .values(ended_at=grant.granted_at)
    )
    values = dict(vars(grant))
    agreements = values.pop("agreements")
    session.add(GrantRow(**values))
    await session.flush()
    for person_id, version in agreements.items():
        session.add(GrantedRow(grant_id=grant.id, person_id=person_id, agreement_version=version))
    await session.flush()


async def end(session: Session, grant: Grant) -> None:
    """Store that a grant has ended."""
    await session.exec(
        update(GrantRow).where(col(GrantRow.id) == grant.id).values(ended_at=grant.ended_at)
    )


async def standing(session: Session, case_id: UUID) -> list[Grant]:
    """Every grant of a case that nobody has ended; the meeting may be over all the same."""
    wanted = (
        select(GrantRow)
        .where(GrantRow.case_id == case_id, col(GrantRow.ended_at).is_(None))
        .order_by(col(GrantRow.granted_at), col(GrantRow.id))
    )
    return [await _grant(session, row) for row in await session.exec(wanted)]


async def last_for(session: Session, session_id: UUID) -> Grant | None:
    """The latest grant for a meeting, ended or not; None when there never was one."""
    wanted = (
        select(GrantRow)
        .where(GrantRow.session_id == session_id)
        .order_by(
            col(GrantRow.ended_at).is_(None).desc(),
            col(GrantRow.granted_at).desc(),
            col(GrantRow.id).desc(),
        )
        .limit(1)
    )
    row = (await session.exec(wanted)).first()
    return await _grant(session, row) if row else None


async def _grant(session: Session, row: GrantRow) -> Grant:
    participants = await session.exec(select(GrantedRow).where(GrantedRow.grant_id == row.id))
    return Grant(
        id=row.id,
        case_id=row.case_id,
        session_id=row.session_id,
        kind=MeetingKind(row.kind),
        moment=GrantMoment(row.moment),
        granted_at=row.granted_at,
        ends_at=row.ends_at,
        agreements={each.person_id: each.agreement_version for each in participants},
        ended_at=row.ended_at,
    )
