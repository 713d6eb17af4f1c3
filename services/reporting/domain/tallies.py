"""How many of what there are in each month: every figure of the report is a sum of these.

They are kept beside the things counted, so that a report costs the same however many there are.
Pure, and one rule for the day, the rebuild and the check: a change moves the tallies from what
`tally` says of the things before it to what it says of them after it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.reporting.domain.counting import CaseCount, Counted, MeetingCount, ReferralCount
from services.reporting.domain.period import days_between

WAITING = "waiting"
MET, NOT_YET = "met", "not_yet"


class By(StrEnum):
    """What a number is told apart by, within its month."""

    SOURCE = "source"
    AREA = "area"
    KIND = "kind"
    DAYS = "days"
    """How long accepted referrals waited for their first meeting."""


@dataclass(frozen=True, order=True)
class Cell:
    """The place of one number."""

    month: date
    counted_by: str
    value: str
    """The source, the area's id, the kind of meeting or the number of days."""
    outcome: str


def tally(counts: Iterable[Counted]) -> Counter[Cell]:
    """How many of `counts` are in each place; a referral's case must be among them."""
    counts = tuple(counts)
    met = {case.case_id: case.first_met_at for case in counts if isinstance(case, CaseCount)}
    return Counter(cell for one in counts for cell in _cells(one, met))


def difference(before: Mapping[Cell, int], after: Mapping[Cell, int]) -> dict[Cell, int]:
    """By how much each number changes, always in the same order; those that do not are left out."""
    changed = Counter(after)
    changed.subtract(before)
    return {cell: by for cell, by in sorted(changed.items()) if by}


def _cells(one: Counted, met: Mapping[UUID, datetime | None]) -> Iterator[Cell]:
    if isinstance(one, MeetingCount):
        yield Cell(one.month, By.KIND, one.kind, one.outcome)
    elif isinstance(one, ReferralCount) and one.month is not None:
        outcome = one.outcome or WAITING
        yield Cell(one.month, By.SOURCE, str(one.source), outcome)
        yield Cell(one.month, By.AREA, str(one.area_id), outcome)
        if outcome == "accepted":
            yield _wait(one, one.month, met.get(one.case_id) if one.case_id else None)


def _wait(referral: ReferralCount, month: date, first_met_at: datetime | None) -> Cell:
    if first_met_at is None or referral.received_at is None:
        return Cell(month, By.DAYS, "", NOT_YET)
    days = days_between(referral.received_at, first_met_at)
    return Cell(month, By.DAYS, str(days), MET)
