"""May we contact this person now? What is not plainly allowed is not allowed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referral.domain.intake import Status
from services.referral.domain.people import Route, WhoElse
from services.referral.domain.permits import (
    PERMIT_LASTS,
    STAFF_PURPOSES,
    Meeting,
    Relation,
    permit,
)
from services.referral.domain.safe_hours import WEEK, SafeHours, Weekday
from shared.contracts.referral import PermitOutcome
from shared.contracts.words import Channel, MeetingKind, Purpose, Role, SuppressReason
from tests.referral.builders import (
    EMAIL,
    LETTER,
    NOW,
    PHONE,
    TEXT,
    a_person,
    a_safe_contact,
    hours,
)

MY_OWN = Relation(referral=Status.WAITING)
INVITED = Relation(
    party=True,
    case_open=True,
    agrees=True,
    meeting=Meeting(kind=MeetingKind.JOINT, live=True, invited=True),
)
IN_TEN_TO_TWELVE = datetime(2026, 3, 3, 10, 30, tzinfo=UTC)


def test_email_is_granted_for_a_minute_with_the_words_that_may_be_said():
    answer = permit(
        a_person(), a_safe_contact(EMAIL, avoid=("court",)), Purpose.REFERRAL_RECEIVED, MY_OWN, NOW
    )

    assert answer.outcome is PermitOutcome.GRANTED
    assert (answer.channel, answer.address) == (Channel.EMAIL, EMAIL.address)
    assert answer.valid_until == NOW + timedelta(seconds=60)
    assert answer.words is not None
    assert answer.words.name_service
    assert answer.words.say_time
    assert answer.words.avoid == ("court",)


@pytest.mark.parametrize("who_else", [WhoElse.SOMEBODY, WhoElse.NOT_SURE])
def test_where_somebody_else_may_see_it_neither_the_service_nor_a_time_is_named(who_else):
    contact = a_safe_contact(EMAIL, who_else=who_else)

    words = permit(a_person(), contact, Purpose.REFERRAL_RECEIVED, MY_OWN, NOW).words

    assert words is not None
    assert not words.name_service
    assert not words.say_time


def test_outside_the_safe_hours_it_is_later_and_said_when():
    contact = a_safe_contact(EMAIL, hours=hours(Weekday.TUESDAY))

    answer = permit(a_person(), contact, Purpose.REFERRAL_RECEIVED, MY_OWN, NOW)

    assert answer.outcome is PermitOutcome.LATER
    assert answer.not_before == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert answer.address is None


def test_a_permit_ends_with_the_safe_hours():
    contact = a_safe_contact(EMAIL, hours=hours(Weekday.TUESDAY))
    ten_seconds_to_twelve = datetime(2026, 3, 3, 11, 59, 50, tzinfo=UTC)

    answer = permit(a_person(), contact, Purpose.REFERRAL_RECEIVED, MY_OWN, ten_seconds_to_twelve)

    assert answer.valid_until == datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize("route", [PHONE, TEXT, LETTER])
def test_without_email_a_colleague_has_to_do_it_and_the_address_stays_here(route):
    answer = permit(a_person(), a_safe_contact(route), Purpose.REFERRAL_RECEIVED, MY_OWN, NOW)

    assert answer.outcome is PermitOutcome.BY_HAND
    assert answer.channel is route.channel
    assert answer.address is None


def test_the_way_to_try_first_is_taken_by_hand_even_where_email_is_safe_too():
    contact = a_safe_contact(LETTER, EMAIL, PHONE)

    answer = permit(a_person(), contact, Purpose.REFERRAL_RECEIVED, MY_OWN, NOW)

    assert (answer.outcome, answer.channel) == (PermitOutcome.BY_HAND, Channel.LETTER)


def test_a_colleague_about_to_call_sees_the_number_in_safe_hours_only():
    contact = a_safe_contact(PHONE, hours=hours(Weekday.TUESDAY), voicemail=False)
    person, purpose = a_person(), Purpose.REFERRAL_RECEIVED

    early = permit(person, contact, purpose, MY_OWN, NOW, shown_to_staff=True)
    now = permit(person, contact, purpose, MY_OWN, IN_TEN_TO_TWELVE, shown_to_staff=True)

    assert (early.outcome, early.address) == (PermitOutcome.LATER, None)
    assert (now.outcome, now.address) == (PermitOutcome.BY_HAND, PHONE.address)
    assert now.words is not None
    assert not now.words.leave_voicemail


def test_a_letter_may_be_written_at_any_hour():
    contact = a_safe_contact(LETTER, hours=hours(Weekday.TUESDAY))

    answer = permit(
        a_person(), contact, Purpose.REFERRAL_RECEIVED, MY_OWN, NOW, shown_to_staff=True
    )

    assert answer.address == LETTER.address


def test_whoever_asked_not_to_be_contacted_is_not_not_even_to_cancel():
    person = a_person(asked_no_contact_at=NOW)

    for purpose in Purpose:
        answer = permit(person, a_safe_contact(), purpose, EVERYTHING, NOW)
        assert answer.reason is SuppressReason.ASKED_NOT_TO_BE_CONTACTED


def test_nobody_we_do_not_know_is_contacted():
    relation = replace(INVITED, referral=Status.WAITING)

    unknown = permit(None, a_safe_contact(), Purpose.REFERRAL_RECEIVED, relation, NOW)
    nowhere = permit(a_person(), None, Purpose.REFERRAL_RECEIVED, relation, NOW)

    assert unknown.reason is SuppressReason.PERSON_UNKNOWN
    assert nowhere.reason is SuppressReason.PERSON_UNKNOWN


@pytest.mark.parametrize(
    ("purpose", "status", "reason"),
    [
        (Purpose.REFERRAL_RECEIVED, Status.WAITING, None),
        (Purpose.REFERRAL_RECEIVED, Status.ACCEPTED, None),
        (Purpose.REFERRAL_RECEIVED, Status.DECLINED, SuppressReason.TOO_LATE_TO_MATTER),
        (Purpose.REFERRAL_ACCEPTED, Status.ACCEPTED, None),
        (Purpose.REFERRAL_ACCEPTED, Status.WAITING, SuppressReason.TOO_LATE_TO_MATTER),
        (Purpose.REFERRAL_DECLINED, Status.DECLINED, None),
        (Purpose.REFERRAL_DECLINED, Status.ACCEPTED, SuppressReason.TOO_LATE_TO_MATTER),
        (Purpose.REFERRAL_RECEIVED, None, SuppressReason.NOT_A_PARTY),
    ],
)
def test_a_message_about_a_referral_goes_to_whose_it_is_while_it_is_true(purpose, status, reason):
    answer = permit(a_person(), a_safe_contact(), purpose, Relation(referral=status), NOW)

    assert answer.reason is reason


ABOUT_MEETINGS = [Purpose.MEETING_BOOKED, Purpose.MEETING_MOVED]
NOT_IN_FORCE = SuppressReason.AGREEMENT_NOT_IN_FORCE


@pytest.mark.parametrize("purpose", ABOUT_MEETINGS)
@pytest.mark.parametrize(
    ("relation", "reason"),
    [
        (INVITED, None),
        (replace(INVITED, agrees=False), NOT_IN_FORCE),
        (replace(INVITED, case_open=False), NOT_IN_FORCE),
        (replace(INVITED, meeting=None), NOT_IN_FORCE),
        (
            replace(INVITED, meeting=Meeting(MeetingKind.JOINT, live=False, invited=True)),
            NOT_IN_FORCE,
        ),
        (replace(INVITED, party=False), SuppressReason.NOT_A_PARTY),
        (
            replace(INVITED, meeting=Meeting(MeetingKind.JOINT, live=True, invited=False)),
            SuppressReason.NOT_A_PARTY,
        ),
        (
            replace(
                INVITED,
                agrees=False,
                meeting=Meeting(MeetingKind.PREPARATION, live=True, invited=True),
            ),
            None,
        ),
    ],
)
def test_a_meeting_is_spoken_of_only_while_there_is_leave_to_hold_it(purpose, relation, reason):
    assert permit(a_person(), a_safe_contact(), purpose, relation, NOW).reason is reason


def test_that_a_meeting_is_off_may_be_said_whatever_else_has_changed():
    relation = Relation(party=True)

    answer = permit(a_person(), a_safe_contact(), Purpose.MEETING_CANCELLED, relation, NOW)
    to_stranger = permit(a_person(), a_safe_contact(), Purpose.MEETING_CANCELLED, Relation(), NOW)

    assert answer.outcome is PermitOutcome.GRANTED
    assert to_stranger.reason is SuppressReason.NOT_A_PARTY


@pytest.mark.parametrize("purpose", sorted(STAFF_PURPOSES))
def test_colleagues_hear_what_is_meant_for_colleagues_and_nothing_else(purpose):
    colleague = Relation(roles=STAFF_PURPOSES[purpose])

    to_colleague = permit(a_person(), a_safe_contact(), purpose, colleague, NOW)
    to_party = permit(a_person(), a_safe_contact(), purpose, INVITED, NOW)
    about_a_party = permit(a_person(), a_safe_contact(), Purpose.MEETING_BOOKED, colleague, NOW)

    assert to_colleague.outcome is PermitOutcome.GRANTED
    assert to_party.reason is SuppressReason.NOT_A_PARTY
    assert about_a_party.reason is SuppressReason.NOT_A_PARTY


def test_a_new_referral_is_told_to_coordinators_alone():
    facilitator = Relation(roles=frozenset({Role.FACILITATOR}))

    answer = permit(a_person(), a_safe_contact(), Purpose.STAFF_NEW_REFERRAL, facilitator, NOW)

    assert answer.reason is SuppressReason.NOT_A_PARTY


EVERYTHING = replace(INVITED, roles=frozenset(Role), referral=Status.WAITING)

routes = st.lists(
    st.sampled_from([EMAIL, PHONE, TEXT, LETTER]), min_size=1, unique_by=lambda route: route.channel
)
safe_hours = st.builds(
    lambda days, edges: SafeHours(days, min(edges), max(edges)),
    st.frozensets(st.sampled_from(WEEK), min_size=1),
    st.sets(st.integers(0, 1440), min_size=2, max_size=2),
)
contacts = st.builds(
    lambda routes, safe, who: a_safe_contact(*routes, hours=safe, who_else=who),
    routes,
    safe_hours,
    st.sampled_from(WhoElse),
)
people = st.builds(a_person, asked_no_contact_at=st.sampled_from([None, NOW]))
meetings = st.none() | st.builds(
    Meeting, st.sampled_from(MeetingKind), st.booleans(), st.booleans()
)
relations = st.builds(
    Relation,
    st.frozensets(st.sampled_from(Role)),
    st.none() | st.sampled_from(Status),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    meetings,
)
moments = st.integers(0, 2 * 365 * 24 * 3600).map(lambda seconds: NOW + timedelta(seconds=seconds))


@given(people, contacts, st.sampled_from(Purpose), relations, moments, st.booleans())
def test_nobody_is_ever_reached_in_a_way_they_have_not_said_is_safe(
    person, contact, purpose, relation, now, shown
):
    answer = permit(person, contact, purpose, relation, now, shown_to_staff=shown)

    if answer.channel is not None:
        assert answer.channel is contact.routes[0].channel
    if answer.address is not None:
        assert person.asked_no_contact_at is None
        assert Route(answer.channel, answer.address) == contact.routes[0]
        assert shown or answer.channel is Channel.EMAIL
        assert answer.valid_until is not None
        assert now < answer.valid_until <= now + PERMIT_LASTS
        if answer.channel is not Channel.LETTER:
            last = answer.valid_until - timedelta(microseconds=1)
            assert all(_on_the_wall(contact.hours, moment) for moment in (now, last))
    if person.asked_no_contact_at is not None:
        assert answer.outcome is PermitOutcome.DENIED
    if answer.words is not None and contact.who_else is not WhoElse.NOBODY:
        assert not answer.words.name_service
        assert not answer.words.say_time


@given(people, contacts, st.sampled_from(Purpose), relations, moments)
def test_asking_again_when_told_to_is_not_put_off_again(person, contact, purpose, relation, now):
    answer = permit(person, contact, purpose, relation, now)
    if answer.not_before is not None:
        assert answer.not_before > now
        again = permit(person, contact, purpose, relation, answer.not_before)
        assert again.outcome is PermitOutcome.GRANTED


def _on_the_wall(safe: SafeHours, moment: datetime) -> bool:
    """The same rule once more, by another way: what does the clock in London show?"""
    wall = moment.astimezone(ZoneInfo("Europe/London")).strftime("%A %H:%M").lower().split()
    minutes = int(wall[1][:2]) * 60 + int(wall[1][3:])
    return wall[0] in safe.days and safe.opens_minute <= minutes < safe.closes_minute
