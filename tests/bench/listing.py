"""Row 6: the pages that list, with a hundred times as many cases behind them."""

import asyncio
import time
from contextlib import AsyncExitStack

from fastapi import FastAPI

from deploy.parts import blueprints
from services.referral.actions.seeds import seed_staff
from shared.plumbing import service
from shared.plumbing.blueprint import Blueprint
from shared.plumbing.database import Database
from tests.bench.archive import fill
from tests.bench.figures import MILLISECONDS, Row, Samples, alternately, at_most, percentile
from tests.bench.ground import Ground
from tests.bench.posting import settings_for
from tests.bench.web import Caller, serving
from tests.fixtures.signed_in import come_in, cookies

PATH = "6 list pages"
BAR = at_most(1.5)

FEW, MANY = 1_000, 100_000
ROUNDS, VISITS = 8, 5

PAGES = {
    "referral": {
        "referrals that wait": "/referral/cases?tab=waiting",
        "open cases": "/referral/cases?tab=open",
        "closed": "/referral/cases?tab=closed&page=5",
    },
    "scheduling": {"planning": "/scheduling/"},
    "notifications": {
        "messages": "/notifications/",
        "messages sent": "/notifications/?state=sent",
        "calls": "/notifications/calls",
    },
    "reporting": {"report": "/reporting/"},
}


async def rows(
    ground: Ground, rounds: int = ROUNDS, visits: int = VISITS, few: int = FEW, many: int = MANY
) -> list[Row]:
    """Each page of the store that holds many cases beside the same page of one that holds few."""
    found = []
    for name, pages in PAGES.items():
        found += await _rows(ground, name, pages, (rounds, visits), (few, many))
    return found


async def _rows(
    ground: Ground,
    name: str,
    pages: dict[str, str],
    how_often: tuple[int, int],
    sizes: tuple[int, int],
) -> list[Row]:
    rounds, visits = how_often
    apps = []
    for size in sizes:
        store = await ground.store(blueprints()[name].schema)
        await asyncio.to_thread(fill, store, size)
        await with_staff(store)
        apps.append(await signed_in_to(ground, blueprints()[name], store))
    found = []
    async with AsyncExitStack() as stack:
        to_few, to_many = [
            await stack.enter_async_context(
                Caller(await stack.enter_async_context(serving(app)), cookie)
            )
            for app, cookie in apps
        ]
        for what, page in pages.items():

            async def with_few(page: str = page) -> Samples:
                return [await _visit(to_few, page) for _ in range(visits)]

            async def with_many(page: str = page) -> Samples:
                return [await _visit(to_many, page) for _ in range(visits)]

            many, few = await alternately(rounds, with_many, with_few)
            slow, usual = percentile(many, 95), percentile(few, 95)
            found.append(Row(f"{PATH}, {what}, p95", slow, usual, BAR, MILLISECONDS))
    return found


async def signed_in_to(
    ground: Ground, blueprint: Blueprint, store: Database
) -> tuple[FastAPI, str]:
    """The service with this store, and the cookie of somebody who is signed in there."""
    app = service.create(blueprint, settings_for(store))
    ground.stack.push_async_callback(app.state.service.database.close)
    token = await come_in(app)
    assert token, "nobody may sign in"
    return app, "; ".join(f"{k}={v}" for k, v in cookies(app, token).items())


async def with_staff(store: Database) -> None:
    """Somebody may sign in to look at the pages, where that is looked up in this very store."""
    if store.schema.name == "referral":
        async with store.transaction() as session:
            await seed_staff(session)


async def _visit(caller: Caller, page: str) -> float:
    started = time.perf_counter()
    status, answer = await caller.get(page)
    took = time.perf_counter() - started
    assert status == 200, answer
    return took * 1000
