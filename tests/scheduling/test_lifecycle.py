"""What may become of a meeting: the whole table, and nothing beside it."""

from itertools import product

import pytest

from services.scheduling.domain.meetings import TRANSITIONS, State, Step, state_after
from services.scheduling.domain.refusals import AlreadyEnded, PageIsStale
from tests.scheduling.builders import a_meeting

ALLOWED = {
    (State.SCHEDULED, Step.COMPLETE): State.COMPLETED,
    (State.SCHEDULED, Step.MISS): State.MISSED,
    (State.SCHEDULED, Step.CANCEL): State.CANCELLED,
    (State.SCHEDULED, Step.MOVE): State.SUPERSEDED,
}


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_a_meeting_ends_once_and_only_from_booked(state, step):
    meeting = a_meeting(state=state)

    if (state, step) in ALLOWED:
        assert state_after(meeting, step, seen=1) is ALLOWED[state, step]
    else:
        with pytest.raises(AlreadyEnded, match="was not stored"):
            state_after(meeting, step, seen=1)


def test_every_end_is_reached_by_exactly_one_step():
    ends = [state for state in State if state is not State.SCHEDULED]

    assert sorted(TRANSITIONS.values()) == sorted(ends)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.COMPLETED, "recorded as held"),
        (State.MISSED, "recorded as not held"),
        (State.CANCELLED, "cancelled"),
        (State.SUPERSEDED, "moved"),
    ],
)
def test_a_meeting_that_ended_says_how(state, words):
    with pytest.raises(AlreadyEnded, match=words) as refused:
        state_after(a_meeting(state=state), Step.CANCEL, seen=1)

    assert refused.value.status == 409


def test_a_page_that_showed_an_older_version_is_stale():
    with pytest.raises(PageIsStale, match="changed since you opened the page"):
        state_after(a_meeting(version=2), Step.CANCEL, seen=1)
