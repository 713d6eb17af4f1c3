"""A service that exists only in these tests: one table, one fact."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlmodel import Field, SQLModel

from shared.contracts.fact import Fact
from shared.plumbing import outbox
from shared.plumbing.columns import NOT_PERSONAL, UtcDateTime
from shared.plumbing.database import Database, Schema, Session, new_registry


class Base(SQLModel, registry=new_registry()):
    """What every table of this service is made from."""


class PageRow(Base, table=True):
    __tablename__ = "page"

    id: UUID = Field(primary_key=True, sa_column_kwargs=NOT_PERSONAL)
    number: int = Field(sa_column_kwargs=NOT_PERSONAL)
    turned_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, sa_column_kwargs=NOT_PERSONAL
    )


SCHEMA = Schema("ledger", Base)

CURRENT = SCHEMA
"""What the tables are in the code of the moment; a test of migrations lets time go on."""


class PageTurned(Fact):
    """A page was turned."""

    subject: ClassVar[str] = "ledger.page_turned.v1"
    about: ClassVar[str] = "page_id"

    page_id: UUID


async def tell(session: Session, version: int = 1, page_id: UUID | None = None) -> UUID:
    """Record that a page was turned; a new page, unless one is given."""
    fact = PageTurned(page_id=page_id or uuid4())
    return await outbox.record(session, fact, version=version)


async def tell_many(database: Database, how_many: int) -> list[str]:
    """Record facts, each in a transaction of its own, and return the ids of the events."""
    ids = []
    for _ in range(how_many):
        async with database.transaction() as session:
            ids.append(str(await tell(session)))
    return ids


async def unsent(database: Database) -> list[str]:
    """The events that wait to be published, oldest first."""
    table = SCHEMA.tables.outbox
    statement = select(table.c.event_id).where(table.c.sent_at.is_(None)).order_by(table.c.id)
    async with database.reading() as session:
        return [str(event_id) for event_id in (await session.execute(statement)).scalars()]
