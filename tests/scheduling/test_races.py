"""Two people book at the same moment: exactly one of them succeeds, every time, on both databases.

Each of the two has connections of its own, as two replicas of the service would.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from services.scheduling import actions, store
from services.scheduling.domain.meetings import State
from services.scheduling.domain.planning import Party
from services.scheduling.domain.refusals import JointMeetingOpen, TimeTaken
from services.scheduling.store.tables import SCHEMA
from shared.contracts.refusal import Refusal
from shared.contracts.scheduling import Attended
from shared.contracts.words import Attendance, CancelReason, MoveReason, NotHeldReason, Side
from shared.plumbing.database import Database
from tests.scheduling.builders import (
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
    a_preparation,
    a_proposal,
    some_id,
)
from tests.scheduling.office import a_case, an_office, book, held, meeting_of, move, told

ROUNDS = 50

# Two proposals that have one thing in common, and apart from it nothing.
CLASHES = {
    "facilitator": (
        "A facilitator",
        {"venue_id": ONLINE, "participant_ids": (FIRST,)},
        {"venue_id": NEUTRAL, "participant_ids": (SECOND,)},
    ),
    "venue": (
        "The venue",
        {"facilitator_ids": (FACILITATOR,), "participant_ids": (FIRST,)},
        {"facilitator_ids": (COLLEAGUE,), "participant_ids": (SECOND,)},
    ),
    "participant": (
        "Somebody",
        {"venue_id": ONLINE, "facilitator_ids": (FACILITATOR,)},
        {"venue_id": NEUTRAL, "facilitator_ids": (COLLEAGUE,)},
    ),
}


@asynccontextmanager
async def two_desks(any_store, world) -> AsyncIterator[tuple[Database, Database]]:
    one = await an_office(any_store, world)
    other = Database(one.url, SCHEMA, world, one.keyring)
    try:
        yield one, other
    finally:
        await other.close()


async def at_once(*attempts: Callable[[], Awaitable[object]]) -> list[object]:
    """What came of each; anything but a refusal is a failure of the test."""
    outcomes = await asyncio.gather(*(attempt() for attempt in attempts), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, Refusal):
            raise outcome
    return outcomes


def refusals(outcomes: list[object]) -> list[Refusal]:
    return [outcome for outcome in outcomes if isinstance(outcome, Refusal)]


@pytest.mark.parametrize(("words", "one", "other"), CLASHES.values(), ids=list(CLASHES))
async def test_of_two_bookings_of_the_same_time_exactly_one_wins(
    any_store, world, words, one, other
):
    half_an_hour = timedelta(minutes=30)
    async with two_desks(any_store, world) as desks:
        for number in range(ROUNDS):
            starts_at = STARTS + timedelta(hours=5 * number)
            ones = a_preparation(meeting_id=some_id(1000 + number), starts_at=starts_at, **one)
            others = a_preparation(
                meeting_id=some_id(2000 + number), starts_at=starts_at + half_an_hour, **other
            )

            outcomes = await at_once(
                lambda ones=ones: book(desks[0], ones),
                lambda others=others: book(desks[1], others),
            )

            [refused] = refusals(outcomes)
            assert isinstance(refused, TimeTaken), f"round {number}"
            assert refused.status == 409
            assert words in str(refused)
        assert len(await told(desks[0])) == ROUNDS


async def test_of_two_joint_meetings_for_one_case_exactly_one_wins(any_store, world):
    async with two_desks(any_store, world) as desks:
        for number in range(ROUNDS):
            case_id = some_id(500 + number)
            async with desks[0].transaction() as session:
                await actions.cases.open_case(session, a_case(case_id), Party(FIRST, Side.HARMED))
                await actions.cases.add_party(session, case_id, Party(SECOND, Side.RESPONSIBLE), 2)
            starts_at = STARTS + timedelta(hours=10 * number)
            proposals = [
                a_proposal(
                    meeting_id=some_id(1000 * (desk + 1) + number),
                    case_id=case_id,
                    starts_at=starts_at + timedelta(hours=5 * desk),
                )
                for desk in range(2)
            ]

            outcomes = await at_once(
                lambda proposals=proposals: book(desks[0], proposals[0]),
                lambda proposals=proposals: book(desks[1], proposals[1]),
            )

            [refused] = refusals(outcomes)
            assert isinstance(refused, JointMeetingOpen), f"round {number}"


async def test_a_double_click_on_two_replicas_is_one_booking(any_store, world):
    async with two_desks(any_store, world) as desks:
        for number in range(ROUNDS):
            proposal = a_preparation(
                meeting_id=some_id(1000 + number), starts_at=STARTS + timedelta(hours=number)
            )

            outcomes = await at_once(
                lambda proposal=proposal: book(desks[0], proposal),
                lambda proposal=proposal: book(desks[1], proposal),
            )

            assert outcomes[0] == outcomes[1]
        assert len(await told(desks[0])) == ROUNDS


async def test_two_different_ends_at_once_leave_one_of_them(any_store, world):
    async with two_desks(any_store, world) as desks:
        meetings = [some_id(1000 + number) for number in range(10)]
        for number, meeting_id in enumerate(meetings):
            await book(
                desks[0],
                a_preparation(meeting_id=meeting_id, starts_at=STARTS + timedelta(hours=number)),
            )
        world.advance(STARTS + timedelta(days=2) - world.now())

        async def held_says(database, meeting_id):
            came = Attended(person_id=FIRST, attendance=Attendance.ATTENDED)
            async with database.transaction() as session:
                await actions.outcomes.complete(
                    session, meeting_id, (came,), seen=1, by=COORDINATOR
                )

        async def not_held_says(database, meeting_id):
            async with database.transaction() as session:
                await actions.outcomes.miss(
                    session, meeting_id, NotHeldReason.OTHER, seen=1, by=COORDINATOR
                )

        for meeting_id in meetings:
            outcomes = await at_once(
                lambda meeting_id=meeting_id: held_says(desks[0], meeting_id),
                lambda meeting_id=meeting_id: not_held_says(desks[1], meeting_id),
            )
            [refused] = refusals(outcomes)
            assert refused.status == 409
        assert len(await told(desks[0])) == 2 * len(meetings)


async def test_moving_and_cancelling_at_once_leave_one_of_them(any_store, world):
    async with two_desks(any_store, world) as desks:
        for number in range(10):
            meeting_id, successor_id = some_id(1000 + number), some_id(2000 + number)
            starts_at = STARTS + timedelta(hours=5 * number)
            proposal = a_preparation(meeting_id=meeting_id, starts_at=starts_at)
            to = a_preparation(meeting_id=successor_id, starts_at=starts_at + timedelta(hours=1))
            await book(desks[0], proposal)

            async def cancel(meeting_id=meeting_id):
                async with desks[1].transaction() as session:
                    await actions.outcomes.cancel(
                        session, meeting_id, CancelReason.SAFETY_CONCERN, seen=1, by=COORDINATOR
                    )

            outcomes = await at_once(
                lambda meeting_id=meeting_id, to=to: move(
                    desks[0], meeting_id, to, MoveReason.OTHER
                ),
                cancel,
            )

            assert len(refusals(outcomes)) == 1
            old = await meeting_of(desks[0], meeting_id)
            new = await meeting_of(desks[0], successor_id)
            assert (old.state is State.CANCELLED) == (new is None)


async def test_a_grant_revoked_while_the_meeting_is_booked_never_leaves_it_booked(any_store, world):
    async with two_desks(any_store, world) as desks:
        for number in range(ROUNDS):
            meeting_id = some_id(1000 + number)
            proposal = a_preparation(
                meeting_id=meeting_id, starts_at=STARTS + timedelta(hours=number)
            )

            async def revoke(meeting_id=meeting_id):
                async with desks[1].transaction() as session:
                    await actions.outcomes.stop_meeting(session, meeting_id, GRANT, world.now())

            await at_once(lambda proposal=proposal: book(desks[0], proposal), revoke)

            meeting = await meeting_of(desks[0], meeting_id)
            assert meeting is None or meeting.state is State.CANCELLED
        assert await held(desks[0]) == set()


async def test_the_pen_is_free_again_after_a_refusal(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())

    with pytest.raises(JointMeetingOpen):
        await book(database, a_proposal(meeting_id=some_id(14)))

    async with database.transaction() as session:
        await store.diary.take_the_pen(session)
    assert (await meeting_of(database, MEETING)).state is State.SCHEDULED


async def test_what_two_replicas_hear_of_at_once_is_kept_once_and_fails_neither(any_store, world):
    newcomer, another_case = some_id(41), a_case(some_id(42))

    async def hear(session):
        await actions.cases.open_case(session, another_case, Party(newcomer, Side.HARMED))
        await actions.people.note_facilitator(session, newcomer, works_here=True, version=1)
        await store.meetings.note_revoked(session, MEETING, GRANT, STARTS)

    async def hear_too():
        async with desks[1].transaction() as session:
            await hear(session)

    async with two_desks(any_store, world) as desks:
        async with desks[0].transaction() as session:
            await hear(session)
            meanwhile = asyncio.create_task(hear_too())
            await asyncio.wait([meanwhile], timeout=0.5)
        await meanwhile

        async with desks[0].reading() as session:
            parties = await store.cases.parties(session, [another_case.id])
    assert parties == {another_case.id: [Party(newcomer, Side.HARMED)]}
