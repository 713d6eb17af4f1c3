"""The nats-server of the embedded run, with its streams and consumers, kept alive and in order."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from deploy.home import Home
from deploy.parts import hearings, permissions
from shared.plumbing import broker, topology, trust
from shared.plumbing.blueprint import Blueprint
from shared.plumbing.connection import connected
from shared.plumbing.settings import CannotStart
from shared.plumbing.trust import DEPLOY_USER, Trust
from shared.plumbing.world import World

BEFORE_ANOTHER_START = timedelta(seconds=1)

log = structlog.get_logger()


@asynccontextmanager
async def nats_server(
    home: Home, parts: Mapping[str, Blueprint], world: World
) -> AsyncIterator[tuple[str, Trust]]:
    """A server with a user for each service; gives its address. Raises CannotStart."""
    heard = hearings(parts)
    trusted = trust.establish(home.keys, permissions(parts, heard), world.now())
    try:
        server = await broker.start(home.nats, trusted, world.now())
    except (broker.AlreadyRunning, broker.NatsServerMissing, broker.DidNotStart) as why:
        raise CannotStart(str(why)) from None
    keeper = _Keeper(server, home, trusted, world)
    keeping = asyncio.create_task(keeper.run())
    try:
        yield server.url, trusted
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await keeper.server.stop()


class _Keeper:
    """Starts the server again, on the same port, should it end before we do."""

    def __init__(self, server: broker.Server, home: Home, trusted: Trust, world: World) -> None:
        self.server, self._home, self._trusted, self._world = server, home, trusted, world

    async def run(self) -> None:
        while True:
            status = await self.server.ended()
            log.error("nats_server_ended", status=status)
            await asyncio.sleep(BEFORE_ANOTHER_START.total_seconds())
            try:
                self.server = await broker.start(
                    self._home.nats, self._trusted, self._world.now(), self.server.port
                )
            except Exception as error:
                log.error("nats_server_not_started", error_type=type(error).__name__)


@asynccontextmanager
async def streams(url: str, trusted: Trust, parts: Mapping[str, Blueprint]) -> AsyncIterator[None]:
    """The streams and consumers the services need, made first and then kept. Raises CannotStart."""
    heard = hearings(parts)
    creds = trusted.creds(DEPLOY_USER)
    async with connected(DEPLOY_USER, url, creds) as client:
        try:
            await topology.ensure(client, heard)
        except topology.CannotRepair as why:
            raise CannotStart(str(why)) from None
    keeping = asyncio.create_task(_keep(url, trusted, heard))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _keep(url: str, trusted: Trust, heard: topology.Services) -> None:
    await topology.keep(url, trusted.creds(DEPLOY_USER), heard)
