"""Starts a service in the right order and stops it in the right order.

It starts without the bus: referrals must be taken in while the NATS server is down. It stops
from the outside in: when the lifespan ends no request is left; then the loops end between two
units, what is being handled is finished, the outbox is emptied if the server is there, and last
the connections are closed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial

import stamina
import structlog

from shared.plumbing import migrations, tracing
from shared.plumbing.audit.keeping import LOOP as AUDIT
from shared.plumbing.audit.keeping import Keeper
from shared.plumbing.audit.keys import signing_key
from shared.plumbing.blueprint import Blueprint, Service
from shared.plumbing.outbox import Relay, oldest_unsent_age
from shared.plumbing.retention import loop as retention
from shared.plumbing.sealing import kids
from shared.plumbing.settings import CannotStart, Settings

DATABASE_PATIENCE = timedelta(seconds=20)
"""How long a start waits for the database."""

UNIT_PATIENCE = timedelta(seconds=20)
"""How long a stop waits for the loops' current units."""

LAST_WORDS = timedelta(seconds=2)
"""How long a stop waits for the outbox to empty; what is left goes out after the next start."""

RESTART_DELAYS = (1, 2, 5, 10, 30)
"""Seconds before work in the background that fell over is started again."""

log = structlog.get_logger()


@asynccontextmanager
async def lifespan(service: Service, blueprint: Blueprint) -> AsyncIterator[None]:
    """Everything behind a service's routes, from start to stop. Raises CannotStart."""
    try:
        keeper = _audit_keeper(service)
        if await _open_store(service) and blueprint.before is not None:
            await blueprint.before(service)
    except BaseException as why:
        if isinstance(why, CannotStart):
            log.error("cannot_start", service=service.name, reason=str(why))
        await service.database.close()
        raise
    connected = asyncio.Event()
    relay = Relay(service.database, service.bus.publisher, service.bus.loops)

    async def tell() -> None:
        await connected.wait()
        await relay.run()

    connecting = asyncio.create_task(_connect(service, connected))
    telling = asyncio.create_task(_keep_up(service, "relay", tell))
    loops = _loops(service, blueprint, keeper)
    log.info("service_started", service=service.name, environment=service.settings.environment)
    try:
        yield
    finally:
        service.stopping.set()
        await _at_rest(service)
        await _cancel(*loops, connecting)
        await service.bus.stop_hearing()
        if connected.is_set():
            await _until_told(service)
        await _cancel(telling)
        await service.bus.stop()
        await service.database.close()
        tracing.stop(service.name)
        log.info("service_stopped", service=service.name)


def _loops(service: Service, blueprint: Blueprint, keeper: Keeper) -> "list[asyncio.Task[None]]":
    """All work in the background but the relay's."""
    destroying = partial(retention.run, service, retention.keepings_of(blueprint, service.settings))
    work: dict[str, Callable[[], Awaitable[None]]] = {
        AUDIT: keeper.run,
        retention.LOOP: destroying,
        **{_name_of(loop): partial(loop, service) for loop in blueprint.loops},
    }
    return [asyncio.create_task(_keep_up(service, name, run)) for name, run in work.items()]


def _audit_keeper(service: Service) -> Keeper:
    """Whoever keeps the audit when this process leads. Raises CannotStart without its key."""
    settings = service.settings
    key = signing_key(settings.key_folder, service.name, make=settings.is_development)
    keeper = Keeper(service, key)
    service.health.ask_also("audit", keeper.probe)
    return keeper


async def _open_store(service: Service) -> bool:
    """Wait for the database and refuse a store that this code does not fit.

    False in development for one whose migrations are still to be applied.
    """
    name, settings = service.name, service.settings
    patience = DATABASE_PATIENCE.total_seconds()
    try:
        async for attempt in stamina.retry_context(on=Exception, attempts=None, timeout=patience):
            with attempt:
                await service.database.ping()
    except Exception:
        raise CannotStart(
            f"The database of {name} does not answer: start it, or correct PARLEY_DATABASE_URL."
        ) from None
    level = await _level(name, settings)
    if level == "newer":
        raise CannotStart(
            f"The store of {name} was written by a newer version of Parley: install that version."
        )
    if level == "behind" and not settings.is_development:
        raise CannotStart(
            f"The store of {name} is older than this version of Parley: apply the migrations first."
        )
    if level == "behind":
        log.warning("store_is_behind", service=name)
        return False
    away = await kids.trouble(service.database)
    if away is not None:  # whatever is not personal goes on; health says it too
        log.error(away.code, service=name, reason=away.hint)
    return True


async def _level(name: str, settings: Settings) -> str:
    try:
        return (await migrations.state(settings.database_url, name)).level
    except ValueError:  # it has no migrations at all
        return "behind"


async def _connect(service: Service, connected: asyncio.Event) -> None:
    """Start the bus as soon as there is a server to talk to, however long that takes."""
    attempt = 0
    while not connected.is_set():
        try:
            await service.bus.start()
            connected.set()
        except Exception as error:
            attempt += 1
            log.warning(
                "bus_not_there",
                service=service.name,
                attempt=attempt,
                error_type=type(error).__name__,
            )
            await asyncio.sleep(min(attempt, 5) * service.world.chance.uniform(0.5, 1.0))


async def _keep_up(service: Service, name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run work in the background; start it again when it falls over."""
    falls = 0
    while True:
        try:
            await run()
            return
        except Exception as error:
            log.error("loop_failed", service=service.name, loop=name, exc_info=error)
            service.metrics.loop_failures.labels(name).inc()
            service.bus.loops.failed(name)
            await asyncio.sleep(RESTART_DELAYS[min(falls, len(RESTART_DELAYS) - 1)])
            service.bus.loops.runs_again(name)
            falls += 1


async def _until_told(service: Service) -> None:
    with suppress(Exception):  # a stop goes on whatever the database says
        async with asyncio.timeout(LAST_WORDS.total_seconds()):
            while True:
                async with service.database.reading() as session:
                    if await oldest_unsent_age(session, session.now()) is None:
                        return
                await asyncio.sleep(0.05)


async def _at_rest(service: Service) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(UNIT_PATIENCE.total_seconds()):
            await service.at_rest.wait()


async def _cancel(*tasks: "asyncio.Task[None]") -> None:
    """End the tasks, asking again: `asyncio.wait_for`, up to Python 3.11, can lose a request."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.2)


def _name_of(loop: Callable[..., object]) -> str:
    return f"{loop.__module__.rpartition('.')[2]}.{loop.__name__}"
