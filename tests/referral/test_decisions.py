"""What coordinators decide, and what people say: each rule by itself."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referral.domain.agreement import (
    AgreementState,
    AskedNotToBeContacted,
    NothingToRecord,
    agree,
    withdraw,
)
from services.referral.domain.areas import Area, AreaNameTaken, name_area
from services.referral.domain.case_file import PageOutOfDate, refuse_stale
from services.referral.domain.contact_wishes import ask_contact_again, ask_no_contact
from services.referral.domain.intake import PermissionMissing, Status, receive, reference_for
from services.referral.domain.parties import (
    MOST_PARTIES,
    CaseNotOpen,
    FirstPartyHasNotAgreed,
    TooManyParties,
    add_party,
)
from services.referral.domain.people import NoSafeWay, Route, SafeContact, WhoElse
from services.referral.domain.safe_hours import ANY_TIME
from services.referral.domain.staff import (
    Colleague,
    LastCoordinator,
    NoRole,
    NotWorkingHere,
    join,
    leave,
)
from services.referral.domain.triage import AlreadyDecided, CaseState, accept, decline
from shared.contracts.referral import PartyAdded, StaffJoined, StaffLeft
from shared.contracts.words import Channel, DeclineReason, Role, Side, Source
from tests.referral.builders import (
    AREA,
    CASE,
    EMAIL,
    KIM,
    NOW,
    PHONE,
    REFERRAL,
    SAM,
    TOLD,
    a_case,
    a_party,
    a_person,
    a_referral,
    a_request,
    a_safe_contact,
    an_agreement,
    some_id,
)


def test_a_referral_is_told_in_coded_words():
    received = receive(a_referral())

    assert (received.referral_id, received.person_id) == (REFERRAL, SAM)
    assert received.area_id == AREA
    assert "Sam" not in received.model_dump_json()


@pytest.mark.parametrize("source", [source for source in Source if source is not Source.SELF])
def test_nobody_is_referred_by_somebody_else_without_their_permission(source):
    request = a_request(source=source)

    with pytest.raises(PermissionMissing, match="have agreed"):
        receive(a_referral(request=request))
    assert receive(a_referral(request=a_request(source=source, permission_attested=True)))


@given(st.uuids(), st.binary(min_size=32, max_size=32))
def test_a_reference_is_short_easy_to_read_aloud_and_always_the_same(referral_id, key):
    reference = reference_for(referral_id, key)

    assert re.fullmatch(r"[2-9B-Z]{3}-[2-9B-Z]{4}-[2-9B-Z]{3}", reference)
    assert not set(reference) & set("AEIOU01L")
    assert reference == reference_for(referral_id, key)


def test_a_reference_cannot_be_guessed_from_another_or_without_the_key():
    references = {reference_for(some_id(number), b"k" * 32) for number in range(2000)}

    assert len(references) == 2000
    assert reference_for(REFERRAL, b"k" * 32) != reference_for(REFERRAL, b"l" * 32)


def test_an_accepted_referral_becomes_a_case():
    referral, case, accepted = accept(a_referral(), CASE, NOW)

    assert (referral.status, referral.decided_at, referral.version) == (Status.ACCEPTED, NOW, 2)
    assert (case.id, case.referral_id, case.state) == (CASE, REFERRAL, CaseState.OPEN)
    assert (accepted.case_id, accepted.person_id, accepted.side) == (CASE, SAM, Side.BOTH)


def test_a_declined_referral_says_why():
    referral, declined = decline(a_referral(), DeclineReason.SIGNPOSTED, NOW)

    assert (referral.status, referral.decline_reason) == (
        Status.DECLINED,
        DeclineReason.SIGNPOSTED,
    )
    assert declined.reason is DeclineReason.SIGNPOSTED


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.DECLINED])
def test_what_is_decided_is_not_decided_again(status):
    decided = a_referral(status=status)

    with pytest.raises(AlreadyDecided, match=status.value):
        accept(decided, CASE, NOW)
    with pytest.raises(AlreadyDecided, match=status.value):
        decline(decided, DeclineReason.DUPLICATE, NOW)


def test_a_page_that_shows_an_older_version_changes_nothing():
    refuse_stale(a_referral(version=3), 3)

    for seen in (2, 4):
        with pytest.raises(PageOutOfDate, match="nothing was saved"):
            refuse_stale(a_referral(version=3), seen)


def test_the_other_party_joins_when_the_first_agrees():
    added = add_party(
        a_case(), (a_party(first=True),), a_person(), a_party(KIM), first_party_agrees=True
    )

    assert added == PartyAdded(case_id=CASE, person_id=KIM, side=Side.BOTH)


def test_the_other_party_is_not_approached_unless_the_first_agrees():
    for first, agrees in ((a_person(), False), (a_person(asked_no_contact_at=NOW), True)):
        with pytest.raises(FirstPartyHasNotAgreed, match="first party has agreed"):
            add_party(a_case(), (a_party(),), first, a_party(KIM), first_party_agrees=agrees)


@pytest.mark.parametrize("case", [None, a_case(state=CaseState.CLOSED)])
def test_nobody_joins_where_there_is_no_open_case(case):
    with pytest.raises(CaseNotOpen):
        add_party(case, (), a_person(), a_party(KIM), first_party_agrees=True)


def test_a_case_does_not_grow_past_what_a_meeting_could_hold():
    many = tuple(a_party(some_id(100 + number)) for number in range(MOST_PARTIES))

    with pytest.raises(TooManyParties):
        add_party(a_case(), many, a_person(), a_party(KIM), first_party_agrees=True)
    assert add_party(a_case(), many[1:], a_person(), a_party(KIM), first_party_agrees=True)


def test_an_agreement_is_given_taken_back_and_given_anew_each_in_its_own_version():
    given_first = agree(a_person(), CASE, None, TOLD)
    taken_back = withdraw(given_first, TOLD)
    given_again = agree(a_person(), CASE, taken_back, TOLD)

    assert [step.version for step in (given_first, taken_back, given_again)] == [1, 2, 3]
    assert [step.in_force for step in (given_first, taken_back, given_again)] == [
        True,
        False,
        True,
    ]


def test_nothing_is_recorded_twice():
    with pytest.raises(NothingToRecord):
        agree(a_person(), CASE, an_agreement(), TOLD)
    for latest in (None, an_agreement(state=AgreementState.WITHDRAWN)):
        with pytest.raises(NothingToRecord):
            withdraw(latest, TOLD)


def test_whoever_must_not_be_contacted_cannot_have_agreed_just_now():
    with pytest.raises(AskedNotToBeContacted):
        agree(a_person(asked_no_contact_at=NOW), CASE, None, TOLD)


def test_no_contact_lasts_until_they_come_back_themselves():
    quiet = ask_no_contact(a_person(), NOW)
    back = ask_contact_again(quiet)

    assert (quiet.asked_no_contact_at, back.asked_no_contact_at) == (NOW, None)
    assert (quiet.version, back.version) == (1, 2)
    with pytest.raises(NothingToRecord):
        ask_no_contact(quiet, NOW + timedelta(days=1))
    with pytest.raises(NothingToRecord):
        ask_contact_again(back)


def test_joining_is_told_once_for_each_role():
    roles = frozenset({Role.MANAGER, Role.COORDINATOR})

    assert join(SAM, roles) == [
        StaffJoined(person_id=SAM, role=Role.COORDINATOR),
        StaffJoined(person_id=SAM, role=Role.MANAGER),
    ]
    with pytest.raises(NoRole):
        join(SAM, frozenset())


def test_leaving_is_told_for_each_role_that_was_held():
    colleague = Colleague(SAM, frozenset({Role.FACILITATOR}))

    assert leave(colleague, coordinators=1) == [StaffLeft(person_id=SAM, role=Role.FACILITATOR)]
    with pytest.raises(NotWorkingHere):
        leave(Colleague(SAM, frozenset()), coordinators=2)


def test_somebody_must_remain_whom_new_referrals_reach():
    coordinator = Colleague(SAM, frozenset({Role.COORDINATOR}))

    with pytest.raises(LastCoordinator, match="only coordinator"):
        leave(coordinator, coordinators=1)
    assert leave(coordinator, coordinators=2)


def test_two_areas_are_never_called_the_same():
    area, other = Area(some_id(1), "City centre"), Area(some_id(2), "CITY  Centre")

    assert name_area(area, [area]).label == "City centre"
    with pytest.raises(AreaNameTaken):
        name_area(area, [other])


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (Channel.EMAIL, "a@b.example, evil@x.example"),
        (Channel.EMAIL, "a@b.example;evil@x.example"),
        (Channel.EMAIL, "a@b.example\nBcc: evil@x.example"),
        (Channel.EMAIL, "a b@c.example"),
        (Channel.EMAIL, "<a@b.example>"),
        (Channel.EMAIL, "a@b"),
        (Channel.PHONE, "07700900982"),
        (Channel.PHONE, "+33612345678"),
        (Channel.TEXT, "+441632960001"),
        (Channel.LETTER, "   "),
        (Channel.LETTER, "1 High Street\x00"),
    ],
)
def test_what_is_not_exactly_one_address_never_becomes_a_route(channel, address):
    with pytest.raises(NoSafeWay):
        Route(channel, address)


def test_a_safe_contact_has_a_way_and_each_way_once():
    with pytest.raises(NoSafeWay):
        SafeContact((), ANY_TIME, WhoElse.NOBODY, voicemail=False)
    with pytest.raises(NoSafeWay):
        a_safe_contact(PHONE, Route(Channel.PHONE, "+441632960001"))
    with pytest.raises(NoSafeWay):
        a_safe_contact(EMAIL, avoid=tuple(f"word {number}" for number in range(11)))
