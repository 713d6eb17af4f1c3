"""Moving meetings and recording how they ended, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.scheduling import actions, store
from services.scheduling.actions.booking import Move
from services.scheduling.domain.meetings import State
from services.scheduling.domain.refusals import (
    AlreadyEnded,
    JointMeetingOpen,
    NotKnown,
    PageIsStale,
    TimeTaken,
)
from shared.contracts.scheduling import Attended
from shared.contracts.words import (
    Attendance,
    CancelReason,
    MoveReason,
    NotHeldReason,
)
from tests.scheduling.builders import (
    COORDINATOR,
    FIRST,
    MEETING,
    NEUTRAL,
    ONLINE,
    SECOND,
    STARTS,
    SUCCESSOR,
    a_preparation,
    a_proposal,
    some_id,
)
from tests.scheduling.office import (
    an_office,
    book,
    case_of,
    held,
    meeting_of,
    move,
    told,
)

LATER = STARTS + timedelta(days=1)
OTHER = some_id(14)
BOTH_CAME = tuple(
    Attended(person_id=one, attendance=Attendance.ATTENDED) for one in (FIRST, SECOND)
)


async def test_a_moved_meeting_is_told_as_given_up_and_as_scheduled(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())

    successor = await move(
        database,
        MEETING,
        a_proposal(meeting_id=SUCCESSOR, starts_at=STARTS + timedelta(minutes=30)),
        MoveReason.PARTICIPANT_ASKED,
    )

    old = await meeting_of(database, MEETING)
    assert (old.state, old.replaced_by, old.starts_at) == (State.SUPERSEDED, SUCCESSOR, STARTS)
    assert old.reason is MoveReason.PARTICIPANT_ASKED
    assert successor.replaces == MEETING
    assert {meeting for meeting, _ in await held(database)} == {SUCCESSOR}
    assert [(subject, version) for subject, version, _ in await told(database)] == [
        ("session_scheduled", 1),
        ("session_rescheduled", 2),
        ("session_scheduled", 1),
    ]
    assert (await told(database))[-1][2]["replaces"] == str(MEETING)


async def test_a_move_that_is_refused_leaves_the_meeting_as_it_was(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())
    await book(
        database,
        a_preparation(meeting_id=OTHER, starts_at=LATER, venue_id=ONLINE),
    )

    with pytest.raises(TimeTaken):
        await move(
            database,
            MEETING,
            a_proposal(meeting_id=SUCCESSOR, starts_at=LATER),
            MoveReason.OTHER,
        )

    assert (await meeting_of(database, MEETING)).state is State.SCHEDULED
    assert await meeting_of(database, SUCCESSOR) is None
    assert (MEETING, NEUTRAL) in await held(database)


async def test_moving_twice_with_one_form_is_one_move(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())
    to = a_proposal(meeting_id=SUCCESSOR, starts_at=LATER)

    first = await move(database, MEETING, to, MoveReason.OTHER)
    again = await move(database, MEETING, to, MoveReason.OTHER)

    assert first == again
    assert len(await told(database)) == 3


async def test_looking_first_refuses_what_booking_would(any_store, world):
    database = await an_office(any_store, world)
    booked = await book(database, a_proposal())
    later = a_proposal(meeting_id=SUCCESSOR, starts_at=LATER)

    async with database.reading() as session:
        assert await actions.booking.check(session, a_proposal()) == booked
        with pytest.raises(JointMeetingOpen):
            await actions.booking.check(session, later)
        wanted = Move(meeting_id=MEETING, seen=1, to=later, reason=MoveReason.OTHER)
        assert await actions.booking.check_move(session, wanted) is None
        lost = Move(meeting_id=some_id(99), seen=1, to=later, reason=MoveReason.OTHER)
        with pytest.raises(NotKnown, match="no such meeting"):
            await actions.booking.check_move(session, lost)


async def test_a_held_joint_meeting_is_recorded_and_the_case_is_done(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())
    world.advance(STARTS - world.now())

    for _double_click in range(2):
        async with database.transaction() as session:
            await actions.outcomes.complete(session, MEETING, BOTH_CAME, seen=1, by=COORDINATOR)

    meeting = await meeting_of(database, MEETING)
    assert (meeting.state, meeting.version, meeting.attendance) == (
        State.COMPLETED,
        2,
        BOTH_CAME,
    )
    [_, (subject, version, body)] = await told(database)
    assert (subject, version) == ("session_completed", 2)
    assert len(body["attended"]) == 2
    assert (await case_of(database)).waiting_since is None


async def test_a_meeting_that_was_not_held_lets_the_case_wait_again(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())
    world.advance(STARTS - world.now())

    async with database.transaction() as session:
        await actions.outcomes.miss(
            session, MEETING, NotHeldReason.PARTICIPANT_UNWELL, seen=1, by=COORDINATOR
        )

    assert (await case_of(database)).waiting_since == STARTS
    assert (await meeting_of(database, MEETING)).reason is NotHeldReason.PARTICIPANT_UNWELL
    with pytest.raises(AlreadyEnded, match="not held"):
        async with database.transaction() as session:
            await actions.outcomes.complete(session, MEETING, BOTH_CAME, seen=2, by=COORDINATOR)


async def test_ending_a_meeting_that_is_not_there_is_refused(any_store, world):
    database = await an_office(any_store, world)

    with pytest.raises(NotKnown):
        async with database.transaction() as session:
            await actions.outcomes.cancel(
                session, MEETING, CancelReason.SAFETY_CONCERN, seen=1, by=COORDINATOR
            )


async def test_a_meeting_that_ended_is_never_written_over(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())
    meeting = await meeting_of(database, MEETING)
    ended = replace(meeting, state=State.CANCELLED, version=2)

    async with database.transaction() as session:
        await store.meetings.save_end(session, ended)
    with pytest.raises(PageIsStale):
        async with database.transaction() as session:
            await store.meetings.save_end(session, replace(ended, state=State.MISSED))

    assert (await meeting_of(database, MEETING)).state is State.CANCELLED
