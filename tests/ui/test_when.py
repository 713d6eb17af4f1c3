"""A day and a time from a form, with what is wrong put beside the right question."""

from datetime import UTC, date, datetime, time

import pytest

from shared.ui.forms import FieldError, FormErrors
from shared.ui.when import read_clock, read_day, read_when

ANSWERED = {"starts_day": "25", "starts_month": "10", "starts_year": "2026"}


def test_three_boxes_and_a_time_make_a_moment():
    errors = FormErrors()

    when = read_when(ANSWERED | {"starts_time": "2:30pm"}, "starts", errors)

    assert when == datetime(2026, 10, 25, 14, 30, tzinfo=UTC)
    assert not errors


def test_the_browsers_own_date_and_time_boxes_do_too():
    errors = FormErrors()

    when = read_when({"starts": "2026-07-01", "starts_time": "14:30"}, "starts", errors)

    assert when == datetime(2026, 7, 1, 13, 30, tzinfo=UTC)


def test_hour_and_minute_may_be_asked_apart():
    assert read_clock({"at_hour": "2", "at_minute": "5"}, "at", FormErrors()) == time(2, 5)


def test_a_day_alone_can_be_asked():
    assert read_day(ANSWERED, "starts", FormErrors()) == date(2026, 10, 25)


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({}, [("starts", "Enter a date"), ("starts_time", "Enter a time")]),
        (
            ANSWERED | {"starts_day": "", "starts_time": "2pm"},
            [("starts", "The date must include a day")],
        ),
        (
            {"starts": "2027-03-28", "starts_time": "01:30"},
            [("starts_time", "There is no 1:30am on Sunday 28 March 2027")],
        ),
        (
            ANSWERED | {"starts_time": "01:30"},
            [("starts_which", "1:30am happens twice on Sunday 25 October 2026")],
        ),
        (
            ANSWERED | {"starts_time": ["9am", "9pm"]},
            [("starts_time", "Enter a time")],
        ),
    ],
    ids=["nothing", "no day", "gap", "doubled", "two times"],
)
def test_what_is_wrong_is_said_beside_the_question(answers, wrong):
    errors = FormErrors()

    assert read_when(answers, "starts", errors) is None
    assert [error.field for error in errors] == [field for field, _ in wrong]
    for error, (_, words) in zip(errors, wrong, strict=True):
        assert isinstance(error, FieldError)
        assert error.message.startswith(words)


@pytest.mark.parametrize(("which", "hour"), [("first", 0), ("second", 1)])
def test_the_answer_to_which_one_is_taken(which: str, hour: int):
    answers = ANSWERED | {"starts_time": "01:30", "starts_which": which}

    when = read_when(answers, "starts", FormErrors())

    assert when == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
