"""What is counted, in which month, and that order does not matter."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from services.reporting import domain
from shared.contracts.referral import AreaNamed, ReferralAccepted, ReferralDeclined
from shared.contracts.scheduling import Attended, SessionCompleted, SessionMissed
from shared.contracts.words import (
    Attendance,
    DeclineReason,
    Matter,
    MeetingKind,
    NotHeldReason,
    Side,
)
from tests.reporting.facts import AREA, CASE, REFERRAL, a_completed_meeting, a_received_referral

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def an_acceptance() -> ReferralAccepted:
    return ReferralAccepted(
        referral_id=REFERRAL,
        case_id=CASE,
        person_id=UUID(int=9),
        side=Side.BOTH,
        matter=Matter.NEIGHBOUR_DISPUTE,
        area_id=AREA,
    )


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 3, 31, 22, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 31, 23, 0, tzinfo=UTC), date(2026, 4, 1)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), date(2026, 12, 1)),
    ],
)
def test_a_referral_counts_in_the_month_the_clocks_of_london_show(moment, month):
    counted = domain.referral_received(None, a_received_referral(), moment)

    assert counted.month == month


def test_a_referral_decided_before_it_was_heard_of_is_counted_the_same():
    received, accepted = a_received_referral(), an_acceptance()

    in_order = domain.referral_accepted(
        domain.referral_received(None, received, NOON), accepted, NOON + timedelta(days=1)
    )
    reversed_ = domain.referral_received(
        domain.referral_accepted(None, accepted, NOON + timedelta(days=1)), received, NOON
    )

    assert in_order == reversed_


def test_a_declined_referral_keeps_its_reason():
    declined = ReferralDeclined(
        referral_id=REFERRAL, person_id=UUID(int=9), reason=DeclineReason.SIGNPOSTED
    )

    counted = domain.referral_declined(None, declined, NOON)

    assert (counted.outcome, counted.decline_reason) == ("declined", "signposted")


def test_the_first_meeting_of_a_case_is_the_earliest_one_held_in_whatever_order_they_are_told():
    meetings = [a_completed_meeting(started_at=NOON + timedelta(days=day)) for day in (9, 2, 5)]

    for order in permutations(meetings):
        case = None
        for meeting in order:
            case = domain.case_met(case, meeting)
        assert case is not None
        assert case.first_met_at == NOON + timedelta(days=2)


def test_somebody_late_took_part_and_somebody_excused_did_not():
    meeting = SessionCompleted(
        session_id=UUID(int=5),
        case_id=CASE,
        kind=MeetingKind.JOINT,
        started_at=NOON,
        attended=tuple(
            Attended(person_id=UUID(int=number), attendance=how)
            for number, how in enumerate(Attendance)
        ),
    )

    assert domain.meeting_held(meeting).took_part == 2


def test_a_meeting_that_did_not_happen_counts_as_missed():
    missed = SessionMissed(
        session_id=UUID(int=5),
        case_id=CASE,
        kind=MeetingKind.PREPARATION,
        reason=NotHeldReason.PARTICIPANT_UNWELL,
    )

    assert domain.meeting_ended(missed, NOON).outcome == "missed"


def test_the_newest_name_of_an_area_wins_even_when_it_arrives_first():
    old, new = (AreaNamed(area_id=AREA, label=label) for label in ("North", "North and Hills"))

    label = domain.area_named(domain.area_named(None, new, 2), old, 1)

    assert label.label == "North and Hills"
