"""Reads a day and a time from a form, as `when_field` and `day_field` ask for them."""

from collections.abc import Mapping
from datetime import date, datetime, time

from shared.ui.forms import FormErrors
from shared.ui.london import (
    HappensTwice,
    TimeRefused,
    Which,
    moment,
    parse_clock,
    parse_clock_parts,
    parse_day,
    parse_day_parts,
)

Given = Mapping[str, str | list[str]]


def read_when(values: Given, name: str, errors: FormErrors) -> datetime | None:
    """The moment in UTC, or None with what is wrong added to `errors`.

    Reads `<name>_day|_month|_year` or `<name>` for the day, `<name>_time` or `<name>_hour|_minute`
    for the time, and `<name>_which` (`first` or `second`) for an hour that happens twice.
    """
    day, clock = read_day(values, name, errors), read_clock(values, name, errors)
    if day is None or clock is None:
        return None
    said = _one(values, f"{name}_which")
    which: Which = "first" if said == "first" else "second" if said == "second" else ""
    try:
        return moment(day, clock, which)
    except HappensTwice as asked:
        errors.add(f"{name}_which", str(asked))
    except TimeRefused as refused:
        errors.add(f"{name}_time", str(refused))
    return None


def read_day(values: Given, name: str, errors: FormErrors) -> date | None:
    """The day, or None with what is wrong added to `errors` under `name`."""
    try:
        if name in values:
            return parse_day(_one(values, name))
        parts = [_one(values, f"{name}_{part}") for part in ("day", "month", "year")]
        if not any(part.strip() for part in parts):
            raise TimeRefused("Enter a date")
        return parse_day_parts(*parts)
    except TimeRefused as refused:
        errors.add(name, str(refused))
        return None


def read_clock(values: Given, name: str, errors: FormErrors) -> time | None:
    """The time of day, or None with what is wrong added to `errors` under `<name>_time`."""
    try:
        if f"{name}_hour" in values:
            return parse_clock_parts(_one(values, f"{name}_hour"), _one(values, f"{name}_minute"))
        return parse_clock(_one(values, f"{name}_time"))
    except TimeRefused as refused:
        errors.add(f"{name}_time", str(refused))
        return None


def _one(values: Given, field: str) -> str:
    """The only answer to a field; one given several times counts as not given."""
    value = values.get(field, "")
    return value if isinstance(value, str) else ""
