"""One system with half a year behind it, and one Chromium, for all tests of this folder."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from tests.browser.story import BEGIN, Places, Story
from tests.fixtures.browser import OpenPage, a_browser, pages_of
from tests.fixtures.system import RUN_WITH_MOVED_CLOCK, System, running


@dataclass(frozen=True)
class Site:
    """The system, and where its pages worth looking at are."""

    system: System
    places: Places

    @property
    def address(self) -> str:
        return self.system.address


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    system = System(tmp_path_factory.mktemp("story"), RUN_WITH_MOVED_CLOCK)
    system.clock.move(BEGIN - datetime.now(UTC))
    with running(system):
        yield Site(system, Story(system).tell())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[object]:
    """One for the whole session; `browser` starts one for each test."""
    async with a_browser() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def visit(chromium) -> AsyncIterator[OpenPage]:
    """What `open_page` is elsewhere."""
    async with pages_of(chromium) as opened:
        yield opened
