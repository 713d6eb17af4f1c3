"""Booking meetings, on both databases."""

from datetime import timedelta

import pytest

from services.scheduling import actions
from services.scheduling.domain.meetings import State
from services.scheduling.domain.refusals import (
    FormAlreadyUsed,
    JointMeetingOpen,
    NotGranted,
    NotKnown,
    TimeTaken,
)
from shared.contracts.referral import GrantRefusal, MeetingGrant
from shared.contracts.words import (
    CancelReason,
    MeetingKind,
)
from tests.scheduling.builders import (
    CASE,
    COLLEAGUE,
    COORDINATOR,
    FACILITATOR,
    FIRST,
    GRANT,
    MEETING,
    NEUTRAL,
    ONLINE,
    SECOND,
    STARTS,
    STRANGER,
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
    told,
)

LATER = STARTS + timedelta(days=1)


async def test_a_booked_meeting_is_stored_told_and_the_case_waits_no_more(any_store, world):
    database = await an_office(any_store, world)

    booked = await book(database, a_proposal())

    assert await meeting_of(database, MEETING) == booked
    assert await held(database) == {(MEETING, one) for one in (FACILITATOR, FIRST, SECOND, NEUTRAL)}
    [(subject, version, body)] = await told(database)
    assert (subject, version) == ("session_scheduled", 1)
    assert body["session_id"] == str(MEETING)
    assert (await case_of(database)).waiting_since is None


async def test_a_refused_grant_books_nothing(any_store, world):
    database = await an_office(any_store, world)
    grant = MeetingGrant(refusals=(GrantRefusal.AGREEMENT_MISSING,))

    with pytest.raises(NotGranted, match="agreement to meet has been recorded"):
        await book(database, a_proposal(), grant)

    assert await meeting_of(database, MEETING) is None
    assert await held(database) == set()
    assert await told(database) == []


async def test_the_same_form_sent_twice_books_one_meeting(any_store, world):
    database = await an_office(any_store, world)

    first = await book(database, a_proposal())
    again = await book(database, a_proposal())

    assert again == first
    assert len(await told(database)) == 1


async def test_a_form_used_for_another_booking_is_refused(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())

    with pytest.raises(FormAlreadyUsed):
        await book(database, a_proposal(starts_at=LATER))


async def test_an_unknown_case_is_not_there(any_store, world):
    database = await an_office(any_store, world)

    with pytest.raises(NotKnown, match="no such case"):
        await book(database, a_proposal(case_id=some_id(99)))


OTHER = some_id(14)


@pytest.mark.parametrize(
    ("proposal", "words"),
    [
        (a_preparation(venue_id=ONLINE, participant_ids=(SECOND,)), "A facilitator"),
        (
            a_preparation(participant_ids=(SECOND,), facilitator_ids=(COLLEAGUE,)),
            "The venue",
        ),
        (a_preparation(venue_id=ONLINE, facilitator_ids=(COLLEAGUE,)), "Somebody"),
    ],
)
@pytest.mark.parametrize("minutes", [-59, -1, 0, 30, 59])
async def test_nobody_and_no_room_is_booked_twice(any_store, world, proposal, words, minutes):
    database = await an_office(any_store, world)
    await book(database, a_preparation(participant_ids=(FIRST,)))
    shifted = timedelta(minutes=minutes)

    with pytest.raises(TimeTaken, match=words):
        await book(
            database,
            a_preparation(
                meeting_id=OTHER,
                venue_id=proposal.venue_id,
                participant_ids=proposal.participant_ids,
                facilitator_ids=proposal.facilitator_ids,
                starts_at=STARTS + shifted,
            ),
        )

    assert await meeting_of(database, OTHER) is None


@pytest.mark.parametrize("hours", [-1, 1])
async def test_back_to_back_meetings_are_fine(any_store, world, hours):
    database = await an_office(any_store, world)
    await book(database, a_preparation())

    await book(database, a_preparation(meeting_id=OTHER, starts_at=STARTS + timedelta(hours=hours)))

    assert (await meeting_of(database, OTHER)).state is State.SCHEDULED


async def test_a_long_meeting_that_began_hours_ago_still_counts(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_preparation(length=timedelta(hours=4)))

    with pytest.raises(TimeTaken):
        await book(
            database,
            a_preparation(
                meeting_id=OTHER,
                starts_at=STARTS + timedelta(hours=3, minutes=59),
                length=timedelta(hours=4),
            ),
        )


async def test_online_there_is_room_for_many_meetings_at_once(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_preparation(venue_id=ONLINE))

    await book(
        database,
        a_preparation(
            meeting_id=OTHER,
            venue_id=ONLINE,
            participant_ids=(SECOND,),
            facilitator_ids=(COLLEAGUE,),
        ),
    )

    assert (await meeting_of(database, OTHER)).venue_id == ONLINE


async def test_a_cancelled_meeting_gives_its_time_back(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())
    async with database.transaction() as session:
        await actions.outcomes.cancel(
            session, MEETING, CancelReason.VENUE_UNAVAILABLE, seen=1, by=COORDINATOR
        )

    assert await held(database) == set()
    await book(database, a_proposal(meeting_id=OTHER))
    assert [subject for subject, _, _ in await told(database)] == [
        "session_scheduled",
        "session_cancelled",
        "session_scheduled",
    ]


async def test_a_case_has_one_joint_meeting_ahead_of_it(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())

    with pytest.raises(JointMeetingOpen):
        await book(database, a_proposal(meeting_id=OTHER, starts_at=LATER))


async def test_a_person_who_is_not_a_party_is_not_invited(any_store, world):
    database = await an_office(any_store, world)

    with pytest.raises(Exception, match="not a party"):
        await book(database, a_preparation(participant_ids=(STRANGER,)))


async def test_a_meeting_keeps_its_grant_and_its_kind(any_store, world):
    database = await an_office(any_store, world)

    await book(database, a_preparation())

    meeting = await meeting_of(database, MEETING)
    assert (meeting.grant_id, meeting.kind, meeting.case_id) == (
        GRANT,
        MeetingKind.PREPARATION,
        CASE,
    )
