"""Facts as the services tell them, about things that differ each time."""

import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.contracts.fact import Envelope, Fact
from shared.contracts.referral import ReferralAccepted, ReferralReceived
from shared.contracts.words import (
    Happened,
    HeardAbout,
    Matter,
    ReportedToPolice,
    Side,
    Source,
)
from shared.plumbing.world import REAL

AREAS = tuple(UUID(int=0xA0 + number) for number in range(8))
"""A county has a handful."""

_turns = itertools.count()


def received(**changes: object) -> ReferralReceived:
    """A referral of somebody new; sources, matters and areas take turns."""
    turn = next(_turns)
    usual = ReferralReceived(
        referral_id=REAL.new_id(),
        person_id=REAL.new_id(),
        source=list(Source)[turn % len(Source)],
        matter=list(Matter)[turn % len(Matter)],
        happened=Happened.NOISE,
        side=Side.HARMED,
        reported_to_police=ReportedToPolice.NO,
        area_id=AREAS[turn % len(AREAS)],
        heard_about=HeardAbout.LEAFLET_OR_POSTER,
    )
    return usual.model_copy(update=changes)


def accepted(**changes: object) -> ReferralAccepted:
    usual = ReferralAccepted(
        referral_id=REAL.new_id(),
        case_id=REAL.new_id(),
        person_id=REAL.new_id(),
        side=Side.HARMED,
        matter=Matter.NEIGHBOUR_DISPUTE,
        area_id=AREAS[0],
    )
    return usual.model_copy(update=changes)


def around(fact: Fact, at: datetime | None = None, sequence: int = 1) -> Envelope:
    """The envelope its teller puts around it."""
    event_id = REAL.new_id()
    return Envelope(
        id=event_id,
        source=fact.teller(),
        type=fact.subject,
        subject=fact.aggregate_id,
        sequence=sequence,
        time=at or datetime.now(UTC),
        correlation=event_id,
    )


def month_by_month(number: int, of: int, months: int) -> datetime:
    """When the `number`th of so many happened, if they were spread over months up to now."""
    span = timedelta(days=30.4 * months)
    return datetime.now(UTC) - span + span * (number / of)
