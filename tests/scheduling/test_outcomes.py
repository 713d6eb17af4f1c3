"""How a meeting ends: each way once, in its own time, and told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.scheduling.domain import outcomes
from services.scheduling.domain.meetings import State
from services.scheduling.domain.refusals import (
    AlreadyEnded,
    AlreadyStarted,
    CannotBook,
    CannotRecord,
    NotYet,
    PageIsStale,
    TimeTaken,
)
from shared.contracts.scheduling import Attended
from shared.contracts.words import (
    Attendance,
    CancelReason,
    MeetingKind,
    MoveReason,
    NotHeldReason,
)
from tests.scheduling.builders import (
    COLLEAGUE,
    COORDINATOR,
    FACILITATOR,
    FIRST,
    MEETING,
    NOW,
    ONLINE,
    SECOND,
    STARTS,
    STRANGER,
    SUCCESSOR,
    a_grant,
    a_meeting,
    a_proposal,
    circumstances,
)

BEFORE, LATER = STARTS - timedelta(seconds=1), STARTS + timedelta(days=1)
CAME, LATE, AWAY = Attendance.ATTENDED, Attendance.LATE, Attendance.DID_NOT_ATTEND


def attendance(first=CAME, second=CAME):
    return (
        Attended(person_id=FIRST, attendance=first),
        Attended(person_id=SECOND, attendance=second),
    )


def completed(meeting=None, given=None, seen=1, now=STARTS):
    given = attendance() if given is None else given
    return outcomes.complete(meeting or a_meeting(), given, seen=seen, now=now, by=COORDINATOR)


def missed(meeting=None, reason=NotHeldReason.PARTICIPANT_UNWELL, seen=1, now=STARTS):
    return outcomes.miss(meeting or a_meeting(), reason, seen=seen, now=now, by=COORDINATOR)


def cancelled(meeting=None, reason=CancelReason.VENUE_UNAVAILABLE, seen=1, now=BEFORE):
    return outcomes.cancel(meeting or a_meeting(), reason, seen=seen, now=now, by=COORDINATOR)


def moved(meeting=None, to=None, around=None, now=BEFORE, seen=1):
    return outcomes.move(
        meeting or a_meeting(),
        to or a_proposal(meeting_id=SUCCESSOR, starts_at=STARTS + timedelta(days=1)),
        a_grant(),
        around or circumstances(),
        reason=MoveReason.PARTICIPANT_ASKED,
        seen=seen,
        now=now,
        by=COORDINATOR,
    )


def test_a_meeting_that_was_held_is_completed_with_who_took_part():
    meeting, told = completed(given=attendance(second=LATE))

    assert (meeting.state, meeting.version) == (State.COMPLETED, 2)
    assert (meeting.ended_by, meeting.ended_at) == (COORDINATOR, STARTS)
    assert (told.session_id, told.started_at) == (MEETING, STARTS)
    assert told.attended == attendance(second=LATE)


def test_a_meeting_that_did_not_happen_keeps_the_reason():
    meeting, told = missed()

    assert (meeting.state, meeting.version) == (State.MISSED, 2)
    assert told.reason is meeting.reason is NotHeldReason.PARTICIPANT_UNWELL


@pytest.mark.parametrize("record", [completed, missed])
def test_an_outcome_is_recorded_only_once_the_meeting_has_started(record):
    with pytest.raises(NotYet, match="has not started"):
        record(now=BEFORE)

    assert record(now=STARTS) is not None


@pytest.mark.parametrize("end", [cancelled, moved])
def test_a_meeting_is_called_off_or_moved_only_before_it_starts(end):
    with pytest.raises(AlreadyStarted, match="Record whether it was held"):
        end(now=STARTS)

    assert end(now=BEFORE) is not None


def test_a_cancelled_meeting_tells_its_people_but_not_whose_decision_it_was():
    meeting, told = cancelled(reason=CancelReason.NOT_GOING_AHEAD)

    assert meeting.state is State.CANCELLED
    assert told.reason is CancelReason.NOT_GOING_AHEAD
    assert (told.facilitator_ids, told.participant_ids) == ((FACILITATOR,), (FIRST, SECOND))


def test_the_same_outcome_again_changes_nothing():
    held, _ = completed()
    not_held, _ = missed()
    called_off, _ = cancelled()

    assert completed(held, now=LATER) is None
    assert completed(held, given=tuple(reversed(attendance())), now=LATER) is None
    assert missed(not_held, now=LATER) is None
    assert cancelled(called_off, now=LATER) is None


def test_another_outcome_after_the_first_is_refused():
    held, _ = completed()
    not_held, _ = missed()
    called_off, _ = cancelled()

    for again in (
        lambda: completed(held, given=attendance(first=LATE)),
        lambda: missed(held),
        lambda: cancelled(held),
        lambda: missed(not_held, reason=NotHeldReason.OTHER),
        lambda: completed(not_held),
        lambda: cancelled(called_off, reason=CancelReason.BOOKED_IN_ERROR),
        lambda: moved(called_off),
    ):
        with pytest.raises(AlreadyEnded, match="What you sent was not stored"):
            again()


def test_an_outcome_from_a_stale_page_is_refused():
    for record in (completed, missed):
        with pytest.raises(PageIsStale):
            record(a_meeting(version=3), seen=2)


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        (MeetingKind.JOINT, attendance()[:1], "for each person"),
        (MeetingKind.JOINT, (*attendance(), *attendance()[:1]), "for each person"),
        (
            MeetingKind.JOINT,
            (attendance()[0], Attended(person_id=STRANGER, attendance=CAME)),
            "for each person",
        ),
        (MeetingKind.JOINT, attendance(AWAY, Attendance.EXCUSED), "Nobody took part"),
        (MeetingKind.JOINT, attendance(CAME, AWAY), "at least two"),
    ],
)
def test_an_attendance_that_does_not_fit_is_refused(kind, given, words):
    with pytest.raises(CannotRecord, match=words):
        completed(a_meeting(kind=kind), given)


def test_whether_it_was_held_and_who_came_are_two_things():
    third = Attended(person_id=STRANGER, attendance=Attendance.EXCUSED)
    meeting = a_meeting(participant_ids=(FIRST, SECOND, STRANGER))

    held, told = completed(meeting, (*attendance(LATE, CAME), third))

    assert held.state is State.COMPLETED
    assert third in told.attended


def test_a_moved_meeting_keeps_what_was_planned_and_gets_a_successor():
    old, rescheduled, new, scheduled = moved()

    assert (old.state, old.version, old.starts_at) == (State.SUPERSEDED, 2, STARTS)
    assert (old.replaced_by, new.replaces) == (SUCCESSOR, MEETING)
    assert (new.state, new.version) == (State.SCHEDULED, 1)
    assert (rescheduled.session_id, rescheduled.successor_id) == (MEETING, SUCCESSOR)
    assert (scheduled.session_id, scheduled.replaces) == (SUCCESSOR, MEETING)


def to(**changes):
    return a_proposal(**{"meeting_id": SUCCESSOR, **changes})


@pytest.mark.parametrize(
    "proposal",
    [
        to(starts_at=STARTS + timedelta(minutes=30)),
        to(length=timedelta(hours=2)),
        to(venue_id=ONLINE),
        to(facilitator_ids=(FACILITATOR, COLLEAGUE)),
    ],
)
def test_time_length_place_or_facilitators_may_change(proposal):
    assert moved(to=proposal)[2].id == SUCCESSOR


@pytest.mark.parametrize(
    ("proposal", "words"),
    [
        (to(), "Nothing has changed"),
        (to(participant_ids=(FIRST, STRANGER)), "other people"),
        (to(case_id=STRANGER), "other people"),
        (to(kind=MeetingKind.PREPARATION), "other people"),
    ],
)
def test_a_move_is_the_same_meeting_elsewhere_or_nothing(proposal, words):
    with pytest.raises(CannotBook, match=words):
        moved(to=proposal)


def test_a_successor_obeys_the_rules_of_booking():
    with pytest.raises(TimeTaken):
        moved(around=circumstances(taken=frozenset({FACILITATOR})))
    with pytest.raises(CannotBook, match="in the future"):
        moved(to=to(starts_at=NOW), now=NOW)


def test_deciding_never_changes_what_was_given():
    meeting = a_meeting()
    before = replace(meeting)

    completed(meeting), missed(meeting), cancelled(meeting), moved(meeting)

    assert meeting == before
