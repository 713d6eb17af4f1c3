"""When it is safe: by the clock on the wall, also in the nights in which it changes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.referral.domain.safe_hours import (
    ANY_TIME,
    LONDON,
    HoursNotClear,
    SafeHours,
    Weekday,
)
from tests.referral.builders import NOW, hours

MINUTE = timedelta(minutes=1)

CLOCKS_GO_FORWARD = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
CLOCKS_GO_BACK = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)

some_hours = st.builds(
    lambda days, edges: SafeHours(days, min(edges), max(edges)),
    st.frozensets(st.sampled_from(Weekday), min_size=1),
    st.sets(st.integers(0, 1440) | st.integers(0, 180), min_size=2, max_size=2),
)
moments = st.integers(0, 3 * 365 * 24 * 3600).map(lambda seconds: NOW + timedelta(seconds=seconds))
near_a_change = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from([CLOCKS_GO_FORWARD, CLOCKS_GO_BACK]),
    st.integers(-3 * 24 * 60, 24 * 60),
)


def london(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=LONDON, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "safe"),
    [
        (london(2026, 3, 3, 9, 59), False),
        (london(2026, 3, 3, 10, 0), True),
        (london(2026, 3, 3, 11, 59), True),
        (london(2026, 3, 3, 12, 0), False),
        (london(2026, 3, 4, 10, 30), False),
    ],
)
def test_only_tuesday_from_ten_to_twelve_is_taken_to_the_minute(moment, safe):
    assert hours(Weekday.TUESDAY).hold_at(moment) is safe


def test_ten_in_the_morning_is_ten_on_the_wall_in_summer_too():
    in_summer = datetime(2026, 7, 7, 9, 0, tzinfo=UTC)

    assert hours(Weekday.TUESDAY).hold_at(in_summer)
    assert not hours(Weekday.TUESDAY).hold_at(in_summer + timedelta(hours=2))


def test_it_is_said_when_asking_again_makes_sense():
    monday_at_nine = NOW

    assert hours(Weekday.TUESDAY).next_opening(monday_at_nine) == london(2026, 3, 3, 10)
    assert hours(Weekday.MONDAY).next_opening(london(2026, 3, 2, 12)) == london(2026, 3, 9, 10)


def test_an_hour_that_is_skipped_in_spring_begins_when_the_clocks_have_changed():
    half_past_one = SafeHours(frozenset({Weekday.SUNDAY}), 90, 180)

    assert half_past_one.next_opening(CLOCKS_GO_FORWARD - MINUTE) == CLOCKS_GO_FORWARD


def test_hours_that_do_not_exist_one_sunday_come_again_the_next():
    from_one_to_two = hours(Weekday.SUNDAY, opens=1, closes=2)

    assert from_one_to_two.next_opening(CLOCKS_GO_FORWARD - MINUTE) == london(2027, 4, 4, 1)


def test_an_hour_that_happens_twice_is_safe_twice():
    early = SafeHours(frozenset({Weekday.SUNDAY}), 60, 90)
    first, second = london(2026, 10, 25, 1, 15), london(2026, 10, 25, 1, 15, fold=1)

    assert early.hold_at(first)
    assert early.hold_at(second)
    assert not early.hold_at(first + timedelta(minutes=30))
    assert early.next_opening(first + timedelta(minutes=30)) == CLOCKS_GO_BACK


def test_the_second_half_past_one_opens_again_for_whoever_is_safe_from_then():
    late = SafeHours(frozenset({Weekday.SUNDAY}), 90, 120)
    between = CLOCKS_GO_BACK + timedelta(minutes=5)

    assert not late.hold_at(between)
    assert late.next_opening(between) == london(2026, 10, 25, 1, 30, fold=1)


@given(some_hours, st.one_of(moments, near_a_change))
@example(hours(Weekday.SUNDAY, opens=1, closes=2), CLOCKS_GO_FORWARD - MINUTE)
def test_the_next_opening_is_safe_and_no_minute_before_it_is(safe, now):
    now = now.replace(second=0, microsecond=0)
    if safe.hold_at(now):
        return

    opening = safe.next_opening(now)

    assert opening > now
    assert safe.hold_at(opening)
    before = [now + MINUTE * step for step in range(int((opening - now) / MINUTE))]
    assert not any(safe.hold_at(moment) for moment in before)


@given(some_hours, st.one_of(moments, near_a_change), st.integers(1, 3600))
def test_while_it_is_said_to_be_safe_it_is(safe, now, seconds):
    if not safe.hold_at(now):
        return

    end = safe.safe_until(now, timedelta(seconds=seconds))

    assert now < end <= now + timedelta(seconds=seconds)
    assert safe.hold_at(end - timedelta(microseconds=1))
    steps = int((end - now).total_seconds())
    assert all(safe.hold_at(now + timedelta(seconds=step)) for step in range(steps))


def test_a_minute_that_is_still_safe_is_not_stretched_past_the_end():
    safe = hours(Weekday.TUESDAY)
    twenty_seconds_to_twelve = london(2026, 3, 3, 11, 59, 40)

    assert safe.safe_until(twenty_seconds_to_twelve, MINUTE) == london(2026, 3, 3, 12)


def test_any_time_is_every_minute_of_the_week():
    assert ANY_TIME.is_any_time
    assert not hours().is_any_time
    assert all(ANY_TIME.hold_at(NOW + timedelta(hours=hour)) for hour in range(7 * 24))


@pytest.mark.parametrize(
    ("days", "opens", "closes"),
    [
        ((), 600, 720),
        ((Weekday.MONDAY,), 720, 720),
        ((Weekday.MONDAY,), 720, 600),
        ((Weekday.MONDAY,), -1, 600),
        ((Weekday.MONDAY,), 600, 1441),
    ],
)
def test_hours_in_which_nobody_could_be_reached_are_refused(days, opens, closes):
    with pytest.raises(HoursNotClear):
        SafeHours(frozenset(days), opens, closes)
