"""What becomes of meetings, and what the people who expect them are told of it."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from services.notifications.actions import turning
from services.notifications.domain import turns
from services.notifications.domain.intents import Cause, intent
from services.notifications.domain.meetings import (
    Addressee,
    Expecting,
    Meeting,
    booking_letters,
    cancelling_letters,
    expecting,
    matters_until,
    purpose_of,
)
from services.notifications.domain.message import Message, State, Subject, intent_id
from services.notifications.domain.purposes import ANNOUNCES_A_MEETING, LASTS, TO_STAFF
from services.notifications.store import matters, meetings, messages
from shared.contracts.scheduling import SessionCancelled, SessionRescheduled, SessionScheduled
from shared.contracts.words import RecallReason
from shared.plumbing.database import Session


async def booked(session: Session, fact: SessionScheduled, cause: Cause) -> None:
    """Tell those who take part, unless the meeting is dead by the time we hear of it."""
    known = await meetings.find(session, fact.session_id) or Meeting(fact.session_id)
    meeting = replace(known, case_id=fact.case_id, replaces=fact.replaces, starts_at=fact.starts_at)
    await meetings.save(session, meeting)
    if fact.replaces is not None:
        await _end(session, fact.replaces, fact.case_id, RecallReason.MEETING_MOVED, cause)
    if meeting.ended is not None:
        await _tell_of_the_end(session, meeting)
        return
    chain = await meetings.chain(session, meeting)
    before = await _expecting(session, chain[1:])
    not_told = await matters.too_near(session, fact.case_id)
    not_told |= await matters.released(session, fact.case_id)
    letters = booking_letters(fact, before)
    await _write(session, cause, chain, [one for one in letters if not _hidden(one, not_told)])


def _hidden(letter: Addressee, not_told: frozenset[UUID]) -> bool:
    """Whether it would tell somebody who works here of a matter they are kept from, or off.

    That a meeting they were told of before is off they are told all the same: they must not come.
    """
    news_to_staff = letter.purpose in TO_STAFF & ANNOUNCES_A_MEETING
    return news_to_staff and letter.person_id in not_told


async def moved(session: Session, fact: SessionRescheduled, cause: Cause) -> None:
    """Take back what announces the old meeting; its successor is told of on its own."""
    await _end(session, fact.session_id, fact.case_id, RecallReason.MEETING_MOVED, cause)


async def cancelled(session: Session, fact: SessionCancelled, cause: Cause) -> None:
    """Take back what announces the meeting, and tell those who expect it that it is off."""
    reason = RecallReason.MEETING_CANCELLED
    meeting = await _end(session, fact.session_id, fact.case_id, reason, cause)
    await _tell_of_the_end(session, meeting)


async def told_too_late(session: Session, told: Message) -> None:
    """Somebody was just told of a meeting. If it, or what it was moved to, is off: tell them."""
    meeting_id = told.subject.session_id
    meeting = await meetings.find(session, meeting_id) if meeting_id else None
    if meeting is None:
        return
    meeting = await meetings.last_successor(session, meeting)
    await _tell_of_the_end(session, meeting)
    if meeting.ended is not RecallReason.MEETING_CANCELLED or meeting.ended_by is None:
        return
    purpose = purpose_of("cancelled", as_staff=told.purpose in TO_STAFF)
    before = await messages.find(session, intent_id(meeting.ended_by, told.person_id, purpose))
    if before is not None and before.state is State.RECALLED:
        # Taken back because they had not been told of the meeting: by now they have.
        chain = await meetings.chain(session, meeting)
        afresh = Cause(told.id, session.now())
        await _write(session, afresh, chain, [Addressee(told.person_id, purpose)])


async def who_expects(
    session: Session, meeting_id: UUID, *, but_for: UUID | None = None
) -> list[Expecting]:
    """Everybody who expects this meeting, or the one it was moved from.

    What the message `but_for` may have told is left out: one that is sent again must not find
    that it was told before.
    """
    meeting = await meetings.find(session, meeting_id)
    if meeting is None:
        return []
    return await _expecting(session, await meetings.chain(session, meeting), but_for)


async def _end(
    session: Session, meeting_id: UUID, case_id: UUID, reason: RecallReason, cause: Cause
) -> Meeting:
    """Note that the meeting is dead, and take back what still announces it.

    Called off beats moved, whichever is heard first: nobody must be left waiting at the door.
    """
    meeting = await meetings.find(session, meeting_id) or Meeting(meeting_id, case_id)
    if meeting.ended is None or reason is RecallReason.MEETING_CANCELLED:
        meeting = replace(meeting, ended=reason, ended_by=cause.id, ended_at=cause.happened_at)
        await meetings.save(session, meeting)
    for message in await messages.unsent_announcements(session, meeting_id):
        await turning.take(session, turns.recall(message, reason, session.now()))
    return meeting


async def _tell_of_the_end(session: Session, meeting: Meeting) -> None:
    """Tell everybody who expects a meeting that was called off; one that moved has a successor."""
    if meeting.ended is not RecallReason.MEETING_CANCELLED:
        return
    if meeting.ended_by is None or meeting.ended_at is None:
        return
    chain = await meetings.chain(session, meeting)
    before = await _expecting(session, chain)
    cause = Cause(meeting.ended_by, meeting.ended_at)
    await _write(session, cause, chain, cancelling_letters(before))


async def _expecting(
    session: Session, chain: list[Meeting], but_for: UUID | None = None
) -> list[Expecting]:
    return expecting(await messages.told_about(session, [one.id for one in chain], but_for))


async def _write(
    session: Session, cause: Cause, chain: list[Meeting], letters: Iterable[Addressee]
) -> None:
    subject = Subject(case_id=chain[0].case_id, session_id=chain[0].id)
    for letter in letters:
        otherwise = cause.happened_at + LASTS[letter.purpose]
        until = matters_until(letter.purpose, chain, otherwise)
        message = intent(cause, letter.person_id, letter.purpose, subject, session.now(), until)
        await turning.start(session, message)
