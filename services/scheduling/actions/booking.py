"""Booking a meeting and moving one.

Both in three steps, of which the middle one waits for another service and so lies outside any
transaction: look whether the proposal can be booked at all (`check`, `check_move`), ask for the
grant, then decide again with everything held still (`book`, `move`).
"""

from dataclasses import dataclass
from uuid import UUID

from services.scheduling import store
from services.scheduling.actions.cases import note_waiting
from services.scheduling.actions.noting import note_meeting
from services.scheduling.domain import booking, outcomes
from services.scheduling.domain.booking import Circumstances, Proposal
from services.scheduling.domain.meetings import Meeting
from services.scheduling.domain.refusals import NotKnown
from services.scheduling.domain.venues import Venue
from shared.contracts.referral import MeetingGrant
from shared.contracts.words import MoveReason
from shared.plumbing import outbox
from shared.plumbing.database import Session


@dataclass(frozen=True)
class Move:
    """A meeting, as it was on the page, and what should take its place."""

    meeting_id: UUID
    seen: int
    to: Proposal
    reason: MoveReason


async def check(session: Session, proposal: Proposal) -> Meeting | None:
    """Refuse what could not be booked anyway, before anybody is asked.

    Returns the meeting when this form was sent before. Raises NotKnown, FormAlreadyUsed, and
    what `domain.booking.check` raises.
    """
    repeated = await _repeated(session, proposal)
    if repeated is None:
        booking.check(proposal, session.now(), await _around(session, proposal))
    return repeated


async def book(session: Session, proposal: Proposal, grant: MeetingGrant, by: UUID) -> Meeting:
    """Book the meeting and tell of it. Raises what `check` raises, and NotGranted."""
    await store.diary.take_the_pen(session)
    repeated = await _repeated(session, proposal)
    if repeated is not None:
        return repeated
    around = await _around(session, proposal)
    meeting, told = booking.book(proposal, grant, around, now=session.now(), by=by)
    await _store_new(session, meeting, around.venue)
    await outbox.record(session, told, version=meeting.version)
    await note_meeting(session, "book_meeting", meeting, "meeting")
    await note_waiting(session, meeting.case_id)
    return meeting


async def check_move(session: Session, move: Move) -> Meeting | None:
    """Like `check`, for a successor; returns it when this form was sent before."""
    repeated = await _repeated(session, move.to)
    if repeated is None:
        now = session.now()
        meeting = await _find(session, move.meeting_id)
        outcomes.check_move(meeting, move.to, seen=move.seen, now=now)
        booking.check(move.to, now, await _around(session, move.to, besides=meeting.id))
    return repeated


async def move(session: Session, move: Move, grant: MeetingGrant, by: UUID) -> Meeting:
    """Give the meeting up for its successor and tell both; returns the successor."""
    await store.diary.take_the_pen(session)
    repeated = await _repeated(session, move.to)
    if repeated is not None:
        return repeated
    meeting = await _find(session, move.meeting_id)
    around = await _around(session, move.to, besides=meeting.id)
    left, given_up, successor, scheduled = outcomes.move(
        meeting,
        move.to,
        grant,
        around,
        reason=move.reason,
        seen=move.seen,
        now=session.now(),
        by=by,
    )
    await store.meetings.save_end(session, left)
    await store.diary.release(session, left.id)
    await _store_new(session, successor, around.venue)
    await outbox.record(session, given_up, version=left.version)
    await outbox.record(session, scheduled, version=successor.version)
    await note_meeting(session, "move_meeting", successor, "meeting")
    await note_waiting(session, successor.case_id)
    return successor


async def _repeated(session: Session, proposal: Proposal) -> Meeting | None:
    existing = await store.meetings.find(session, proposal.meeting_id)
    if existing is not None:
        booking.is_repeat(existing, proposal)
    return existing


async def _find(session: Session, meeting_id: UUID) -> Meeting:
    meeting = await store.meetings.find(session, meeting_id)
    if meeting is None:
        raise NotKnown("meeting")
    return meeting


async def _around(
    session: Session, proposal: Proposal, besides: UUID | None = None
) -> Circumstances:
    """What is true now of everything the proposal touches."""
    case = await store.cases.find(session, proposal.case_id)
    if case is None:
        raise NotKnown("case")
    parties = (await store.cases.parties(session, [proposal.case_id]))[proposal.case_id]
    venue = await store.venues.find(session, proposal.venue_id)
    held = booking.holds(proposal, venue) if venue else ()
    standings = store.standings.STANDINGS
    return Circumstances(
        party_ids=frozenset(party.person_id for party in parties),
        facilitator_ids=await store.people.working_here(session),
        too_near=await standings.walled_off(session, case.referral_id),
        released=await standings.released(session, case.referral_id),
        venue=venue,
        taken=await store.diary.taken(session, held, proposal.starts_at, proposal.ends_at, besides),
        joint_meeting_open=await store.diary.joint_meeting_open(session, proposal.case_id, besides),
        grant_revoked=await store.meetings.is_revoked(session, proposal.meeting_id),
    )


async def _store_new(session: Session, meeting: Meeting, venue: Venue | None) -> None:
    assert venue is not None  # noqa: S101 - a meeting without one was refused
    await store.meetings.add(session, meeting)
    await store.diary.hold(session, meeting, booking.holds(_proposed(meeting), venue))


def _proposed(meeting: Meeting) -> Proposal:
    return Proposal(
        meeting_id=meeting.id,
        case_id=meeting.case_id,
        kind=meeting.kind,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        venue_id=meeting.venue_id,
        facilitator_ids=meeting.facilitator_ids,
        participant_ids=meeting.participant_ids,
    )
