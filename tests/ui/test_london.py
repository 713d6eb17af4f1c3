"""Times as people in Britain write them, through both changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from shared.ui.london import (
    HappensTwice,
    TimeRefused,
    day_bounds,
    local,
    moment,
    parse_clock,
    parse_clock_parts,
    parse_day,
    parse_day_parts,
    parse_local,
    shown,
    shown_clock,
    shown_day,
    shown_time,
)

SPRING = date(2027, 3, 28)
"""The clocks go from 1am to 2am."""
AUTUMN = date(2026, 10, 25)
"""The clocks go from 2am back to 1am."""


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("3", "3", "2026", "14", "30"), utc(2026, 3, 3, 14, 30)),
        (("3", "July", "2026", "14", "30"), utc(2026, 7, 3, 13, 30)),
        ((29, 2, 2028, 9, 5), utc(2028, 2, 29, 9, 5)),
        (("1", "7", "2026", "0", "0"), utc(2026, 6, 30, 23, 0)),
        (("1", "7", "2026", "9", ""), utc(2026, 7, 1, 8, 0)),
    ],
    ids=["winter", "summer", "29 February", "midnight in summer time", "on the hour"],
)
def test_a_time_in_parts_is_the_moment_londons_clocks_show_it(parts, expected: datetime):
    assert parse_local(*parts) == expected


@pytest.mark.parametrize("clock", [time(1, 0), time(1, 30), time(1, 59)])
def test_the_hour_that_does_not_exist_is_refused_in_words(clock: time):
    with pytest.raises(TimeRefused, match="the clocks go forward"):
        moment(SPRING, clock)
    with pytest.raises(TimeRefused, match="the clocks go forward"):
        moment(SPRING, clock, "second")


def test_the_minutes_around_the_missing_hour_are_taken():
    assert moment(SPRING, time(0, 59)) == utc(2027, 3, 28, 0, 59)
    assert moment(SPRING, time(2, 0)) == utc(2027, 3, 28, 1, 0)


def test_the_hour_that_happens_twice_is_asked_about():
    with pytest.raises(HappensTwice, match="1:30am happens twice") as asked:
        moment(AUTUMN, time(1, 30))

    assert asked.value.first == moment(AUTUMN, time(1, 30), "first") == utc(2026, 10, 25, 0, 30)
    assert asked.value.second == moment(AUTUMN, time(1, 30), "second") == utc(2026, 10, 25, 1, 30)


def test_the_minutes_around_the_doubled_hour_are_not_asked_about():
    assert moment(AUTUMN, time(0, 59)) == utc(2026, 10, 24, 23, 59)
    assert moment(AUTUMN, time(2, 0)) == utc(2026, 10, 25, 2, 0)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("09:30", time(9, 30)),
        ("9:30", time(9, 30)),
        ("9.30", time(9, 30)),
        ("0930", time(9, 30)),
        ("930", time(9, 30)),
        ("9 30 am", time(9, 30)),
        ("09:30 AM", time(9, 30)),
        ("2pm", time(14, 0)),
        ("2 p.m.", time(14, 0)),
        ("2:30pm", time(14, 30)),
        ("14:30", time(14, 30)),
        ("14", time(14, 0)),
        ("02:30", time(2, 30)),
        ("12am", time(0, 0)),
        ("12pm", time(12, 0)),
        ("12:15", time(12, 15)),
        ("midday", time(12, 0)),
        ("Midnight", time(0, 0)),
        ("00:00", time(0, 0)),
    ],
)
def test_a_time_of_day_is_understood_however_it_is_written(typed: str, expected: time):
    assert parse_clock(typed) == expected


@pytest.mark.parametrize(
    "typed", ["", " ", "24:00", "9:60", "13pm", "0am", "half past two", "9:3", "٩:٣٠", "9:30:15"]
)
def test_what_is_not_a_time_of_day_is_refused(typed: str):
    with pytest.raises(TimeRefused, match="Enter a time"):
        parse_clock(typed)


@pytest.mark.parametrize("typed", ["2:30", "7:30", "8:59", "9", "12", "7"])
def test_morning_or_afternoon_is_asked_where_it_is_not_clear(typed: str):
    with pytest.raises(TimeRefused, match="am or pm"):
        parse_clock(typed)


def test_an_empty_hour_is_not_midnight():
    with pytest.raises(TimeRefused):
        parse_clock_parts("", "30")


@pytest.mark.parametrize(
    "typed",
    ["2026-03-27", "27/3/2026", "27 3 2026", "27.03.2026", "27 March 2026", "27 mar 2026"],
)
def test_a_day_is_understood_however_it_is_written(typed: str):
    assert parse_day(typed) == date(2026, 3, 27)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (("29", "2", "2027"), "real date"),
        (("31", "4", "2026"), "real date"),
        (("", "4", "2026"), "include a day"),
        (("1", "", "2026"), "include a month"),
        (("1", "4", ""), "include a year"),
        (("1", "4", "26"), "4 numbers"),
        (("1", "4", "0026"), "between 1900 and 2100"),
        (("1", "ju", "2026"), "real date"),
        (("1", "ma", "2026"), "real date"),
        (("٣", "4", "2026"), "real date"),
        (("1", "13", "2026"), "real date"),
    ],
)
def test_what_is_not_a_day_is_refused_in_words(parts, words: str):
    with pytest.raises(TimeRefused, match=words):
        parse_day_parts(*parts)


@pytest.mark.parametrize("typed", ["", "tomorrow", "27", "2026-13-01", "27-3-26"])
def test_what_is_not_a_day_in_one_box_is_refused(typed: str):
    with pytest.raises(TimeRefused):
        parse_day(typed)


def test_a_moment_is_shown_as_london_has_it():
    assert shown(utc(2026, 3, 3, 14, 30)) == "Tuesday 3 March 2026 at 2:30pm"
    assert shown(utc(2026, 7, 3, 23, 0)) == "Saturday 4 July 2026 at midnight"
    assert shown_day(utc(2026, 7, 3, 23, 30)) == "Saturday 4 July 2026"
    assert local(utc(2026, 7, 3, 12)).hour == 13


def test_the_doubled_hour_is_shown_as_the_one_it_is():
    assert shown_time(utc(2026, 10, 25, 0, 30)) == "1:30am (before the clocks go back)"
    assert shown_time(utc(2026, 10, 25, 1, 30)) == "1:30am (after the clocks go back)"
    assert shown_time(utc(2027, 3, 28, 1, 0)) == "2am"


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        (time(0, 0), "midnight"),
        (time(0, 5), "12:05am"),
        (time(9, 0), "9am"),
        (time(12, 0), "midday"),
        (time(12, 30), "12:30pm"),
        (time(23, 59), "11:59pm"),
    ],
)
def test_times_of_day_are_written_as_people_say_them(clock: time, words: str):
    assert shown_clock(clock) == words
    if words not in {"midday", "midnight"}:
        assert parse_clock(words) == clock


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        shown(datetime(2026, 3, 3, 14, 30))  # noqa: DTZ001 - that is what is refused


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 6, 1), 24)])
def test_a_london_day_has_23_24_or_25_hours(day: date, hours: int):
    start, end = day_bounds(day)

    assert end - start == timedelta(hours=hours)
    assert shown(start).endswith("at midnight")


def test_every_moment_of_a_year_reads_back_as_itself():
    when = utc(2026, 1, 1)
    while when.year == 2026:
        here = local(when)
        which = "second" if here.fold else "first"
        assert moment(here.date(), here.time(), which) == when
        when += timedelta(minutes=30)
