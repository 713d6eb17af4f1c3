"""A made-up service that keeps matters, and letters about somebody's part in one."""

from uuid import UUID

from sqlalchemy import Column, Table, Uuid, select
from sqlmodel import SQLModel

from shared.plumbing.columns import NOT_PERSONAL
from shared.plumbing.database import Schema, new_registry
from shared.plumbing.standing import Matters, Standings, standing_table


class Base(SQLModel, registry=new_registry()):
    pass


def column(name: str, *, key: bool = False) -> Column:
    return Column(name, Uuid, primary_key=key, nullable=not key, **NOT_PERSONAL)


SCHEMA = Schema("guard", Base)
STANDING = standing_table(SCHEMA.metadata)
MATTER = Table(
    "matter",
    SCHEMA.metadata,
    column("told_as", key=True),
    column("matter_id"),
    column("area_id"),
    column("person_id"),
    column("referred_by"),
)
LETTER = Table(
    "letter", SCHEMA.metadata, column("id", key=True), column("about_id"), column("part_of_id")
)
STANDINGS = Standings(
    STANDING,
    Matters(
        MATTER,
        MATTER.c.matter_id,
        MATTER.c.area_id,
        person=MATTER.c.person_id,
        referred_by=MATTER.c.referred_by,
        told_as=MATTER.c.told_as,
    ),
)

PEOPLE = [UUID(int=100 + number) for number in range(5)]
AREAS = [UUID(int=200 + number) for number in range(3)]
MATTERS = [UUID(int=300 + number) for number in range(8)]
CASES = {matter: UUID(int=400 + number) for number, matter in enumerate(MATTERS)}
ME, HIM = PEOPLE[:2]
THIS = MATTERS[0]


async def note(store, *noted):
    async with store.transaction() as session:
        for standing in noted:
            await STANDINGS.note(session, standing)


async def stands(store, staff, matter_id=THIS, person_id=None):
    async with store.reading() as session:
        return await STANDINGS.relations(session, staff, matter_id, person_id)


async def there_is(
    store, matter_id=THIS, area_id=AREAS[0], person_id=None, told_as=None, referred_by=None
):
    async with store.transaction() as session:
        row = {"matter_id": matter_id, "area_id": area_id, "person_id": person_id}
        row["referred_by"] = referred_by
        for name in (matter_id, told_as):
            if name is not None:
                await session.execute(MATTER.insert(), row | {"told_as": name})


async def listed(store, staff, action, by=STANDINGS):
    """The matters on a list of them."""
    async with store.reading() as session:
        seen = by.visible(staff, action, MATTER.c.matter_id, now=session.now())
        statement = select(MATTER.c.matter_id).where(seen)
        return {matter_id for (matter_id,) in await session.execute(statement)}
