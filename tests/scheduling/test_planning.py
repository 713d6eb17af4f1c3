"""Which cases wait, since when, and who is prepared."""

from datetime import timedelta

import pytest

from services.scheduling.domain.meetings import State
from services.scheduling.domain.planning import days_waiting, prepared, waiting_since
from shared.contracts.words import MeetingKind
from tests.scheduling.builders import FIRST, NOW, a_meeting

OPENED = NOW - timedelta(days=30)
ENDED = NOW - timedelta(days=3)
JOINT, PREPARATION = MeetingKind.JOINT, MeetingKind.PREPARATION


def ended(state, kind=PREPARATION, at=ENDED):
    return a_meeting(kind=kind, state=state, ended_at=at, participant_ids=(FIRST,))


@pytest.mark.parametrize(
    ("meetings", "since"),
    [
        ([], OPENED),
        ([ended(State.COMPLETED)], ENDED),
        ([ended(State.MISSED)], ENDED),
        ([ended(State.CANCELLED, JOINT)], ENDED),
        ([ended(State.MISSED, JOINT)], ENDED),
        ([ended(State.COMPLETED, at=OPENED), ended(State.CANCELLED)], ENDED),
        ([ended(State.CANCELLED), ended(State.COMPLETED, at=OPENED)], ENDED),
        ([a_meeting()], None),
        ([ended(State.SUPERSEDED), a_meeting()], None),
        ([ended(State.COMPLETED, JOINT)], None),
        ([ended(State.COMPLETED, JOINT), ended(State.MISSED)], None),
    ],
)
def test_a_case_waits_while_nothing_is_booked_and_no_joint_meeting_was_held(meetings, since):
    assert waiting_since(OPENED, meetings) == since


@pytest.mark.parametrize(
    ("waited", "days"),
    [
        (timedelta(hours=23, minutes=59), 0),
        (timedelta(days=1), 1),
        (timedelta(days=30, hours=5), 30),
        (-timedelta(minutes=1), 0),
    ],
)
def test_days_are_whole_and_never_below_zero(waited, days):
    assert days_waiting(NOW - waited, NOW) == days


def test_only_a_preparation_meeting_that_was_held_prepares_somebody():
    assert prepared([ended(State.COMPLETED)]) == {FIRST}
    assert prepared([ended(State.MISSED), ended(State.COMPLETED, JOINT), a_meeting()]) == set()
