"""Where a service keeps who stands how to its matters, and the matters themselves."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, Uuid

from shared.plumbing.columns import NOT_PERSONAL
from shared.plumbing.glass import glass_table


@dataclass(frozen=True)
class Matters:
    """Where a service keeps the area of each matter."""

    table: Table
    id: Column[UUID]
    area: Column[UUID]
    person: Column[UUID] | None = None
    """The one a matter began with, where the table says so: their own case."""
    referred_by: Column[UUID] | None = None
    """Who made the referral for their agency, where the table says so."""
    told_as: Column[UUID] | None = None
    """Another id under which somebody's standing may have been told: that of the case."""
    cases: tuple[Column[UUID], Column[UUID]] | None = None
    """Where cases have a table of their own: the id of one, and that of its matter."""


def standing_table(metadata: MetaData) -> Table:
    """Who stands how to which matter, by the last that was told of it, and who opened which."""
    glass_table(metadata)
    return Table(
        "standing",
        metadata,
        Column("matter_id", Uuid, primary_key=True, **NOT_PERSONAL),
        Column("person_id", Uuid, primary_key=True, index=True, **NOT_PERSONAL),
        Column("relation", String(40), primary_key=True, **NOT_PERSONAL),
        Column("party_id", Uuid, nullable=True, **NOT_PERSONAL),
        Column("holds", Boolean, nullable=False, **NOT_PERSONAL),
        Column("version", Integer, nullable=False, **NOT_PERSONAL),
    )
