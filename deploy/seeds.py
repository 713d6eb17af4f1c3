"""What a first run begins with, so that there is something to try: the same every time.

Seeding again adds nothing, and changes nothing that somebody has changed since.
"""

from collections.abc import Mapping

from services.referral.actions.seeds import seed_areas, seed_staff
from services.scheduling.actions.venues import seed_venues
from shared.plumbing.database import Database


async def seed(stores: Mapping[str, Database]) -> None:
    """Development colleagues, areas and venues."""
    async with stores["referral"].transaction() as session:
        await seed_staff(session)
        await seed_areas(session)
    async with stores["scheduling"].transaction() as session:
        await seed_venues(session)
