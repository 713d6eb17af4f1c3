"""Many bookings in any order: what the store lets through is what the rule of overlap allows."""

import random
from datetime import timedelta

from services.scheduling.domain import booking
from services.scheduling.domain.refusals import TimeTaken
from tests.scheduling.builders import (
    COLLEAGUE,
    FACILITATOR,
    FIRST,
    NEUTRAL,
    ONLINE,
    SECOND,
    STARTS,
    a_preparation,
    a_venue,
    some_id,
)
from tests.scheduling.office import an_office, book, held

QUARTER = timedelta(minutes=15)
ATTEMPTS = 150


def at_random(chance: random.Random, number: int):
    return a_preparation(
        meeting_id=some_id(1000 + number),
        starts_at=STARTS + QUARTER * chance.randrange(4 * 24),
        length=QUARTER * chance.randint(1, 16),
        venue_id=chance.choice([NEUTRAL, ONLINE]),
        facilitator_ids=(chance.choice([FACILITATOR, COLLEAGUE]),),
        participant_ids=(chance.choice([FIRST, SECOND]),),
    )


def clash(one, other) -> bool:
    """By the pure rule: something in common, and a moment in common."""
    common = {*one.facilitator_ids, *one.participant_ids} & {
        *other.facilitator_ids,
        *other.participant_ids,
    }
    same_room = one.venue_id == other.venue_id == NEUTRAL
    spans = (one.starts_at, one.ends_at, other.starts_at, other.ends_at)
    return bool(common or same_room) and booking.overlap(*spans)


async def test_the_store_refuses_exactly_what_overlaps(any_store, world):
    database = await an_office(any_store, world)
    chance = random.Random(44)
    booked = []

    for number in range(ATTEMPTS):
        proposal = at_random(chance, number)
        expected = not any(clash(proposal, other) for other in booked)
        try:
            await book(database, proposal)
            booked.append(proposal)
            assert expected, f"attempt {number} was let through"
        except TimeTaken:
            assert not expected, f"attempt {number} was refused"

    assert 10 < len(booked) < ATTEMPTS - 10
    assert len(await held(database)) == sum(
        len(booking.holds(one, a_venue(id=one.venue_id, kind=kind_of(one)))) for one in booked
    )


def kind_of(proposal):
    return booking.VenueKind.ONLINE if proposal.venue_id == ONLINE else booking.VenueKind.NEUTRAL
