"""Naming the areas we work in."""

from dataclasses import replace
from uuid import UUID

from services.referral import store
from services.referral.domain import areas
from services.referral.domain.areas import Area
from services.referral.domain.case_file import NotThere, PageOutOfDate
from shared.plumbing import outbox
from shared.plumbing.database import Session

AREA_LIST = "areas"
"""The lock under which areas get their names, so that no two get the same."""


async def add_area(session: Session, label: str, *, area_id: UUID | None = None) -> Area:
    """Let people choose a new area. Raises AreaNameTaken."""
    await session.lock(AREA_LIST)
    return await _name(session, Area(id=area_id or session.new_id(), label=label))


async def rename_area(session: Session, area_id: UUID, label: str, seen_version: int) -> Area:
    """Give an area another public name. Raises NotThere, PageOutOfDate or AreaNameTaken."""
    await session.lock(AREA_LIST)
    area = await area_to_rename(session, area_id)
    if area.version != seen_version:
        raise PageOutOfDate("Somebody has renamed this area since you opened the page.")
    return await _name(session, replace(area, label=label, version=area.version + 1))


async def area_to_rename(session: Session, area_id: UUID) -> Area:
    """The area as it is now. Raises NotThere."""
    area = await store.areas.find(session, area_id)
    if area is None:
        raise NotThere("There is no such area.")
    return area


async def _name(session: Session, area: Area) -> Area:
    named = areas.name_area(area, await store.areas.all_areas(session))
    await store.areas.save(session, area)
    await outbox.record(session, named, version=area.version)
    return area
