"""The state machine alone: whatever is tried on a message, in any order, these things hold."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain import by_hand, patience, turns
from services.notifications.domain.by_hand import MOST_REPEATS
from services.notifications.domain.message import (
    REASONS,
    CallReason,
    Message,
    NotNow,
    State,
    UnknownReason,
    WaitReason,
    intent_id,
)
from services.notifications.domain.turns import Happened, Turn
from shared.contracts.notifications import MessageRecalled, MessageSent
from shared.contracts.words import (
    Channel,
    FailReason,
    Purpose,
    RecallReason,
    SuppressReason,
)
from tests.notifications.builders import ALEX, CORA, DAY, HOUR, NOW, SAM, a_message, an_id

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)

MOVES = {
    "silence": lambda m, at: turns.nobody_answered(m, at),
    "later": lambda m, at: turns.put_off(m, at + HOUR, at),
    "hold": lambda m, at: turns.hold(m, at),
    "begin": lambda m, at: turns.begin(m, Channel.EMAIL, at),
    "ran out": lambda m, at: turns.permit_ran_out(m, at),
    "accepted": lambda m, at: turns.accepted(m, at),
    "refused": lambda m, at: turns.refused(m, FailReason.ADDRESS_REFUSED, 550, at),
    "busy": lambda m, at: turns.server_busy(m, 451, at),
    "unknown": lambda m, at: turns.unknown(m, UnknownReason.CUT_OFF_AFTER_SENDING, at),
    "suppress": lambda m, at: turns.suppress(m, SuppressReason.NOT_A_PARTY, at),
    "by hand": lambda m, at: turns.needs_a_call(
        m, CallReason.NO_SAFE_ELECTRONIC_ROUTE, Channel.PHONE, at
    ),
    "recall": lambda m, at: turns.recall(m, RecallReason.MEETING_CANCELLED, at),
    "try again": lambda m, at: by_hand.try_again(m, None, CORA, at),
    "shown": lambda m, at: by_hand.shown(m, Channel.PHONE, CORA, at),
    "reached": lambda m, at: by_hand.reached(m, CORA, at),
    "not reached": lambda m, at: by_hand.not_reached(m, CORA, at),
    "not needed": lambda m, at: by_hand.not_needed(m, CORA, at),
}

LIVES = st.lists(
    st.tuples(st.sampled_from(sorted(MOVES)), st.timedeltas(timedelta(0), 5 * HOUR)), max_size=30
)


def lived(life: list[tuple[str, timedelta]]) -> list[tuple[str, Message, Turn]]:
    """Every move of a life that was allowed: its name, what was before, and what it led to."""
    message, at, taken = a_message(), NOW, []
    for name, pause in life:
        at += pause
        try:
            turn = MOVES[name](message, at)
        except NotNow:
            continue
        taken.append((name, message, turn))
        message = turn.message
    return taken


@given(LIVES)
def test_each_turn_is_one_version_further_and_never_lets_go_of_whom_it_is_for(life) -> None:
    for _, before, turn in lived(life):
        after = turn.message
        assert after.version == before.version + 1
        assert (after.id, after.person_id, after.purpose, after.subject) == (
            before.id,
            before.person_id,
            before.purpose,
            before.subject,
        )


@given(LIVES)
def test_only_a_waiting_message_is_ever_sent(life) -> None:
    for name, before, turn in lived(life):
        if turn.message.state is State.SENDING:
            assert (name, before.state) == ("begin", State.WAITING)


@given(LIVES)
def test_what_was_recalled_suppressed_or_sent_stays_so(life) -> None:
    for _, before, turn in lived(life):
        if before.state in (State.RECALLED, State.SUPPRESSED, State.SENT):
            assert turn.message.state is before.state
            assert turn.happened is Happened.REACHED_TOO_LATE


@given(LIVES)
def test_a_message_is_due_exactly_while_it_waits_and_says_why(life) -> None:
    for _, _, turn in lived(life):
        after = turn.message
        assert (after.due_at is not None) == (after.state is State.WAITING)
        kind = REASONS[after.state]
        assert after.reason is None if kind is None else isinstance(after.reason, kind)


@given(LIVES)
def test_every_end_is_told_once_with_a_version_one_higher(life) -> None:
    for _, before, turn in lived(life):
        told = turn.fact is not None
        assert turn.message.facts == before.facts + told
        ends = turn.message.state in (State.SENT, State.FAILED, State.SUPPRESSED, State.RECALLED)
        if ends and turn.message.state is not before.state:
            assert told


@given(LIVES)
def test_what_may_have_arrived_is_repeated_once_at_most_and_only_by_a_person(life) -> None:
    repeats = [name for name, before, _ in lived(life) if before.state is State.UNCERTAIN]
    assert set(repeats) <= {"try again", "accepted"}
    assert repeats.count("try again") <= MOST_REPEATS


@given(LIVES)
def test_nobody_forgets_that_somebody_may_have_been_told(life) -> None:
    for _, before, turn in lived(life):
        if before.told_at is not None:
            assert turn.message.told_at is not None


def test_an_intent_has_one_id_for_each_event_person_and_purpose() -> None:
    first = intent_id(an_id("event"), SAM, Purpose.MEETING_BOOKED)
    assert first == intent_id(an_id("event"), SAM, Purpose.MEETING_BOOKED)
    assert (
        len(
            {
                first,
                intent_id(an_id("another"), SAM, Purpose.MEETING_BOOKED),
                intent_id(an_id("event"), ALEX, Purpose.MEETING_BOOKED),
                intent_id(an_id("event"), SAM, Purpose.MEETING_MOVED),
            }
        )
        == 4
    )


def test_a_permit_that_ran_out_costs_no_attempt() -> None:
    sending = turns.begin(a_message(), Channel.EMAIL, NOW).message

    back = turns.permit_ran_out(sending, NOW + MINUTE).message

    assert (back.attempts, back.round_began_at, back.due_at) == (0, None, NOW + MINUTE)


def test_facts_say_what_it_was_about_and_never_what_it_said() -> None:
    sending = turns.begin(a_message(), Channel.EMAIL, NOW).message

    fact = turns.accepted(sending, NOW).fact

    assert isinstance(fact, MessageSent)
    assert (fact.message_id, fact.person_id, fact.referral_id, fact.channel) == (
        sending.id,
        SAM,
        an_id("referral"),
        Channel.EMAIL,
    )
    recalled = turns.recall(a_message(), RecallReason.PERSON_ERASED, NOW).fact
    assert isinstance(recalled, MessageRecalled)


@pytest.mark.parametrize(
    ("attempts", "pause"), [(1, 1), (2, 2), (3, 5), (4, 10), (5, 20), (6, 30), (7, 30), (99, 30)]
)
def test_pauses_grow_to_half_an_hour(attempts: int, pause: int) -> None:
    assert patience.next_attempt(NOW, attempts, NOW) == NOW + pause * MINUTE


def test_the_last_try_comes_exactly_when_patience_ends() -> None:
    end = NOW + patience.KEEP_TRYING_FOR

    assert patience.next_attempt(NOW, 9, end - MINUTE) == end
    assert patience.next_attempt(NOW, 10, end - SECOND) == end
    assert patience.next_attempt(NOW, 11, end) is None


def test_told_to_come_back_at_once_we_wait_a_moment_all_the_same() -> None:
    waits = turns.put_off(a_message(), NOW - DAY, NOW).message

    assert waits.due_at == NOW + patience.SHORTEST_WAIT
    assert waits.reason is WaitReason.NOT_SAFE_YET


def test_silence_is_met_with_growing_pauses() -> None:
    message, pauses = a_message(), []
    for _ in range(6):
        message = turns.nobody_answered(message, NOW).message
        assert message.due_at is not None
        pauses.append((message.due_at - NOW).total_seconds())

    assert pauses == [5, 15, 30, 60, 60, 60]
    assert replace(message, due_at=None).attempts == 0
