"""How long the law gives for a complaint, and what follows what."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from services.referral.domain.complaints import (
    Clock,
    Complaint,
    HowCame,
    NotNow,
    Outcome,
    State,
    Step,
    clock,
    take,
)

CAME = date(2026, 3, 2)


def a_complaint(**changes) -> Complaint:
    usual = {"id": UUID(int=1), "reference": "C-1", "came_on": CAME, "how": HowCame.BY_PHONE}
    return Complaint(**{**usual, **changes})


@pytest.mark.parametrize(
    ("days", "said", "overdue"),
    [
        (0, "Acknowledge it within 29 days", False),
        (28, "Acknowledge it within 1 day", False),
        (29, "Acknowledge it today: this is the last day", False),
        (30, "Overdue. It had to be acknowledged 1 day ago", True),
        (400, "Overdue. It had to be acknowledged 371 days ago", True),
    ],
)
def test_a_complaint_is_acknowledged_within_thirty_days_the_first_included(days, said, overdue):
    assert clock(a_complaint(), CAME + timedelta(days)) == Clock(said, overdue)


@pytest.mark.parametrize(("days", "overdue"), [(10, False), (89, False), (90, True)])
def test_an_answer_is_wanted_without_undue_delay_and_overdue_after_ninety_days(days, overdue):
    said = clock(a_complaint(acknowledged_on=CAME), CAME + timedelta(days))

    assert f"it came {days} days ago" in said.words
    assert said.overdue is overdue


def test_an_answer_tells_them_that_it_has_come_too():
    answered = take(a_complaint(), Step.ANSWERED, CAME, None)

    assert (answered.state, answered.acknowledged_on) == (State.ANSWERED, CAME)


def test_a_complaint_goes_from_its_coming_to_its_close():
    complaint = a_complaint()
    for step, state in (
        (Step.ACKNOWLEDGED, State.ACKNOWLEDGED),
        (Step.NOTED, State.ACKNOWLEDGED),
        (Step.ANSWERED, State.ANSWERED),
        (Step.CLOSED, State.CLOSED),
    ):
        complaint = take(complaint, step, CAME, Outcome.UPHELD)
        assert complaint.state is state

    assert (complaint.outcome, complaint.version) == (Outcome.UPHELD, 5)


@pytest.mark.parametrize(
    ("complaint", "step", "outcome"),
    [
        (a_complaint(acknowledged_on=CAME), Step.ACKNOWLEDGED, None),
        (a_complaint(), Step.CLOSED, None),
        (a_complaint(), Step.CLOSED, Outcome.UPHELD),
        (a_complaint(closed_on=CAME), Step.NOTED, None),
        (a_complaint(closed_on=CAME), Step.ANSWERED, None),
    ],
)
def test_what_cannot_be_done_now_is_refused(complaint, step, outcome):
    with pytest.raises(NotNow):
        take(complaint, step, CAME, outcome)


def test_a_complaint_that_was_withdrawn_can_be_closed_unanswered():
    assert take(a_complaint(), Step.CLOSED, CAME, Outcome.WITHDRAWN).state is State.CLOSED
