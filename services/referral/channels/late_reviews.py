"""Counts what was opened in an emergency, and raises an alarm for what nobody has reviewed."""

from datetime import timedelta

import structlog

from services.referral import store
from services.referral.domain.break_glass import month_began_at
from shared.plumbing import alarms
from shared.plumbing.blueprint import Service
from shared.plumbing.database import Database
from shared.plumbing.leader import LeadershipLost, leadership
from shared.plumbing.metrics import Metrics

EVERY = timedelta(minutes=1)
A_DAY = timedelta(days=1)
"""An alarm about late reviews comes again each day until there is none."""

log = structlog.get_logger()


async def watch_reviews(service: Service) -> None:
    """Look for ever, whenever this process leads."""
    while True:
        try:
            async with leadership(service.database, "late-reviews"):
                while True:
                    async with service.unit():
                        await look(service.database, service.metrics)
                    await service.pause(EVERY)
        except LeadershipLost:
            log.warning("late_reviews_leadership_lost")


async def look(database: Database, metrics: Metrics) -> int:
    """Count once by the clock of the store; how many reviews are late."""
    async with database.reading() as session:
        now = session.now()
        late = await store.break_glass.count_late(session, now)
        opened = await store.break_glass.count_since(session, month_began_at(now))
    metrics.glass_opened.set(opened)
    metrics.glass_late.set(late)
    if late:
        async with database.transaction() as session:
            await alarms.raise_once(session, alarms.Kind.REVIEW_LATE, quiet=A_DAY)
    return late
