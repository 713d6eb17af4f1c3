"""Proposals and meetings that break no rule; a test names only what matters to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.scheduling.domain.booking import Circumstances, Proposal
from services.scheduling.domain.meetings import Meeting
from services.scheduling.domain.venues import Venue, VenueKind
from shared.contracts.referral import MeetingGrant
from shared.contracts.words import MeetingKind

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STARTS = NOW + timedelta(days=7, hours=1)


def some_id(number: int) -> UUID:
    return UUID(int=number)


CASE, REFERRAL, AREA = some_id(1), some_id(2), some_id(3)
MEETING, SUCCESSOR, GRANT = some_id(11), some_id(12), some_id(13)
NEUTRAL, ONLINE, OFFICE = some_id(21), some_id(22), some_id(23)
FIRST, SECOND, STRANGER = some_id(31), some_id(32), some_id(33)
FACILITATOR, COLLEAGUE, COORDINATOR = some_id(41), some_id(42), some_id(43)


def a_venue(**changes) -> Venue:
    usual = Venue(
        id=NEUTRAL,
        label="Quaker meeting house",
        kind=VenueKind.NEUTRAL,
        safety_note="Two exits; ask for the garden room.",
        step_free=True,
    )
    return replace(usual, **changes)


def a_proposal(**changes) -> Proposal:
    """A joint meeting of an hour, a week from now."""
    starts_at = changes.pop("starts_at", STARTS)
    usual = Proposal(
        meeting_id=MEETING,
        case_id=CASE,
        kind=MeetingKind.JOINT,
        starts_at=starts_at,
        ends_at=starts_at + changes.pop("length", timedelta(hours=1)),
        venue_id=NEUTRAL,
        facilitator_ids=(FACILITATOR,),
        participant_ids=(FIRST, SECOND),
    )
    return replace(usual, **changes)


def a_preparation(**changes) -> Proposal:
    return a_proposal(**{"kind": MeetingKind.PREPARATION, "participant_ids": (FIRST,), **changes})


def circumstances(**changes) -> Circumstances:
    """Everybody is who they should be, and nothing is in the way."""
    usual = Circumstances(
        party_ids=frozenset({FIRST, SECOND}),
        facilitator_ids=frozenset({FACILITATOR, COLLEAGUE}),
        too_near=frozenset(),
        released=frozenset(),
        venue=a_venue(),
        taken=frozenset(),
        joint_meeting_open=False,
        grant_revoked=False,
    )
    return replace(usual, **changes)


def a_grant(**changes) -> MeetingGrant:
    return MeetingGrant(**{"grant_id": GRANT, **changes})


def a_meeting(**changes) -> Meeting:
    """A joint meeting, booked; its version and end follow from nothing, say them where needed."""
    proposal = a_proposal()
    usual = Meeting(
        id=MEETING,
        case_id=CASE,
        kind=MeetingKind.JOINT,
        starts_at=proposal.starts_at,
        ends_at=proposal.ends_at,
        venue_id=NEUTRAL,
        facilitator_ids=(FACILITATOR,),
        participant_ids=(FIRST, SECOND),
        booked_by=COORDINATOR,
        booked_at=NOW,
        grant_id=GRANT,
    )
    return replace(usual, **changes)
