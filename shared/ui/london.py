"""Times as people in Britain write and read them; everywhere else a time is in UTC.

Twice a year the clocks change: in spring an hour does not exist, in autumn an hour happens twice.
The first is refused in words, the second is asked about; neither is ever guessed.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

Which = Literal["", "first", "second"]
"""Of an hour that happens twice: before or after the clocks go back; empty when not said."""

EARLIEST_YEAR, LATEST_YEAR = 1900, 2100

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

NUMBERS_FIRST = re.compile(r"(\d{1,2})[\s/.\-]+(\d{1,2}|[a-z]+)[\s/.\-,]+(\d{4})")
YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
CLOCK = re.compile(r"(\d{1,2})(?:\s*[:.]?\s*(\d{2}))?\s*(am|pm)?")

SURELY_MORNING = 9
"""`9:30` is taken as it stands. `2:30` or `7:30` may be meant for the afternoon: that is asked."""


NOT_A_DAY = "Enter a real date, like 27 3 2026"
NOT_A_CLOCK = "Enter a time, like 2:30pm or 14:30"


class TimeRefused(ValueError):
    """A day or a time that cannot be taken as it stands, in words fit to show."""


class HappensTwice(TimeRefused):
    """The clocks go back in this hour: ask whether `first` or `second` is meant (both in UTC)."""

    def __init__(self, words: str, first: datetime, second: datetime) -> None:
        super().__init__(words)
        self.first, self.second = first, second


def parse_local(
    day: str | int,
    month: str | int,
    year: str | int,
    hour: str | int,
    minute: str | int,
    which: Which = "",
) -> datetime:
    """The moment in UTC of a London time given in parts, hours from 0 to 23; raises TimeRefused."""
    return moment(parse_day_parts(day, month, year), parse_clock_parts(hour, minute), which)


def parse_clock_parts(hour: str | int, minute: str | int) -> time:
    """A time of day from two boxes, hours from 0 to 23; no minutes means on the hour."""
    parts = str(hour).strip(), str(minute).strip() or "0"
    if not parts[0]:
        raise TimeRefused("Enter a time")
    return parse_clock(f"{parts[0]:0>2}:{parts[1]:0>2}")


def parse_day_parts(day: str | int, month: str | int, year: str | int) -> date:
    """A day from three boxes; the month may be a number or a name."""
    parts = [str(part).strip().lower() for part in (day, month, year)]
    for part, called in zip(parts, ("day", "month", "year"), strict=True):
        if not part:
            raise TimeRefused(f"The date must include a {called}")
    if not re.fullmatch(r"[0-9]{4}", parts[2]):
        raise TimeRefused("The year must have 4 numbers, like 2026")
    month_number = _month(parts[1])
    if not re.fullmatch(r"[0-9]{1,2}", parts[0]) or month_number is None:
        raise TimeRefused(NOT_A_DAY)
    if not EARLIEST_YEAR <= int(parts[2]) <= LATEST_YEAR:
        raise TimeRefused(f"The year must be between {EARLIEST_YEAR} and {LATEST_YEAR}")
    try:
        return date(int(parts[2]), month_number, int(parts[0]))
    except ValueError:
        raise TimeRefused(NOT_A_DAY) from None


def parse_day(text: str) -> date:
    """A day from one box: `2026-03-27`, `27/3/2026`, `27 March 2026`."""
    plain = text.strip().lower()
    if not plain:
        raise TimeRefused("Enter a date")
    if found := YEAR_FIRST.fullmatch(plain):
        return parse_day_parts(found[3], found[2], found[1])
    if found := NUMBERS_FIRST.fullmatch(plain):
        return parse_day_parts(found[1], found[2], found[3])
    raise TimeRefused(NOT_A_DAY)


def parse_clock(text: str) -> time:
    """A time of day: `09:30`, `9.30`, `0930`, `9:30 am`, `2pm`, `midday`, `midnight`."""
    plain = text.strip().lower().replace("a.m.", "am").replace("p.m.", "pm")
    if plain in {"midday", "noon"}:
        return time(12, 0)
    if plain == "midnight":
        return time(0, 0)
    if not plain:
        raise TimeRefused("Enter a time")
    found = CLOCK.fullmatch(plain) if plain.isascii() else None
    if found is None:
        raise TimeRefused(NOT_A_CLOCK)
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half is None:
        _refuse_unclear_half(found[1], found[2])
    elif not 1 <= hour <= 12:
        raise TimeRefused(NOT_A_CLOCK)
    else:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise TimeRefused(NOT_A_CLOCK)
    return time(hour, minute)


def _refuse_unclear_half(hour: str, minute: str | None) -> None:
    """Written without am or pm: clear as `14:30`, `09:30`, `9:30` or `14`; not as `2:30` or `9`."""
    sure = int(hour) > 12 or (minute and (len(hour) == 2 or int(hour) >= SURELY_MORNING))
    if not sure:
        raise TimeRefused("Say whether you mean am or pm, like 2:30pm, or write 14:30")


def moment(day: date, clock: time, which: Which = "") -> datetime:
    """The moment in UTC when London's clocks show this; raises TimeRefused or HappensTwice."""
    wall = datetime.combine(day, clock, tzinfo=LONDON)
    first, second = wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    if first == second:
        return first
    if first > second:
        raise TimeRefused(
            f"There is no {shown_clock(clock)} on {shown_day(day)}: the clocks go forward "
            "from 1am to 2am that night. Choose another time"
        )
    if which == "":
        raise HappensTwice(
            f"{shown_clock(clock)} happens twice on {shown_day(day)}, because the clocks go back "
            "from 2am to 1am. Say which one you mean",
            first,
            second,
        )
    return first if which == "first" else second


def local(when: datetime) -> datetime:
    """The same moment on London's clocks; refuses a time without a zone."""
    if when.tzinfo is None:
        raise ValueError("a time without a zone cannot be shown")
    return when.astimezone(LONDON)


def shown(when: datetime) -> str:
    """`Tuesday 3 March 2026 at 2:30pm`; says which one where an hour happens twice."""
    here = local(when)
    return f"{shown_day(here.date())} at {shown_time(here)}"


def shown_time(when: datetime) -> str:
    """`2:30pm`, in London; says which one where an hour happens twice."""
    here = local(when)
    words = shown_clock(here.time())
    other = here.replace(fold=1 - here.fold)
    if here.utcoffset() == other.utcoffset():
        return words
    return f"{words} ({'after' if here.fold else 'before'} the clocks go back)"


def shown_clock(clock: time) -> str:
    """`9am`, `2:30pm`, `midday`, `midnight`."""
    if (clock.hour, clock.minute) in {(0, 0), (12, 0)}:
        return "midday" if clock.hour else "midnight"
    half = "am" if clock.hour < 12 else "pm"
    minutes = f":{clock.minute:02}" if clock.minute else ""
    return f"{(clock.hour - 1) % 12 + 1}{minutes}{half}"


def shown_day(day: date) -> str:
    """`Tuesday 3 March 2026`; a moment is taken as the day it falls on in London."""
    if isinstance(day, datetime):
        day = local(day).date()
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """When a London day starts and when the next one does, in UTC: 23, 24 or 25 hours apart."""
    midnights = (datetime.combine(at, time(), tzinfo=LONDON) for at in (day, day + timedelta(1)))
    start, end = (midnight.astimezone(UTC) for midnight in midnights)
    return start, end


def _month(text: str) -> int | None:
    if re.fullmatch(r"[0-9]{1,2}", text):
        return int(text)
    matches = [n for n, name in enumerate(MONTHS, 1) if len(text) >= 3 and name.startswith(text)]
    return matches[0] if len(matches) == 1 else None
