"""People, referrals and cases that break no rule; a test names only what matters to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.referral.actions.seeds import demo_id
from services.referral.domain.agreement import Agreement, AgreementState, HowTold, Told
from services.referral.domain.grants import Grant, Proposal, Standing
from services.referral.domain.intake import Referral, Request
from services.referral.domain.parties import Party
from services.referral.domain.people import Newcomer, Person, Route, SafeContact, WhoElse
from services.referral.domain.safe_hours import ANY_TIME, SafeHours, Weekday
from services.referral.domain.triage import Case
from shared.contracts.referral import GrantMoment
from shared.contracts.words import (
    Channel,
    Happened,
    HeardAbout,
    Matter,
    MeetingKind,
    ReportedToPolice,
    Role,
    Side,
    Source,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning in winter, when London is on UTC."""


def some_id(number: int) -> UUID:
    return UUID(int=number)


REFERRAL, CASE, _, SESSION, GRANT = (some_id(number) for number in range(1, 6))
SAM, KIM, STRANGER = (some_id(number) for number in range(11, 14))
COORDINATOR, FACILITATOR, AREA = demo_id(1), demo_id(2), demo_id(0xA1)
"""As a fresh development copy has them."""

EMAIL = Route(Channel.EMAIL, "sam@example.org")
PHONE = Route(Channel.PHONE, "+447700900982")
TEXT = Route(Channel.TEXT, "+447700900982")
LETTER = Route(Channel.LETTER, "1 High Street\nLeicester\nLE1 1AA")


def a_request(**changes) -> Request:
    usual = Request(
        source=Source.SELF,
        matter=Matter.NEIGHBOUR_DISPUTE,
        happened=Happened.NOISE,
        side=Side.BOTH,
        reported_to_police=ReportedToPolice.NO,
        area_id=AREA,
        heard_about=HeardAbout.FRIEND_OR_FAMILY,
    )
    return replace(usual, **changes)


def a_referral(**changes) -> Referral:
    usual = Referral(
        id=REFERRAL,
        reference="7KQ-4XB9-RMT",
        person_id=SAM,
        request=a_request(),
        received_at=NOW,
    )
    return replace(usual, **changes)


def a_case(**changes) -> Case:
    return replace(Case(id=CASE, referral_id=REFERRAL, opened_at=NOW), **changes)


def a_person(**changes) -> Person:
    return replace(Person(id=SAM, name="Sam Example"), **changes)


def a_party(person_id: UUID = SAM, side: Side = Side.BOTH, **changes) -> Party:
    usual = Party(case_id=CASE, person_id=person_id, side=side, added_at=NOW)
    return replace(usual, **changes)


def a_safe_contact(*routes: Route, **changes) -> SafeContact:
    """By email at any time, with nobody else about."""
    usual = SafeContact(
        routes=routes or (EMAIL,), hours=ANY_TIME, who_else=WhoElse.NOBODY, voicemail=True
    )
    return replace(usual, **changes)


def a_newcomer(name: str = "Sam Example", **changes) -> Newcomer:
    return Newcomer(name=name, safe_contact=changes.pop("safe_contact", a_safe_contact()))


def hours(*days: Weekday, opens: int = 10, closes: int = 12) -> SafeHours:
    """Whole hours of these days."""
    return SafeHours(frozenset(days or tuple(Weekday)), opens * 60, closes * 60)


TOLD = Told(how=HowTold.IN_PERSON, at=NOW, by=COORDINATOR)


def an_agreement(person_id: UUID = SAM, **changes) -> Agreement:
    usual = Agreement(
        case_id=CASE, person_id=person_id, version=1, state=AgreementState.GIVEN, told=TOLD
    )
    return replace(usual, **changes)


def a_proposal(**changes) -> Proposal:
    """A joint meeting of Sam and Kim, a week from now."""
    usual = Proposal(
        session_id=SESSION,
        kind=MeetingKind.JOINT,
        moment=GrantMoment.BOOKING,
        participant_ids=(SAM, KIM),
        facilitator_ids=(FACILITATOR,),
        starts_at=NOW + timedelta(days=7),
        ends_at=NOW + timedelta(days=7, hours=1),
    )
    return replace(usual, **changes)


def a_standing(**changes) -> Standing:
    """Two neighbours who both agree, and a facilitator who works here."""
    usual = Standing(
        parties=(a_party(SAM, first=True), a_party(KIM)),
        people={SAM: a_person(), KIM: a_person(id=KIM, name="Kim Example")},
        agreements={SAM: an_agreement(SAM), KIM: an_agreement(KIM)},
        staff={FACILITATOR: frozenset({Role.FACILITATOR})},
    )
    return replace(usual, **changes)


def a_grant(**changes) -> Grant:
    usual = Grant(
        id=GRANT,
        case_id=CASE,
        session_id=SESSION,
        kind=MeetingKind.JOINT,
        moment=GrantMoment.BOOKING,
        granted_at=NOW,
        ends_at=NOW + timedelta(days=7, hours=1),
        agreements={SAM: 1, KIM: 1},
    )
    return replace(usual, **changes)
