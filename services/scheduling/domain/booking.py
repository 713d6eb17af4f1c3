"""May this meeting be booked, and what is told when it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.scheduling.domain.meetings import Meeting
from services.scheduling.domain.refusals import (
    CannotBook,
    FormAlreadyUsed,
    JointMeetingOpen,
    NotGranted,
    TimeTaken,
)
from services.scheduling.domain.venues import Venue, VenueKind
from shared.contracts.referral import GrantMoment, GrantRefusal, MeetingGrant, MeetingGrantWanted
from shared.contracts.scheduling import SessionScheduled
from shared.contracts.words import MeetingKind

SHORTEST = timedelta(minutes=15)
LONGEST = timedelta(hours=4)
"""Longer than this is two meetings: people need to rest, eat and leave."""

FURTHEST_AHEAD = timedelta(days=365)
"""Plans made further ahead than a year are slips of the pen, mostly in the year."""

MOST_FACILITATORS = 2
MOST_PARTICIPANTS = 20
"""As many as one grant can be asked for."""

PREPARED_ALONE = 1
"""A preparation meeting is held with each person separately."""

BROUGHT_TOGETHER = 2
"""A joint meeting brings at least two parties together."""

GRANT_WORDS: dict[GrantRefusal, str] = {
    GrantRefusal.CASE_NOT_OPEN: "The case is not open.",
    GrantRefusal.NOT_A_PARTY: "Somebody you chose is not a party to this case.",
    GrantRefusal.AGREEMENT_MISSING: "Not everybody's agreement to meet has been recorded yet.",
    GrantRefusal.AGREEMENT_WITHDRAWN: "The agreement needed for this meeting is no longer there.",
    GrantRefusal.ONE_SIDE_ONLY: "A joint meeting needs somebody from each side.",
    GrantRefusal.FACILITATOR_NOT_STAFF: "A facilitator you chose does not work here any more.",
}
"""What each refusal of the referral service means, without saying whose decision it was."""


@dataclass(frozen=True)
class Proposal:
    """A meeting somebody would like to book; its id is minted before anything is asked."""

    meeting_id: UUID
    case_id: UUID
    kind: MeetingKind
    starts_at: datetime
    ends_at: datetime
    venue_id: UUID
    facilitator_ids: tuple[UUID, ...]
    participant_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Circumstances:
    """What is true, at the moment of deciding, of everything a proposal touches."""

    party_ids: frozenset[UUID]
    facilitator_ids: frozenset[UUID]
    """Those facilitators who work here now."""
    too_near: frozenset[UUID]
    """Those for whom the matter is not there, so that no meeting may tell them of it."""
    released: frozenset[UUID]
    """Those who worked on the case and were taken off it."""
    venue: Venue | None
    taken: frozenset[UUID]
    """Ids among the proposal's that another meeting already holds at an overlapping time."""
    joint_meeting_open: bool
    grant_revoked: bool
    """Permission for this very meeting was taken back before it could be booked."""


def overlap(start: datetime, end: datetime, other_start: datetime, other_end: datetime) -> bool:
    """Whether two spans share a moment; the end belongs to neither, so back to back is fine."""
    return start < other_end and other_start < end


def holds(proposal: Proposal, venue: Venue) -> tuple[UUID, ...]:
    """Everything the meeting keeps from other meetings: its people, and its room if it has one."""
    people = {*proposal.facilitator_ids, *proposal.participant_ids}
    return tuple(sorted({*people, venue.id} if venue.holds_one_meeting else people))


def check(proposal: Proposal, now: datetime, around: Circumstances) -> Venue:
    """Refuse what the rules of planning do not allow; return the venue when all is well.

    Raises CannotBook with every broken rule, JointMeetingOpen, or TimeTaken.
    """
    broken = [*_time(proposal, now), *_people(proposal, around), *_place(proposal, around.venue)]
    if broken or around.venue is None:
        raise CannotBook(broken)
    if proposal.kind is MeetingKind.JOINT and around.joint_meeting_open:
        raise JointMeetingOpen
    if around.taken:
        raise TimeTaken(_clashes(proposal, around.taken), around.taken)
    return around.venue


def book(
    proposal: Proposal,
    grant: MeetingGrant,
    around: Circumstances,
    *,
    now: datetime,
    by: UUID,
    replaces: UUID | None = None,
) -> tuple[Meeting, SessionScheduled]:
    """Book the meeting. Raises what `check` raises, and NotGranted without a live grant."""
    check(proposal, now, around)
    if not grant.given:
        raise NotGranted(grant_words(grant))
    if around.grant_revoked:
        raise NotGranted([GRANT_WORDS[GrantRefusal.AGREEMENT_WITHDRAWN]])
    meeting = Meeting(
        id=proposal.meeting_id,
        case_id=proposal.case_id,
        kind=proposal.kind,
        starts_at=proposal.starts_at,
        ends_at=proposal.ends_at,
        venue_id=proposal.venue_id,
        facilitator_ids=proposal.facilitator_ids,
        participant_ids=proposal.participant_ids,
        booked_by=by,
        booked_at=now,
        grant_id=grant.grant_id,
        replaces=replaces,
    )
    return meeting, scheduled(meeting)


def scheduled(meeting: Meeting) -> SessionScheduled:
    """What is told of a meeting that was just booked."""
    return SessionScheduled(
        session_id=meeting.id,
        case_id=meeting.case_id,
        kind=meeting.kind,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        venue_id=meeting.venue_id,
        facilitator_ids=meeting.facilitator_ids,
        participant_ids=meeting.participant_ids,
        replaces=meeting.replaces,
    )


def is_repeat(existing: Meeting, proposal: Proposal) -> bool:
    """Whether this proposal was already booked: the same form, sent twice.

    Raises FormAlreadyUsed when the form was used for a different booking.
    """
    same = (
        existing.case_id == proposal.case_id
        and existing.kind is proposal.kind
        and existing.starts_at == proposal.starts_at
        and existing.ends_at == proposal.ends_at
        and existing.venue_id == proposal.venue_id
        and set(existing.facilitator_ids) == set(proposal.facilitator_ids)
        and set(existing.participant_ids) == set(proposal.participant_ids)
    )
    if not same:
        raise FormAlreadyUsed
    return True


def grant_wanted(proposal: Proposal) -> MeetingGrantWanted:
    """The question to the referral service; asked for preparation meetings too."""
    return MeetingGrantWanted(
        session_id=proposal.meeting_id,
        case_id=proposal.case_id,
        kind=proposal.kind,
        participant_ids=proposal.participant_ids,
        facilitator_ids=proposal.facilitator_ids,
        venue_id=proposal.venue_id,
        starts_at=proposal.starts_at,
        ends_at=proposal.ends_at,
        moment=GrantMoment.BOOKING,
    )


def grant_words(grant: MeetingGrant) -> list[str]:
    """Why the grant was not given; a bare no is also a no."""
    return [GRANT_WORDS[refusal] for refusal in grant.refusals] or [
        "This meeting may not be held now."
    ]


def _time(proposal: Proposal, now: datetime) -> Iterator[str]:
    if proposal.starts_at <= now:
        yield "The meeting must be in the future."
    if proposal.starts_at - now > FURTHEST_AHEAD:
        yield "The meeting must be within the next 12 months."
    if not SHORTEST <= proposal.ends_at - proposal.starts_at <= LONGEST:
        yield "The meeting must last between 15 minutes and 4 hours."


def _people(proposal: Proposal, around: Circumstances) -> Iterator[str]:
    participants, facilitators = set(proposal.participant_ids), set(proposal.facilitator_ids)
    if not 1 <= len(facilitators) <= MOST_FACILITATORS:
        yield "Choose one or two facilitators."
    if not facilitators <= around.facilitator_ids:
        yield GRANT_WORDS[GrantRefusal.FACILITATOR_NOT_STAFF]
    if facilitators & around.party_ids:
        yield "A party to the case cannot facilitate its meetings."
    elif facilitators & around.too_near:
        yield "A facilitator you chose stands too near to this case. Choose somebody else."
    elif facilitators & around.released:
        yield (
            "A facilitator you chose no longer works on this case. Choose somebody else, or put "
            "them on the case again first."
        )
    if proposal.kind is MeetingKind.PREPARATION and len(participants) != PREPARED_ALONE:
        yield "Choose the one person this preparation meeting is for."
    if proposal.kind is MeetingKind.JOINT and len(participants) < BROUGHT_TOGETHER:
        yield "Choose at least two people for a joint meeting."
    if len(participants) > MOST_PARTICIPANTS:
        yield f"Choose no more than {MOST_PARTICIPANTS} people."
    if not participants <= around.party_ids:
        yield GRANT_WORDS[GrantRefusal.NOT_A_PARTY]


def _place(proposal: Proposal, venue: Venue | None) -> Iterator[str]:
    if venue is None or venue.retired:
        yield "Choose a venue from the list; the one you chose is no longer used."
    elif proposal.kind is MeetingKind.JOINT and venue.kind is VenueKind.OFFICE:
        yield "A joint meeting is held on neutral ground: choose a neutral venue, or meet online."


def _clashes(proposal: Proposal, taken: frozenset[UUID]) -> Iterator[str]:
    if taken & set(proposal.facilitator_ids):
        yield "A facilitator you chose already has a meeting at that time."
    if proposal.venue_id in taken:
        yield "The venue is already booked at that time."
    if taken & set(proposal.participant_ids):
        yield "Somebody you chose to take part already has a meeting at that time."
