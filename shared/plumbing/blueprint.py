"""What a service is before it runs, and what it is made of while it runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request

from shared.contracts.ask import Ask
from shared.plumbing.bus import Bus
from shared.plumbing.database import Database, Schema
from shared.plumbing.health import Health
from shared.plumbing.hearing import Hearing
from shared.plumbing.metrics import Metrics
from shared.plumbing.settings import Settings
from shared.plumbing.world import World

if TYPE_CHECKING:
    from shared.plumbing.gates import Finder
    from shared.plumbing.retention import Keeping, Sweeping
    from shared.plumbing.staff import Sessions, Staff
    from shared.plumbing.standing import Standings

    NamesOf = Callable[[Request, Staff, Iterable[UUID]], Awaitable[Mapping[UUID, str]]]


@dataclass(frozen=True)
class Blueprint:
    """What a service is, before it runs."""

    name: str
    schema: Schema
    router: APIRouter
    """Its pages."""
    listen: Callable[[Hearing], None]
    asks: tuple[type[Ask], ...] = ()
    """The questions this service puts to others; its NATS user may ask no other."""
    loops: tuple[Callable[["Service"], Awaitable[None]], ...] = ()
    """Work in the background: `async def run(service) -> None`. Each takes leadership itself,
    does its work in `async with service.unit():` and waits with `await service.pause(…)`."""
    programs: APIRouter | None = None
    """What programs call, which is tried before all pages: a route among a hundred costs a request
    a tenth of its time to find."""
    keepings: "Callable[[Settings], tuple[Keeping | Sweeping, ...]] | None" = None
    """What it keeps for a time (`retention`), beside what every service does."""
    before: Callable[["Service"], Awaitable[None]] | None = None
    """What has to be done before anything is served; a start waits for it, and fails with it."""
    pages: Path | None = None
    """The folder of its own templates."""
    standings: "Standings | None" = None
    """Who stands how to the matters this service shows; none where it shows none."""
    finders: "Mapping[str, Finder]" = field(default_factory=dict)
    """How the matter is found that a path names, by the name in the path (`gates.py`)."""
    names_of: "NamesOf | None" = None
    """What people are called, for the eyes of the member of staff in the middle; for pages of
    plumbing's own. None where this service has no names and asks for none."""
    record_parameter: str = ""
    """The part of an address that says which record a page shows: how many different ones a
    member of staff opens is counted."""
    refuses: tuple[Callable[[Settings], object], ...] = ()
    """Looks at the settings before anything starts; each raises CannotStart for what cannot be."""
    sessions: "Callable[[Service], Sessions] | None" = None
    """How it knows who is signed in; without one it asks referral, and says so in `asks`."""


@dataclass
class Service:
    """One running service; a route finds it with `service_of(request)`."""

    name: str
    settings: Settings
    world: World
    database: Database
    bus: Bus
    health: Health
    metrics: Metrics
    standings: "Standings | None" = None
    finders: "Mapping[str, Finder]" = field(default_factory=dict)
    record_parameter: str = ""
    """As in the blueprint."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the service has begun to stop."""
    at_rest: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while no piece of background work is being done."""
    _units: int = 0

    def __post_init__(self) -> None:
        self.at_rest.set()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[None]:
        """One piece of a loop's work, which a stop waits for."""
        if self.stopping.is_set():
            await asyncio.Event().wait()  # never ends: the stop cancels the loop just here
        self._units += 1
        self.at_rest.clear()
        try:
            yield
        finally:
            self._units -= 1
            if not self._units:
                self.at_rest.set()

    async def pause(self, time: timedelta) -> None:
        """Wait between two units; ends early when the service stops."""
        with suppress(TimeoutError):
            async with asyncio.timeout(time.total_seconds()):
                await self.stopping.wait()
