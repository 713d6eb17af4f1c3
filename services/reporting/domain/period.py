"""Months, as funders count them: by the calendar and the clocks of London."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

from shared.contracts.refusal import Refusal

LONDON = ZoneInfo("Europe/London")

LONGEST_MONTHS = 60
"""Five years: longer than any grant, short enough to read."""


class NotAPeriod(Refusal):
    """The months asked for cannot be reported on."""


def month_of(moment: datetime) -> date:
    """The first day of the month `moment` falls in, in London."""
    return moment.astimezone(LONDON).date().replace(day=1)


def days_between(first: datetime, second: datetime) -> int:
    """Days by the calendar of London: the evening before and the next morning are a day apart."""
    return (second.astimezone(LONDON).date() - first.astimezone(LONDON).date()).days


def months_later(month: date, count: int) -> date:
    """The first day of the month `count` months after `month`; before it when negative."""
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)


@dataclass(frozen=True)
class Period:
    """Whole months from `first` to `last`, both included, each given by its first day."""

    first: date
    last: date

    @classmethod
    def year_up_to(cls, now: datetime) -> Self:
        """The twelve months that end with the current one."""
        last = month_of(now)
        return cls(first=months_later(last, -11), last=last)

    @classmethod
    def between(cls, first: str, last: str) -> Self:
        """The period from two months written `2026-03`; raises NotAPeriod in plain words."""
        period = cls(first=_month(first), last=_month(last))
        if period.last < period.first:
            raise NotAPeriod("The last month must not be before the first.")
        if len(list(period.months())) > LONGEST_MONTHS:
            raise NotAPeriod(f"Choose {LONGEST_MONTHS // 12} years or less.")
        return period

    def months(self) -> Iterator[date]:
        """Every month in it, in order; a month without a referral is still there."""
        month = self.first
        while month <= self.last:
            yield month
            month = months_later(month, 1)


def _month(text: str) -> date:
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise NotAPeriod("Give each month as a year and a month, like 2026-03.") from None
    if not date(2000, 1, 1) <= month < date(2100, 1, 1):
        raise NotAPeriod("Choose a month in this century.")
    return month
