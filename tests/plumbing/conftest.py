"""What several of plumbing's tests need."""

from contextlib import AsyncExitStack

import pytest
import structlog

from shared.plumbing import delivery
from tests.plumbing.house import BAKERY, SHOP, a_house, services


@pytest.fixture
def quick_retries(monkeypatch):
    """The same number of attempts, without the waiting."""
    monkeypatch.setattr(delivery, "RETRY_DELAYS", tuple(d / 20 for d in delivery.RETRY_DELAYS))
    monkeypatch.setattr(delivery, "UNREACHABLE_DELAY", delivery.UNREACHABLE_DELAY / 10)


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks():
    """As a log is by itself it shows everything around an error, which takes seconds each time."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    )


@pytest.fixture
async def any_shop(any_store):
    """The shop's store, once on each database."""
    return await any_store(SHOP)


@pytest.fixture
async def open_shop(parley_broker, any_shop, sqlite_store):
    """Opens a shop that hears so; returns the bakery's bus, and the house they are in."""
    bakery = await sqlite_store(BAKERY)
    async with AsyncExitStack() as stack:

        async def opening(hearing):
            house = await stack.enter_async_context(a_house(await parley_broker(services(hearing))))
            await house.bus("shop", any_shop, hearing)
            return await house.bus("bakery", bakery), house

        yield opening
