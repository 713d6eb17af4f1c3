"""What a first run begins with, so that there is something to try: the same every time.

Seeding again adds nothing, and changes nothing that somebody has changed since.
"""

from collections.abc import Mapping

import structlog

from services.referral.actions.seeds import seed_areas, seed_staff
from services.scheduling.actions.venues import seed_venues
from shared.plumbing.database import Database
from shared.plumbing.sealing.trouble import KeysAway

log = structlog.get_logger()


async def seed(stores: Mapping[str, Database]) -> None:
    """Development colleagues, areas and venues."""
    try:
        await _seed(stores)
    except KeysAway as away:  # health says what to do; the next start seeds
        log.error(away.code, reason=away.hint)


async def _seed(stores: Mapping[str, Database]) -> None:
    async with stores["referral"].transaction() as session:
        await seed_staff(session)
        await seed_areas(session)
    async with stores["scheduling"].transaction() as session:
        await seed_venues(session)
