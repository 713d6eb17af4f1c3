"""Builders for the facts reporting hears; a test names only what matters to it."""

from datetime import UTC, datetime
from uuid import UUID

from shared.contracts.fact import Envelope, Fact
from shared.contracts.referral import ReferralAccepted, ReferralReceived
from shared.contracts.scheduling import Attended, SessionCompleted
from shared.contracts.words import (
    Attendance,
    Happened,
    HeardAbout,
    Matter,
    MeetingKind,
    ReportedToPolice,
    Side,
    Source,
)

REFERRAL = UUID("0198c0de-0000-7000-8000-00000000000a")
CASE = UUID("0198c0de-0000-7000-8000-00000000000b")
AREA = UUID("0198c0de-0000-7000-8000-00000000000c")


def a_received_referral(**changes) -> ReferralReceived:
    usual = ReferralReceived(
        referral_id=REFERRAL,
        person_id=UUID(int=9),
        source=Source.SELF,
        matter=Matter.NEIGHBOUR_DISPUTE,
        happened=Happened.NOISE,
        side=Side.BOTH,
        reported_to_police=ReportedToPolice.NO,
        area_id=AREA,
        heard_about=HeardAbout.LEAFLET_OR_POSTER,
    )
    return usual.model_copy(update=changes)


def a_completed_meeting(**changes) -> SessionCompleted:
    usual = SessionCompleted(
        session_id=UUID(int=5),
        case_id=CASE,
        kind=MeetingKind.PREPARATION,
        started_at=datetime(2026, 3, 20, 10, 0, tzinfo=UTC),
        attended=(Attended(person_id=UUID(int=9), attendance=Attendance.ATTENDED),),
    )
    return usual.model_copy(update=changes)


def around(fact: Fact, at: datetime, number: int = 1) -> Envelope:
    return Envelope(
        id=UUID(int=number),
        source=fact.teller(),
        type=fact.subject,
        subject=fact.aggregate_id,
        sequence=number,
        time=at,
        correlation=UUID(int=number),
    )


def accepted(**changes) -> ReferralAccepted:
    usual = ReferralAccepted(
        referral_id=REFERRAL,
        case_id=CASE,
        person_id=UUID(int=9),
        side=Side.BOTH,
        matter=Matter.NEIGHBOUR_DISPUTE,
        area_id=AREA,
    )
    return usual.model_copy(update=changes)
