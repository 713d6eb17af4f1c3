"""When it is safe to reach a person, in the wall-clock time of the place we work in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.contracts.refusal import Refusal

LONDON = ZoneInfo("Europe/London")
"""Safe hours are what the clock on the wall says, summer and winter."""

DAY_MINUTES = 24 * 60
LONGEST_WAIT_DAYS = 15
"""One safe hour a week, lost once to the spring change, comes round within two weeks."""


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEK = tuple(Weekday)


class HoursNotClear(Refusal):
    """The hours do not say when it is safe."""


@dataclass(frozen=True)
class SafeHours:
    """The days, and the one stretch of each of them, in which it is safe to be in touch."""

    days: frozenset[Weekday]
    opens_minute: int
    """Minutes after midnight by the wall clock; from then on it is safe."""
    closes_minute: int
    """Minutes after midnight; from then on it is not. 1440 is the end of the day."""

    def __post_init__(self) -> None:
        """Refuse hours in which nobody could ever be reached."""
        if not self.days:
            raise HoursNotClear("Say at least one day on which it is safe to be in touch.")
        if not 0 <= self.opens_minute < self.closes_minute <= DAY_MINUTES:
            raise HoursNotClear("The safe time must end later on the same day than it begins.")

    @property
    def is_any_time(self) -> bool:
        """Whether there is no hour that is not safe."""
        return len(self.days) == len(WEEK) and self._whole_day

    @property
    def _whole_day(self) -> bool:
        return self.opens_minute == 0 and self.closes_minute == DAY_MINUTES

    def hold_at(self, moment: datetime) -> bool:
        """Whether it is safe at this moment."""
        local = moment.astimezone(LONDON)
        if WEEK[local.weekday()] not in self.days:
            return False
        return self.opens_minute <= local.hour * 60 + local.minute < self.closes_minute

    def next_opening(self, now: datetime) -> datetime:
        """The first moment after `now` at which it is safe, when it is not safe at `now`."""
        today = now.astimezone(LONDON).date()
        moments: list[datetime] = []
        for ahead in range(-1, LONGEST_WAIT_DAYS):
            moments += _edges(today + timedelta(days=ahead), self.opens_minute)
        return min(moment for moment in moments if moment > now and self.hold_at(moment))

    def safe_until(self, now: datetime, at_most: timedelta) -> datetime:
        """How long it stays safe from `now` on, looking no further than `at_most`."""
        today = now.astimezone(LONDON).date()
        moments = [now + at_most]
        for ahead in range(-1, 3):
            moments += _edges(today + timedelta(days=ahead), self.closes_minute % DAY_MINUTES)
            moments += _edges(today + timedelta(days=ahead), 0)
        return min(
            moment
            for moment in moments
            if moment == now + at_most
            or (now < moment < now + at_most and not self.hold_at(moment))
        )


ANY_TIME = SafeHours(frozenset(WEEK), 0, DAY_MINUTES)


def _edges(day: date, minute: int) -> list[datetime]:
    """Every moment of `day` at which the wall clock may cross `minute`.

    That is both readings of a doubled hour, and 01:00 UTC, when British clocks change: a wall
    time that is skipped begins there, one that is doubled begins there again.
    """
    wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=LONDON)
    readings = [wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return [*readings, datetime.combine(day, time(1), tzinfo=UTC)]
