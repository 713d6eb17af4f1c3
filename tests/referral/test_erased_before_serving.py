"""Whoever was erased is gone before a single page is served, or nothing is served at all."""

from dataclasses import replace

import pytest

from services.referral import store
from services.referral.main import BLUEPRINT
from services.referral.store import SCHEMA
from shared.plumbing import migrations, service
from shared.plumbing.ledger import Ledger, Line
from shared.plumbing.settings import CannotStart, Settings
from tests.fixtures import keys
from tests.referral.builders import SAM, a_person, a_safe_contact
from tests.referral.erasing import TODAY

WITHOUT_LOOPS = replace(BLUEPRINT, loops=())
"""What is done again and again could hide that it was not done at the start."""


@pytest.fixture
async def older(any_store, world):
    """A store from before the erasure, with its migrations."""
    database = await any_store(SCHEMA, world=world, empty=True)
    url = database.url.render_as_string(hide_password=False)
    await migrations.upgrade(url, "referral", keys.keyring("referral"))
    async with database.transaction() as session:
        await store.people.add(session, a_person(), a_safe_contact())
    return database


def settings(database, path) -> Settings:
    url = database.url.render_as_string(hide_password=False)
    return Settings(database_url=url, ledger=path, nats_url="nats://127.0.0.1:1")


async def test_a21_the_ledger_is_applied_before_anything_is_served(older, world, tmp_path):
    path = tmp_path / "erased.ledger"
    Ledger(path).append([Line(SAM, TODAY, "request")])
    app = service.create(WITHOUT_LOOPS, settings(older, path), world)

    async with app.router.lifespan_context(app), older.reading() as session:
        assert (await store.people.find(session, SAM)).erased


@pytest.mark.parametrize("text", ["changed by hand\n", "x" * 70 + "\n"])
async def test_with_a_ledger_that_was_changed_referral_does_not_start(older, world, tmp_path, text):
    path = tmp_path / "erased.ledger"
    path.write_text(text)
    app = service.create(WITHOUT_LOOPS, settings(older, path), world)

    with pytest.raises(CannotStart, match="was changed"):
        async with app.router.lifespan_context(app):
            pass


async def test_before_anybody_was_erased_a_start_needs_no_ledger(older, world, tmp_path):
    path = tmp_path / "nowhere" / "erased.ledger"
    app = service.create(WITHOUT_LOOPS, settings(older, path), world)

    async with app.router.lifespan_context(app), older.reading() as session:
        assert not (await store.people.find(session, SAM)).erased
    assert not path.exists()
