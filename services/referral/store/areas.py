"""The areas people can choose from."""

from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Field, col, select

from services.referral.domain.areas import Area
from services.referral.store.base import Base
from shared.plumbing.columns import NOT_PERSONAL
from shared.plumbing.database import Session


class AreaRow(Base, table=True):
    """An area and its public label."""

    __tablename__ = "area"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    label: str = Field(sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


_FINDING = select(col(AreaRow.id), col(AreaRow.label), col(AreaRow.version)).where(
    col(AreaRow.id) == bindparam("wanted")
)


async def save(session: Session, area: Area) -> None:
    """Store a new or renamed area."""
    await session.merge(AreaRow(**vars(area)))
    await session.flush()


async def find(session: Session, area_id: UUID) -> Area | None:
    row = (await session.execute(_FINDING, {"wanted": area_id})).first()
    return Area(*row) if row else None


async def all_areas(session: Session) -> list[Area]:
    """Every area, in the order they were made."""
    rows = await session.exec(select(AreaRow).order_by(col(AreaRow.id)))
    return [Area(**row.model_dump()) for row in rows]
