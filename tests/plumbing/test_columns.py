"""Stored times keep their meaning on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError

from tests.plumbing.ledger import SCHEMA, PageRow

NEW_YORK = timezone(timedelta(hours=-5))


async def test_a_stored_time_comes_back_as_the_same_moment_with_its_zone(any_store):
    database = await any_store(SCHEMA)
    moment = datetime(2026, 3, 2, 20, 30, 0, 123456, tzinfo=NEW_YORK)

    async with database.transaction() as session:
        session.add(PageRow(id=uuid4(), number=1, turned_at=moment))
    async with database.reading() as session:
        turned_at = (await session.execute(select(PageRow.turned_at))).scalar_one()

    assert turned_at == moment
    assert turned_at.tzinfo is UTC
    assert turned_at.isoformat() == "2026-03-03T01:30:00.123456+00:00"


async def test_a_time_without_its_zone_is_refused(any_store):
    database = await any_store(SCHEMA)
    somewhere = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the point

    async with database.transaction() as session:
        with pytest.raises(StatementError, match="needs its zone"):
            await session.execute(insert(PageRow).values(id=uuid4(), turned_at=somewhere))


async def test_times_are_compared_as_moments_whatever_zone_they_were_given_in(any_store):
    database = await any_store(SCHEMA)
    earlier = datetime(2026, 3, 2, 20, 0, tzinfo=NEW_YORK)
    later = datetime(2026, 3, 3, 1, 1, tzinfo=UTC)

    async with database.transaction() as session:
        session.add(PageRow(id=uuid4(), number=2, turned_at=later))
        session.add(PageRow(id=uuid4(), number=1, turned_at=earlier))
    async with database.reading() as session:
        first = await session.execute(
            select(PageRow.number).where(PageRow.turned_at < later).order_by(PageRow.turned_at)
        )

    assert first.scalars().all() == [1]
