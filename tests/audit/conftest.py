"""A referral store as a fresh development copy has it, on either database."""

import pytest

from shared.plumbing.database import Database
from tests.fixtures.clock import FixedWorld
from tests.fixtures.databases import Store
from tests.referral.conftest import seeded


@pytest.fixture
async def database(any_store: Store, world: FixedWorld) -> Database:
    return await seeded(any_store, world)
