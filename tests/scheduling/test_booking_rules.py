"""Which meetings may be booked, rule by rule."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.domain import booking
from services.scheduling.domain.meetings import State
from services.scheduling.domain.refusals import (
    CannotBook,
    FormAlreadyUsed,
    JointMeetingOpen,
    NotGranted,
    TimeTaken,
)
from services.scheduling.domain.venues import VenueKind
from shared.contracts.referral import GrantMoment, GrantRefusal, MeetingGrant
from shared.contracts.words import MeetingKind
from tests.scheduling.builders import (
    COLLEAGUE,
    COORDINATOR,
    FACILITATOR,
    FIRST,
    GRANT,
    MEETING,
    NEUTRAL,
    NOW,
    ONLINE,
    SECOND,
    STARTS,
    STRANGER,
    a_grant,
    a_meeting,
    a_preparation,
    a_proposal,
    a_venue,
    circumstances,
    some_id,
)

SECOND_OF_TIME = timedelta(seconds=1)


def test_a_granted_joint_meeting_is_booked_and_told():
    proposal = a_proposal()

    meeting, told = booking.book(proposal, a_grant(), circumstances(), now=NOW, by=COORDINATOR)

    assert (meeting.id, meeting.state, meeting.version) == (MEETING, State.SCHEDULED, 1)
    assert (meeting.grant_id, meeting.booked_by, meeting.booked_at) == (GRANT, COORDINATOR, NOW)
    assert (told.session_id, told.kind, told.starts_at) == (MEETING, MeetingKind.JOINT, STARTS)
    assert told.participant_ids == (FIRST, SECOND)
    assert told.replaces is None


def test_a_preparation_meeting_needs_a_grant_too():
    wanted = booking.grant_wanted(a_preparation())

    assert (wanted.kind, wanted.moment) == (MeetingKind.PREPARATION, GrantMoment.BOOKING)
    assert wanted.session_id == MEETING


@pytest.mark.parametrize(
    ("proposal", "words"),
    [
        (a_proposal(starts_at=NOW), "in the future"),
        (a_proposal(starts_at=NOW - SECOND_OF_TIME), "in the future"),
        (a_proposal(starts_at=NOW + timedelta(days=365) + SECOND_OF_TIME), "12 months"),
        (a_proposal(length=timedelta(minutes=15) - SECOND_OF_TIME), "15 minutes"),
        (a_proposal(length=timedelta(hours=4) + SECOND_OF_TIME), "4 hours"),
        (a_proposal(length=-timedelta(hours=1)), "15 minutes"),
        (a_proposal(facilitator_ids=()), "one or two facilitators"),
        (a_proposal(facilitator_ids=(FACILITATOR, COLLEAGUE, STRANGER)), "one or two"),
        (a_proposal(facilitator_ids=(STRANGER,)), "does not work here any more"),
        (a_proposal(facilitator_ids=(FIRST,)), "cannot facilitate"),
        (a_proposal(participant_ids=(FIRST,)), "at least two people"),
        (a_proposal(participant_ids=(FIRST, FIRST)), "at least two people"),
        (a_proposal(participant_ids=(FIRST, STRANGER)), "not a party"),
        (a_proposal(participant_ids=tuple(map(some_id, range(100, 121)))), "no more than 20"),
        (a_preparation(participant_ids=(FIRST, SECOND)), "the one person"),
        (a_preparation(participant_ids=()), "the one person"),
    ],
)
def test_a_proposal_that_breaks_a_rule_is_refused(proposal, words):
    with pytest.raises(CannotBook, match=words) as refused:
        booking.check(proposal, NOW, circumstances())

    assert refused.value.status == 422


@pytest.mark.parametrize(
    "proposal",
    [
        a_proposal(starts_at=NOW + SECOND_OF_TIME),
        a_proposal(starts_at=NOW + timedelta(days=365)),
        a_proposal(length=timedelta(minutes=15)),
        a_proposal(length=timedelta(hours=4)),
        a_proposal(facilitator_ids=(FACILITATOR, COLLEAGUE)),
        a_preparation(),
    ],
)
def test_the_limits_themselves_are_allowed(proposal):
    assert booking.check(proposal, NOW, circumstances()) == a_venue()


def test_every_broken_rule_is_told_at_once():
    proposal = a_proposal(starts_at=NOW, facilitator_ids=(), participant_ids=())

    with pytest.raises(CannotBook) as refused:
        booking.check(proposal, NOW, circumstances())

    assert len(refused.value.reasons) == 3


@pytest.mark.parametrize("venue", [None, a_venue(retired=True)])
def test_a_venue_that_is_not_in_use_cannot_be_booked(venue):
    with pytest.raises(CannotBook, match="no longer used"):
        booking.check(a_proposal(), NOW, circumstances(venue=venue))


@pytest.mark.parametrize(
    ("proposal", "kind", "allowed"),
    [
        (a_proposal(), VenueKind.NEUTRAL, True),
        (a_proposal(), VenueKind.ONLINE, True),
        (a_proposal(), VenueKind.OFFICE, False),
        (a_preparation(), VenueKind.OFFICE, True),
    ],
)
def test_a_joint_meeting_stands_on_neutral_ground(proposal, kind, allowed):
    around = circumstances(venue=a_venue(kind=kind))

    if allowed:
        booking.check(proposal, NOW, around)
    else:
        with pytest.raises(CannotBook, match="neutral ground"):
            booking.check(proposal, NOW, around)


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (FACILITATOR, "A facilitator you chose"),
        (NEUTRAL, "The venue is already booked"),
        (SECOND, "Somebody you chose to take part"),
    ],
)
def test_nobody_and_no_room_is_booked_twice(taken, words):
    with pytest.raises(TimeTaken, match=words) as refused:
        booking.check(a_proposal(), NOW, circumstances(taken=frozenset({taken})))

    assert refused.value.status == 409
    assert refused.value.taken == {taken}


def test_a_case_has_at_most_one_joint_meeting_ahead():
    around = circumstances(joint_meeting_open=True)

    booking.check(a_preparation(), NOW, around)
    with pytest.raises(JointMeetingOpen, match="or record what happened, if it has begun"):
        booking.check(a_proposal(), NOW, around)


@pytest.mark.parametrize("refusal", list(GrantRefusal))
def test_every_refusal_of_a_grant_has_words_of_its_own(refusal):
    grant = MeetingGrant(refusals=(refusal,))

    with pytest.raises(NotGranted) as refused:
        booking.book(a_proposal(), grant, circumstances(), now=NOW, by=COORDINATOR)

    assert refused.value.reasons == (booking.GRANT_WORDS[refusal],)
    assert len(set(booking.GRANT_WORDS.values())) == len(GrantRefusal)


@pytest.mark.parametrize(
    "grant", [MeetingGrant(), a_grant(refusals=(GrantRefusal.AGREEMENT_MISSING,))]
)
def test_anything_short_of_a_clear_yes_is_no(grant):
    with pytest.raises(NotGranted):
        booking.book(a_proposal(), grant, circumstances(), now=NOW, by=COORDINATOR)


def test_a_grant_taken_back_before_the_booking_books_nothing():
    around = circumstances(grant_revoked=True)

    with pytest.raises(NotGranted, match="no longer there"):
        booking.book(a_proposal(), a_grant(), around, now=NOW, by=COORDINATOR)


def test_the_same_form_sent_twice_is_one_booking():
    assert booking.is_repeat(a_meeting(), a_proposal(participant_ids=(SECOND, FIRST)))


@pytest.mark.parametrize(
    "changes",
    [
        {"case_id": some_id(99)},
        {"starts_at": STARTS + timedelta(hours=1)},
        {"length": timedelta(hours=2)},
        {"venue_id": ONLINE},
        {"facilitator_ids": (COLLEAGUE,)},
        {"participant_ids": (FIRST, STRANGER)},
    ],
)
def test_the_same_form_with_other_answers_is_refused(changes):
    with pytest.raises(FormAlreadyUsed, match="Nothing more has been booked"):
        booking.is_repeat(a_meeting(), a_proposal(**changes))


def test_online_there_is_always_room_but_people_are_still_held():
    held = booking.holds(a_proposal(), a_venue(id=ONLINE, kind=VenueKind.ONLINE))

    assert set(held) == {FACILITATOR, FIRST, SECOND}


def test_a_room_is_held_with_the_people():
    assert set(booking.holds(a_proposal(), a_venue())) == {FACILITATOR, FIRST, SECOND, NEUTRAL}


minutes = st.integers(min_value=0, max_value=48 * 60)
spans = st.tuples(minutes, st.integers(min_value=1, max_value=240)).map(
    lambda span: (span[0], span[0] + span[1])
)


@given(spans, spans)
def test_two_spans_overlap_exactly_when_they_share_a_minute(one, other):
    shared = set(range(*one)) & set(range(*other))

    moments = [NOW + timedelta(minutes=minute) for minute in (*one, *other)]

    assert booking.overlap(*moments) == bool(shared)
    assert booking.overlap(*moments[2:], *moments[:2]) == bool(shared)
