"""The areas people can choose from."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Field

from services.referral.domain.areas import Area
from services.referral.store.base import SCHEMA, Base
from shared.plumbing.columns import NOT_PERSONAL
from shared.plumbing.database import Session


class AreaRow(Base, table=True):
    """An area and its public label."""

    __tablename__ = "area"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    label: str = Field(sa_column_kwargs=NOT_PERSONAL)
    version: int = Field(sa_column_kwargs=NOT_PERSONAL)


AREA = SCHEMA.metadata.tables["area"]

_FINDING = select(AREA.c.id, AREA.c.label, AREA.c.version).where(AREA.c.id == bindparam("wanted"))


async def save(session: Session, area: Area) -> None:
    """Store a new or renamed area."""
    await session.merge(AreaRow(**vars(area)))
    await session.flush()


async def find(session: Session, area_id: UUID) -> Area | None:
    row = (await session.execute(_FINDING, {"wanted": area_id})).first()
    return Area(*row) if row else None


async def all_areas(session: Session) -> list[Area]:
    """Every area, in the order they were made."""
    rows = await session.execute(select(AREA).order_by(AREA.c.id))
    return [Area(*row) for row in rows]
