"""How long what is kept: what an operator may say, and what no clock may bring about."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.retention import (
    LONGEST_REST,
    NIGHTS,
    RULES,
    WAIT,
    Mark,
    RecordClass,
    is_believable,
    mark,
    may_be_destroyed,
    periods,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_without_a_word_of_the_operator_every_class_has_the_period_of_the_table():
    assert periods("") == {one: RULES[one].period for one in RecordClass}


def test_an_operator_may_keep_something_longer_or_shorter():
    found = periods(" closed_case = 2557 , messages=60 ")

    assert found[RecordClass.CLOSED_CASE] == timedelta(days=2557)
    assert found[RecordClass.MESSAGES] == timedelta(days=60)
    assert found[RecordClass.PARKED_EVENTS] == RULES[RecordClass.PARKED_EVENTS].period


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("closed_case=30", "closed_case is kept for 366 days at the least, not 30"),
        ("messages=-1", "as a number of days, not '-1'"),
        ("messages=soon", "as a number of days, not 'soon'"),
        ("messages=", "as a number of days, not ''"),
        ("messages=1.5", "as a number of days"),
        ("messages=٣٠٠", "as a number of days"),
        ("messages=99999", "longer than anything is kept"),
        ("message=60", "no class of records called 'message'"),
        ("audit=1", "no class of records called 'audit'"),
        ("60", "no class of records called '60'"),
        ("messages=60,messages=90", "given twice"),
    ],
)
def test_a_period_nobody_can_mean_is_refused_in_plain_words(said, why):
    with pytest.raises(ValueError, match=re.escape(why)):
        periods(said)


def test_what_is_marked_waits_thirty_days_to_the_second():
    made = mark(NOW, night=1)

    assert not may_be_destroyed(made, NOW + WAIT - SECOND, 1 + NIGHTS, held=False)
    assert may_be_destroyed(made, NOW + WAIT, 1 + NIGHTS, held=False)


def test_days_without_nights_destroy_nothing():
    made = mark(NOW, night=7)

    assert not may_be_destroyed(made, NOW + timedelta(days=3650), 7 + NIGHTS - 1, held=False)


def test_a_mark_of_the_future_destroys_nothing_until_thirty_days_after_it():
    made = mark(NOW + timedelta(days=400), night=1)

    assert not may_be_destroyed(made, NOW + timedelta(days=60), 99, held=False)


def test_a_mark_whose_date_was_set_back_by_hand_waits_all_the_same():
    made = Mark(marked_at=NOW, destroy_after=NOW - timedelta(days=1), night=1)

    assert not may_be_destroyed(made, NOW, 99, held=False)


@pytest.mark.parametrize(
    ("since", "believed"),
    [
        (LONGEST_REST, True),
        (LONGEST_REST + SECOND, False),
        (timedelta(minutes=-59), True),
        (timedelta(hours=-1) - SECOND, False),
        (timedelta(days=3), False),
    ],
)
def test_a_clock_that_jumped_is_not_believed(since, believed):
    assert is_believable(NOW, NOW + since) is believed


moments = st.timedeltas(min_value=timedelta(days=-4000), max_value=timedelta(days=40_000))


@given(marked=moments, now=moments, after=moments, made=st.integers(), night=st.integers())
def test_what_is_held_is_never_destroyed_whatever_any_clock_says(marked, now, after, made, night):
    one = Mark(NOW + marked, NOW + after, made)

    assert not may_be_destroyed(one, NOW + now, night, held=True)


@given(marked=moments, now=moments, after=moments, made=st.integers(), night=st.integers())
def test_nothing_is_destroyed_before_thirty_days_and_fifteen_nights(
    marked, now, after, made, night
):
    one = Mark(NOW + marked, NOW + after, made)

    if may_be_destroyed(one, NOW + now, night, held=False):
        assert now - marked >= timedelta(days=30)
        assert night - made >= 15
