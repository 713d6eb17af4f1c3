"""What is destroyed when, in all the stores: planned, marked and destroyed by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.parts import blueprints
from deploy.upkeep.where import Where
from shared.contracts.retention import periods
from shared.plumbing import retention
from shared.plumbing.retention import ClockNotBelieved, Planned, Work
from shared.plumbing.retention.loop import keepings_of
from shared.plumbing.settings import CannotStart

JUMPED = (
    "The clock of {service} jumped by more than two days, or nothing ran for so long, so nothing "
    "is destroyed. Look at the date here; if it is right, run `parley retention confirm-clock`."
)


async def plan(where: Where) -> dict[str, list[Planned]]:
    """What the next night would do, by service."""
    found = {}
    for name in blueprints():
        async with _work(where, name) as work:
            found[name] = await work.plan()
    return found


async def mark(where: Where) -> dict[str, int]:
    """Mark what is over. Raises CannotStart where a clock is not believed."""
    marked = {}
    for name in blueprints():
        async with _work(where, name) as work:
            marked[name] = await work.mark()
    return marked


async def destroy(where: Where) -> dict[str, int]:
    """Destroy what was marked long enough ago. Raises CannotStart where a clock is not believed."""
    gone = {}
    for name in blueprints():
        async with _work(where, name) as work:
            gone[name] = await work.destroy()
    return gone


async def confirm_clock(where: Where) -> list[str]:
    """Somebody says what day it is; the services that had doubted it."""
    doubted = []
    for name in blueprints():
        async with _work(where, name) as work, work.database.transaction() as session:
            if await retention.confirm_clock(session):
                doubted.append(name)
    return doubted


@asynccontextmanager
async def _work(where: Where, service: str) -> AsyncIterator[Work]:
    blueprint, settings = blueprints()[service], where.settings
    async with where.store(blueprint) as database:
        try:
            yield Work(database, keepings_of(blueprint, settings), periods(settings.retention))
        except ClockNotBelieved:
            raise CannotStart(JUMPED.format(service=service)) from None
