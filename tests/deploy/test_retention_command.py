"""`parley retention`: what is said, what is done, and that it may die anywhere."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from typer.testing import CliRunner

from deploy.cli import app
from deploy.home import Home
from deploy.parts import blueprints
from services.referral.actions.seeds import seed_areas, seed_staff
from services.referral.store import SCHEMA
from shared.plumbing import migrations
from shared.plumbing.crash import EXIT_STATUS
from shared.plumbing.database import Database
from tests.fixtures import keys
from tests.fixtures.clock import FixedWorld
from tests.fixtures.system import ROOT
from tests.referral.ending import a_declined_referral, hold

MARK, NIGHT = SCHEMA.tables.retention.mark, SCHEMA.tables.retention.night
NUMBER = 4
TWO_YEARS = timedelta(days=730)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Four stores; in that of referral some declined referrals from two years ago."""
    made = Home(tmp_path / "var")
    made.make()
    monkeypatch.setenv("PARLEY_VAR", str(made.root))
    monkeypatch.setenv("COLUMNS", "250")

    async def make():
        for name in blueprints():
            await migrations.upgrade(made.store_url(name), name)
        world = FixedWorld(datetime.now(UTC) - TWO_YEARS)
        async with opened(made, world) as database:
            async with database.transaction() as session:
                await seed_staff(session)
                await seed_areas(session)
            for number in range(NUMBER):
                await a_declined_referral(database, number)

    asyncio.run(make())
    return made


@asynccontextmanager
async def opened(home, *world):
    database = Database(
        home.store_url("referral"), SCHEMA, *world, keyring=keys.keyring("referral")
    )
    try:
        yield database
    finally:
        await database.close()


def parley(*words):
    return CliRunner().invoke(app, ["retention", *words])


def killed_at(place, *words):
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", "retention", *words],
        cwd=ROOT,
        env={**os.environ, "PARLEY_CRASH_AT": place, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode


def in_store(home, work):
    async def run():
        async with opened(home) as database, database.transaction() as session:
            return await work(session)

    return asyncio.run(run())


def a_month_goes_by(home):
    """As if it had been marked forty days, and forty nights, ago."""

    async def pass_by(session):
        earlier = session.now() - timedelta(days=40)
        waited = {"marked_at": earlier, "destroy_after": earlier + timedelta(days=30)}
        await session.execute(update(MARK).values(night=1, **waited))
        await session.execute(update(NIGHT).values(number=41))

    in_store(home, pass_by)


def left(home):
    async def count(session):
        referral = SCHEMA.metadata.tables["referral"]
        return await session.scalar(select(func.count()).select_from(referral))

    return in_store(home, count)


def told(home):
    async def read(session):
        outbox = SCHEMA.tables.outbox
        rows = (await session.execute(select(outbox.c.subject, outbox.c.body))).all()
        return [(row.subject, json.loads(row.body)) for row in rows]

    gone = [body for subject, body in in_store(home, read) if "records_destroyed" in subject]
    return sorted(one["referral_id"] for one in gone)


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(home):
    first, second = parley("plan"), parley("plan")

    assert first.exit_code == 0, first.output
    assert f"referral: referral_not_taken_up: {NUMBER} to mark, 0 waiting" in first.output
    assert "Example" not in first.output
    assert first.output == second.output


def test_what_is_over_is_marked_then_waits_then_goes_wherever_the_command_dies(home):
    assert killed_at("retention.after_mark", "mark") == EXIT_STATUS
    assert parley("mark").exit_code == 0
    early = parley("destroy")
    assert "referral: 0 destroyed" in early.output
    assert left(home) == NUMBER

    a_month_goes_by(home)
    assert f"{NUMBER} to destroy" in parley("plan").output
    assert killed_at("retention.before_commit", "destroy") == EXIT_STATUS
    assert left(home) == NUMBER
    assert killed_at("retention.after_destroy", "destroy") == EXIT_STATUS
    assert left(home) == NUMBER - 1
    rest = parley("destroy")

    assert f"referral: {NUMBER - 1} destroyed" in rest.output
    assert left(home) == 0
    assert len(told(home)) == len(set(told(home))) == NUMBER


def test_what_was_held_meanwhile_stays_and_the_plan_says_so(home):
    parley("mark")
    a_month_goes_by(home)

    async def keep(home):
        async with opened(home) as database:
            referral = SCHEMA.metadata.tables["referral"]
            async with database.reading() as session:
                first = await session.scalar(select(referral.c.id).order_by(referral.c.id))
            await hold(database, first)

    asyncio.run(keep(home))
    assert "1 held" in parley("plan").output
    parley("destroy")

    assert left(home) == 1


def test_f32_a_clock_that_jumped_is_for_a_person_to_confirm(home):
    parley("mark")
    a_month_goes_by(home)

    async def jump(session):
        earlier = session.now() - timedelta(days=3)
        await session.execute(update(NIGHT).values(ran_at=earlier))

    in_store(home, jump)
    refused = parley("destroy")
    assert refused.exit_code == 1
    assert "The clock of referral jumped by more than two days" in refused.output
    assert left(home) == NUMBER

    assert parley("confirm-clock").output == "Confirmed for referral.\n"
    assert parley("confirm-clock").output == "No clock was doubted.\n"
    parley("destroy")
    assert left(home) == 0


def test_a_period_nobody_can_mean_stops_every_command_in_one_sentence(home, monkeypatch):
    monkeypatch.setenv("PARLEY_RETENTION", "messages=1")
    said = parley("plan")

    assert said.exit_code == 1
    assert said.output == ("PARLEY_RETENTION: messages is kept for 30 days at the least, not 1.\n")
