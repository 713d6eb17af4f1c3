"""The figures of the report, each with the rule it is counted by."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from uuid import UUID

from services.reporting.domain.period import Period
from shared.contracts.words import MeetingKind, Source

NOT_NAMED_YET = "Area not named yet"


@dataclass(frozen=True)
class Outcomes:
    """Referrals of one kind, by what has become of them so far."""

    accepted: int = 0
    declined: int = 0
    waiting: int = 0

    @property
    def received(self) -> int:
        """All of them."""
        return self.accepted + self.declined + self.waiting

    def __add__(self, other: "Outcomes") -> "Outcomes":
        """Both together."""
        return Outcomes(
            self.accepted + other.accepted,
            self.declined + other.declined,
            self.waiting + other.waiting,
        )


@dataclass(frozen=True)
class Table:
    """One table of the report, ready to be shown or saved: words and whole numbers only."""

    name: str
    """Its name in an address and in a file's name."""
    title: str
    rule: str
    """How it is counted, in a sentence."""
    heads: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    total: tuple[str | int, ...] | None = None


@dataclass(frozen=True)
class WaitingTimes:
    """Days from a referral to its first meeting. No figure is made up from nothing."""

    met: int
    """How many referrals of the period have had a first meeting."""
    not_yet: int
    """How many accepted referrals of the period still wait for one."""
    median_days: float | None
    nine_in_ten_days: int | None
    """Nine in ten waited no longer than this."""


@dataclass(frozen=True)
class Measures:
    """Everything the report says about one period."""

    period: Period
    received: Outcomes
    by_month: Table
    by_source: Table
    by_area: Table
    meetings: Table
    waits: WaitingTimes
    finding: str
    """What the chart shows, in a sentence worked out from the figures."""

    def tables(self) -> tuple[Table, ...]:
        """Every table, in the order of the page."""
        return (self.by_month, self.by_source, self.by_area, self.meetings)


SOURCES: Mapping[str, str] = {
    Source.SELF: "The person themselves",
    Source.POLICE: "Police",
    Source.HOUSING: "Housing",
    Source.ASB_TEAM: "Anti-social behaviour team",
    Source.PROBATION: "Probation",
    Source.SCHOOL: "School",
    Source.FAITH_GROUP: "Faith group",
    Source.OTHER_AGENCY: "Another agency",
}

KINDS: Mapping[str, str] = {
    MeetingKind.PREPARATION: "Preparation meetings",
    MeetingKind.JOINT: "Joint meetings",
}

REFERRAL_HEADS = ("Received", "Accepted", "Declined", "Waiting for a decision")


def measure(
    period: Period,
    *,
    by_month: Mapping[date, Outcomes],
    by_source: Mapping[str, Outcomes],
    by_area: Mapping[UUID, Outcomes],
    labels: Mapping[UUID, str],
    meetings: Mapping[tuple[str, str], int],
    waits: Mapping[int, int] | Iterable[int],
    not_yet: int,
) -> Measures:
    """Put the counts of `period` into tables.

    `meetings` counts by (kind, outcome); `waits` holds the days of each referral that has met, or
    says for each number of days how many referrals it was.
    """
    months = {month_words(month): by_month.get(month, Outcomes()) for month in period.months()}
    keys = (*SOURCES, *(key for key in by_source if key not in SOURCES))
    sources = {SOURCES.get(key, key): by_source.get(key, Outcomes()) for key in keys}
    return Measures(
        period=period,
        received=sum(by_month.values(), Outcomes()),
        by_month=_referral_table("by-month", "Referrals by month", "Month", months),
        by_source=_referral_table("by-source", "Referrals by source", "Who referred", sources),
        by_area=_referral_table("by-area", "Referrals by area", "Area", _areas(by_area, labels)),
        meetings=_meeting_table(meetings),
        waits=_waiting_times(Counter(waits), not_yet),
        finding=_finding(period, by_month),
    )


def month_words(month: date) -> str:
    """A month as people write it: March 2026."""
    return f"{month:%B} {month.year}"


def _areas(by_area: Mapping[UUID, Outcomes], labels: Mapping[UUID, str]) -> Mapping[str, Outcomes]:
    named: dict[str, Outcomes] = {}
    for area_id, outcomes in by_area.items():
        label = labels.get(area_id, NOT_NAMED_YET)
        named[label] = named.get(label, Outcomes()) + outcomes
    return dict(sorted(named.items(), key=lambda row: (row[0] == NOT_NAMED_YET, row[0].casefold())))


def _referral_table(name: str, title: str, head: str, groups: Mapping[str, Outcomes]) -> Table:
    total = sum(groups.values(), Outcomes())
    return Table(
        name=name,
        title=title,
        rule="A referral counts in the month it was received in, by London time, "
        "whenever it is decided.",
        heads=(head, *REFERRAL_HEADS),
        rows=tuple((label, *_cells(group)) for label, group in groups.items()),
        total=("All", *_cells(total)),
    )


def _cells(group: Outcomes) -> tuple[int, int, int, int]:
    return group.received, group.accepted, group.declined, group.waiting


def _meeting_table(meetings: Mapping[tuple[str, str], int]) -> Table:
    outcomes = ("completed", "missed", "cancelled")
    rows: list[tuple[str | int, ...]] = [
        (words, *(meetings.get((kind, outcome), 0) for outcome in outcomes))
        for kind, words in KINDS.items()
    ]
    totals = tuple(sum(meetings.get((kind, outcome), 0) for kind in KINDS) for outcome in outcomes)
    return Table(
        name="meetings",
        title="Meetings by kind",
        rule="A held meeting counts in the month it was held in. A meeting that was moved counts "
        "once, where it was moved to.",
        heads=("Kind", "Held", "Did not happen", "Called off"),
        rows=tuple(rows),
        total=("All", *totals),
    )


def _waiting_times(waits: Counter[int], not_yet: int) -> WaitingTimes:
    met = waits.total()
    if not met:
        return WaitingTimes(met=0, not_yet=not_yet, median_days=None, nine_in_ten_days=None)
    days = sorted(waits)
    up_to = list(accumulate(waits[each] for each in days))

    def at(rank: int) -> int:
        """The days of the referral at this place, were they put in order one by one."""
        return days[bisect_right(up_to, rank - 1)]

    middle = at(met // 2 + 1)
    return WaitingTimes(
        met=met,
        not_yet=not_yet,
        median_days=middle if met % 2 else (at(met // 2) + middle) / 2,
        nine_in_ten_days=at(-(-met * 9 // 10)),  # the smallest rank that covers nine in ten
    )


def _finding(period: Period, by_month: Mapping[date, Outcomes]) -> str:
    received = {month: by_month.get(month, Outcomes()).received for month in period.months()}
    everything = sum(received.values())
    if everything == 0:
        return "No referral was received in these months."
    if len(received) == 1:
        return f"{_referrals(everything)} in {month_words(period.first)}."
    most = max(received.values())
    busiest = [month_words(month) for month, count in received.items() if count == most]
    peak = f", the most in {busiest[0]} ({most})" if len(busiest) == 1 else ""
    return (
        f"{_referrals(everything)} from {month_words(period.first)} to "
        f"{month_words(period.last)}{peak}."
    )


def _referrals(count: int) -> str:
    return "1 referral was received" if count == 1 else f"{count} referrals were received"
