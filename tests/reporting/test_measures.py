"""The figures of the report and the sentences that go with them."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.reporting.domain import NotAPeriod, Outcomes, Period, measure

MARCH, APRIL, MAY = (date(2026, month, 1) for month in (3, 4, 5))
SPRING = Period(MARCH, MAY)


def measured(**changes):
    usual = {
        "by_month": {MARCH: Outcomes(accepted=2), MAY: Outcomes(accepted=3, declined=1, waiting=1)},
        "by_source": {"self": Outcomes(accepted=5, declined=1, waiting=1)},
        "by_area": {UUID(int=1): Outcomes(accepted=5), UUID(int=2): Outcomes(declined=1)},
        "labels": {UUID(int=1): "North"},
        "meetings": {("joint", "completed"): 2, ("preparation", "missed"): 1},
        "waits": [3, 10, 4],
        "not_yet": 2,
    }
    return measure(SPRING, **{**usual, **changes})


def test_a_month_without_a_referral_is_still_in_the_table():
    assert [row[:2] for row in measured().by_month.rows] == [
        ("March 2026", 2),
        ("April 2026", 0),
        ("May 2026", 5),
    ]


def test_the_total_is_the_sum_of_the_rows():
    for table in measured().tables():
        columns = list(zip(*(row[1:] for row in table.rows), strict=True))
        assert table.total is not None
        assert table.total[1:] == tuple(sum(column) for column in columns)


def test_an_area_nobody_has_named_yet_is_counted_and_comes_last():
    assert measured().by_area.rows[-1][0] == "Area not named yet"


def test_half_of_the_people_waited_no_longer_than_the_median():
    waits = measured().waits

    assert (waits.met, waits.median_days, waits.nine_in_ten_days, waits.not_yet) == (3, 4, 10, 2)


def test_without_a_meeting_no_waiting_time_is_made_up():
    waits = measured(waits=[]).waits

    assert waits.median_days is None
    assert waits.nine_in_ten_days is None


@pytest.mark.parametrize(
    ("by_month", "sentence"),
    [
        ({}, "No referral was received in these months."),
        (
            {APRIL: Outcomes(waiting=1)},
            "1 referral was received from March 2026 to May 2026, the most in April 2026 (1).",
        ),
        (
            {MARCH: Outcomes(waiting=2), APRIL: Outcomes(waiting=2)},
            "4 referrals were received from March 2026 to May 2026.",
        ),
    ],
)
def test_the_finding_says_what_the_figures_say(by_month, sentence):
    assert measured(by_month=by_month).finding == sentence


def test_the_usual_period_is_the_year_that_ends_with_this_month_in_london():
    period = Period.year_up_to(datetime(2026, 3, 31, 23, 30, tzinfo=UTC))

    assert (period.first, period.last) == (date(2025, 5, 1), date(2026, 4, 1))


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-05", "2026-03", "must not be before"),
        ("2026-13", "2026-13", "year and a month"),
        ("=1+1", "2026-03", "year and a month"),
        ("2001-01", "2026-03", "5 years or less"),
        ("1066-10", "2026-03", "this century"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused_in_words(first, last, words):
    with pytest.raises(NotAPeriod, match=words):
        Period.between(first, last)
