"""A referral store with its first areas and colleagues, on either database."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from services.referral.actions.seeds import seed_areas, seed_staff
from services.referral.store import SCHEMA
from shared.plumbing.database import Database
from shared.plumbing.ledger import Ledger
from tests.fixtures.clock import FixedWorld
from tests.fixtures.databases import Store
from tests.fixtures.provider import Provider, a_provider
from tests.referral.outside import SAM, Doorstep, on_the_doorstep


@pytest.fixture
async def database(any_store: Store, world: FixedWorld) -> Database:
    """As a fresh development copy begins."""
    return await seeded(any_store, world)


@pytest.fixture
def sqlite_database(sqlite_store: Store, world: FixedWorld) -> Callable[[], Awaitable[Database]]:
    return lambda: seeded(sqlite_store, world)


@pytest.fixture
def provider(world: FixedWorld) -> Iterator[Provider]:
    """The sign-in of an organisation, at which Sam sits."""
    with a_provider(world.now) as one:
        one.knows("sam", email=SAM)
        yield one


@pytest.fixture
async def step(
    sqlite_database: Callable[[], Awaitable[Database]], provider: Provider, tmp_path: Path
) -> AsyncIterator[Doorstep]:
    """Between the two, for a colleague whom nobody has linked to their account there yet."""
    async with on_the_doorstep(await sqlite_database(), provider, tmp_path) as one:
        await one.add()
        yield one


async def seeded(store: Store, world: FixedWorld) -> Database:
    database = await store(SCHEMA, world=world)
    async with database.transaction() as session:
        await seed_staff(session)
        await seed_areas(session)
    return database


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Of who was erased; nowhere near the store."""
    return Ledger(tmp_path / "elsewhere" / "erased.ledger")
