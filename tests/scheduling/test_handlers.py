"""What is heard of referral: repeats and any order change nothing, on both databases."""

from datetime import timedelta

import pytest

from services.scheduling import actions, handlers, store
from services.scheduling.domain.meetings import State
from services.scheduling.domain.planning import Party
from services.scheduling.domain.refusals import NotGranted
from services.scheduling.store.tables import SCHEMA
from shared.contracts.fact import Envelope
from shared.contracts.person_record import SchedulingRecordWanted
from shared.contracts.referral import (
    MeetingGrantRevoked,
    PartyAdded,
    PersonErased,
    ReferralAccepted,
    StaffJoined,
    StaffLeft,
)
from shared.contracts.words import CancelReason, Matter, Role, Side
from shared.plumbing.hearing import Hearing
from tests.scheduling.builders import (
    AREA,
    CASE,
    COLLEAGUE,
    FACILITATOR,
    FIRST,
    GRANT,
    MEETING,
    NOW,
    REFERRAL,
    SECOND,
    STARTS,
    a_preparation,
    a_proposal,
    some_id,
)
from tests.scheduling.office import an_office, book, case_of, held, meeting_of, told

ACCEPTED = ReferralAccepted(
    referral_id=REFERRAL,
    case_id=CASE,
    person_id=FIRST,
    side=Side.HARMED,
    matter=Matter.CRIME,
    area_id=AREA,
)
ADDED = PartyAdded(case_id=CASE, person_id=SECOND, side=Side.RESPONSIBLE)
REVOKED = MeetingGrantRevoked(case_id=CASE, session_id=MEETING, grant_id=GRANT)


def joined(role=Role.FACILITATOR, person_id=FACILITATOR):
    return StaffJoined(person_id=person_id, role=role)


def left(role=Role.FACILITATOR, person_id=FACILITATOR):
    return StaffLeft(person_id=person_id, role=role)


async def hear(database, fact, *, sequence=1, time=NOW):
    """One fact, as the bus would bring it."""
    heard = Hearing()
    handlers.listen(heard)
    envelope = Envelope(
        id=database.world.new_id(),
        source="referral",
        type=fact.subject,
        subject=fact.aggregate_id,
        sequence=sequence,
        time=time,
        correlation=some_id(77),
    )
    async with database.transaction() as session:
        session.envelope = envelope
        await heard.facts[type(fact)](fact, envelope, session)


async def parties(database):
    async with database.reading() as session:
        return (await store.cases.parties(session, [CASE]))[CASE]


async def working_here(database):
    async with database.reading() as session:
        return await store.people.working_here(session)


def test_planning_hears_referral_alone_and_is_asked_what_it_keeps_about_somebody():
    heard = Hearing()

    handlers.listen(heard)

    assert set(heard.heard) == {"referral"}
    assert set(heard.asks) == {SchedulingRecordWanted}


async def test_an_accepted_referral_waits_to_be_planned(any_store, world):
    database = await any_store(SCHEMA, world=world)

    await hear(database, ACCEPTED, time=NOW - timedelta(hours=3))

    case = await case_of(database)
    assert (case.opened_at, case.waiting_since) == (NOW - timedelta(hours=3),) * 2
    assert await parties(database) == [Party(FIRST, Side.HARMED)]


@pytest.mark.parametrize(
    "order", [[ACCEPTED, ADDED], [ADDED, ACCEPTED], [ADDED, ACCEPTED, ADDED, ACCEPTED]]
)
async def test_parties_are_kept_in_whatever_order_they_are_heard_of(any_store, world, order):
    database = await any_store(SCHEMA, world=world)

    for fact in order:
        await hear(database, fact)

    assert await parties(database) == [
        Party(FIRST, Side.HARMED),
        Party(SECOND, Side.RESPONSIBLE),
    ]
    assert (await case_of(database)).opened_at == NOW


@pytest.mark.parametrize("order", [[2, 3], [3, 2], [3, 3, 2]])
async def test_of_two_facts_about_a_party_the_later_stands(any_store, world, order):
    database = await any_store(SCHEMA, world=world)
    sides = {2: Side.RESPONSIBLE, 3: Side.BOTH}

    for sequence in order:
        added = PartyAdded(case_id=CASE, person_id=FIRST, side=sides[sequence])
        await hear(database, added, sequence=sequence)
    await hear(database, ACCEPTED)

    assert await parties(database) == [Party(FIRST, Side.BOTH)]


async def test_an_acceptance_heard_again_does_not_let_a_planned_case_wait(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())

    await hear(database, ACCEPTED)

    assert (await case_of(database)).waiting_since is None


@pytest.mark.parametrize(
    ("order", "works_here"),
    [
        ([(joined(), 1)], True),
        ([(joined(), 1), (left(), 2)], False),
        ([(left(), 2), (joined(), 1)], False),
        ([(joined(), 1), (left(), 2), (joined(), 3)], True),
        ([(joined(), 3), (left(), 2), (joined(), 1)], True),
        ([(joined(), 1), (left(Role.COORDINATOR), 2)], True),
        ([(joined(Role.MANAGER), 1)], False),
    ],
)
async def test_of_two_facts_about_a_facilitator_the_later_stands(
    any_store, world, order, works_here
):
    database = await any_store(SCHEMA, world=world)

    for fact, sequence in order:
        await hear(database, fact, sequence=sequence)

    assert (FACILITATOR in await working_here(database)) is works_here


async def test_a_revoked_grant_cancels_the_meeting_and_never_says_whose_decision(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())

    for _repeat in range(2):
        await hear(database, REVOKED, time=NOW + timedelta(hours=1))

    meeting = await meeting_of(database, MEETING)
    assert (meeting.state, meeting.reason) == (
        State.CANCELLED,
        CancelReason.NOT_GOING_AHEAD,
    )
    assert meeting.ended_by is None
    assert await held(database) == set()
    [_, (subject, version, body)] = await told(database)
    assert (subject, version, body["reason"]) == ("session_cancelled", 2, "not_going_ahead")
    assert set(body["participant_ids"]) == {str(FIRST), str(SECOND)}
    assert (await case_of(database)).waiting_since is not None


async def test_a_grant_revoked_before_the_booking_keeps_the_meeting_from_being_booked(
    any_store, world
):
    database = await an_office(any_store, world)

    await hear(database, REVOKED)

    with pytest.raises(NotGranted, match="no longer there"):
        await book(database, a_proposal())


async def test_a_grant_revoked_before_the_start_but_heard_after_it_still_cancels(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())
    world.advance(STARTS + timedelta(hours=1) - world.now())

    await hear(database, REVOKED, time=STARTS - timedelta(seconds=1))

    assert (await meeting_of(database, MEETING)).state is State.CANCELLED


async def test_a_grant_revoked_after_the_start_leaves_the_outcome_to_people(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())

    await hear(database, REVOKED, time=STARTS)

    assert (await meeting_of(database, MEETING)).state is State.SCHEDULED


async def test_an_erased_person_is_forgotten_and_what_they_were_invited_to_is_called_off(
    any_store, world
):
    database = await an_office(any_store, world)
    await book(database, a_proposal())
    await book(database, a_preparation(meeting_id=some_id(14), starts_at=STARTS + timedelta(2)))

    for _repeat in range(2):
        await hear(database, PersonErased(person_id=SECOND), time=NOW + timedelta(hours=1))
    await hear(database, ADDED, sequence=9)

    assert await parties(database) == [Party(FIRST, Side.HARMED)]
    meeting = await meeting_of(database, MEETING)
    assert (meeting.state, meeting.participant_ids) == (State.CANCELLED, (FIRST,))
    assert {meeting for meeting, _ in await held(database)} == {some_id(14)}
    subject, _, body = (await told(database))[-1]
    assert (subject, body["participant_ids"]) == ("session_cancelled", [str(FIRST)])


async def test_an_erased_facilitator_is_forgotten_too(any_store, world):
    database = await an_office(any_store, world)
    await book(database, a_proposal())

    await hear(database, PersonErased(person_id=FACILITATOR))
    await hear(database, joined(), sequence=9)

    assert await working_here(database) == {COLLEAGUE}
    assert (await meeting_of(database, MEETING)).facilitator_ids == ()


async def test_seeding_the_venues_again_adds_nothing(any_store, world):
    database = await any_store(SCHEMA, world=world)

    async with database.transaction() as session:
        first = await actions.venues.seed_venues(session)
        await actions.venues.retire_venue(session, actions.venues.SEEDS[0].id, seen=1)
    async with database.transaction() as session:
        again = await actions.venues.seed_venues(session)
        in_use = await store.venues.in_use(session)

    assert (first, again, len(in_use)) == (3, 0, 2)
