"""The operator's list of venues, and the first three of the embedded run."""

from uuid import UUID

from services.scheduling import store
from services.scheduling.domain import venues
from services.scheduling.domain.refusals import NotKnown, PageIsStale
from services.scheduling.domain.venues import Venue, VenueKind
from shared.plumbing.database import Session

SEEDS = (
    Venue(
        id=UUID("0198c0de-0000-7000-9000-000000000001"),
        label="Riverside community hall",
        kind=VenueKind.NEUTRAL,
        safety_note="Two entrances on different streets. Quiet waiting room beside each.",
        step_free=True,
    ),
    Venue(
        id=UUID("0198c0de-0000-7000-9000-000000000002"),
        label="Online meeting",
        kind=VenueKind.ONLINE,
        safety_note="Ask each person first whether they can speak without being overheard.",
        step_free=True,
    ),
    Venue(
        id=UUID("0198c0de-0000-7000-9000-000000000003"),
        label="Our office, first floor",
        kind=VenueKind.OFFICE,
        safety_note="One entrance, shared with other offices. Stairs only.",
        step_free=False,
    ),
)
"""For a first run without an operator; always the same ids, so that seeding again adds nothing."""


async def add_venue(session: Session, venue: Venue) -> Venue:
    """Take a venue into the list; the same form sent twice is one venue.

    Raises VenueRefused when the name is in use, PageIsStale when the form was used before.
    """
    await store.diary.take_the_pen(session)
    existing = await store.venues.find(session, venue.id)
    if existing is not None:
        if existing != venue:
            raise PageIsStale
        return existing
    added = venues.add_venue(venue, tuple(await store.venues.in_use(session)))
    await store.venues.add(session, added)
    return added


async def retire_venue(session: Session, venue_id: UUID, seen: int) -> Venue:
    """Offer the venue no more. Raises NotKnown or PageIsStale."""
    await store.diary.take_the_pen(session)
    venue = await store.venues.find(session, venue_id)
    if venue is None:
        raise NotKnown("venue")
    retired = venues.retire(venue, seen)
    if retired != venue:
        await store.venues.save(session, retired)
    return retired


async def seed_venues(session: Session) -> int:
    """Add the seeds that were never there, and return how many; a retired one stays retired."""
    await store.diary.take_the_pen(session)
    missing = [seed for seed in SEEDS if await store.venues.find(session, seed.id) is None]
    for seed in missing:
        await store.venues.add(session, seed)
    return len(missing)
