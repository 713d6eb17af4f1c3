"""What a first run begins with, so that there is something to try: the same every time.

Seeding again adds nothing, and changes nothing that somebody has changed since.
"""

from collections.abc import Mapping

import structlog

from services.referral import store as people
from services.referral.actions.seeds import DEMO_STAFF, demo_id, seed_areas, seed_staff
from services.referral.domain.accounts import InvitedTo
from services.referral.sign_in.tokens import new_link
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


async def demonstration_links(referral: Database) -> list[tuple[str, str]]:
    """Who of the demonstration signs in, once, with which path; earlier links are void.

    For whoever starts Parley, or looks after it, on their own machine: nobody else may see them.
    """
    links = []
    async with referral.transaction() as session:
        for number, name, _email, _role in DEMO_STAFF:
            if await people.accounts.find(session, demo_id(number)) is not None:
                link = await new_link(session, demo_id(number), InvitedTo.DEMONSTRATION)
                links.append((name, link))
    return links
