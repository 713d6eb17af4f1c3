"""Whoever leads looks once a night at what has been kept long enough."""

from datetime import timedelta
from typing import NoReturn

import structlog

from shared.contracts.retention import periods
from shared.plumbing.blueprint import Blueprint, Service
from shared.plumbing.leader import LeadershipLost, leadership
from shared.plumbing.retention import nights
from shared.plumbing.retention.keeping import Keeping, Sweeping, everywhere
from shared.plumbing.retention.nights import ClockNotBelieved
from shared.plumbing.retention.work import Work
from shared.plumbing.settings import Settings

EVERY = timedelta(hours=24)
"""By a clock that nobody can set: as long as this a night takes at the least, within one run."""

LOOP = "retention"

log = structlog.get_logger()


def keepings_of(blueprint: Blueprint, settings: Settings) -> tuple[Keeping | Sweeping, ...]:
    """Everything this service keeps for a time."""
    own = blueprint.keepings(settings) if blueprint.keepings else ()
    return (*own, *everywhere(blueprint.schema))


async def run(service: Service, keepings: tuple[Keeping | Sweeping, ...]) -> NoReturn:
    """Look once a night, for ever, whenever this process leads."""
    work = Work(service.database, keepings, periods(service.settings.retention))
    while True:
        try:
            async with leadership(service.database, LOOP):
                while True:
                    async with service.unit():
                        await look(service, work)
                    service.bus.loops.well(LOOP)
                    await service.pause(EVERY)
        except LeadershipLost:
            log.warning("retention_leadership_lost", service=service.name)


async def look(service: Service, work: Work) -> None:
    """One night; none of it when this night was worked through before, as after a restart."""
    async with service.database.reading() as session:
        known = await nights.find(session)
    if known is not None and known.refused_at is None:
        since = service.world.now() - known.ran_at
        if timedelta(0) <= since < nights.QUIET:
            return
    try:
        await work.night()
    except ClockNotBelieved:
        log.error("clock_not_believed", service=service.name)
