"""Says in a metric how many complaints wait for longer than they may."""

from datetime import timedelta
from typing import NoReturn

from services.referral import store
from services.referral.domain.safe_hours import LONDON
from shared.plumbing.service import Service

LOOKED_EVERY = timedelta(minutes=5)


async def count_overdue(service: Service) -> NoReturn:
    """Count again and again. Every replica says the same, so nobody has to lead."""
    while True:
        async with service.unit():
            await look(service)
        await service.pause(LOOKED_EVERY)


async def look(service: Service) -> None:
    """Count once."""
    overdue = service.metrics.gauge(
        "parley_complaints_overdue", "Complaints that should have been acknowledged or answered."
    )
    async with service.database.reading() as session:
        today = session.now().astimezone(LONDON).date()
        overdue.set(await store.complaints.count_overdue(session, today))
