"""When people were asked what they want to know, and when they said so."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Field

from services.referral.domain.clarification import Clarification
from services.referral.store.base import SCHEMA, Base
from shared.plumbing.columns import NOT_PERSONAL
from shared.plumbing.database import Session, insert_latest


class ClarificationRow(Base, table=True):
    """One time that somebody was asked."""

    __tablename__ = "clarification"

    request_id: UUID = Field(
        primary_key=True, foreign_key="right_request.id", sa_column_kwargs=NOT_PERSONAL
    )
    asked_on: date = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    answered_on: date | None = Field(default=None, sa_column_kwargs=NOT_PERSONAL)
    asked_by: UUID = Field(sa_column_kwargs=NOT_PERSONAL)


CLARIFICATION = SCHEMA.metadata.tables["clarification"]


async def save(session: Session, asked: Clarification) -> None:
    """Store a new one, or that it was answered."""
    await session.execute(insert_latest(CLARIFICATION, session.database.dialect), vars(asked))


async def of_requests(
    session: Session, request_ids: Iterable[UUID]
) -> dict[UUID, list[Clarification]]:
    """How often each of these was asked about, the first time first."""
    wanted = sorted(set(request_ids))
    found: dict[UUID, list[Clarification]] = {one: [] for one in wanted}
    statement = select(CLARIFICATION).where(CLARIFICATION.c.request_id.in_(wanted))
    for row in await session.execute(statement.order_by(CLARIFICATION.c.asked_on)):
        asked = Clarification(row.request_id, row.asked_on, row.asked_by, row.answered_on)
        found[row.request_id].append(asked)
    return found
