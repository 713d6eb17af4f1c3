"""The report, counted again from the stores of those whose work it counts."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.simulation.reading import facts_of, moment

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

LONDON = ZoneInfo("Europe/London")


def the_report_counts_the_truth(sim: "Simulation") -> Iterator[str]:
    yield from _differ("referrals", _referrals(sim), _referrals_counted(sim))
    yield from _differ("meetings", _meetings(sim), _meetings_counted(sim))
    yield from _differ("first meetings", _first_meetings(sim), _first_meetings_counted(sim))
    yield from _differ("tallies of referrals", _by_source(_referrals(sim)), _tallied(sim, "source"))
    yield from _differ("tallies of meetings", _by_kind(_meetings(sim)), _tallied(sim, "kind"))
    names = Counter((row["id"], row["label"]) for row in sim.referral.rows("SELECT * FROM area"))
    counted = sim.reporting.rows("SELECT area_id, label FROM area_label")
    yield from _differ("areas", names, Counter((row["area_id"], row["label"]) for row in counted))


def _differ(what: str, truth: "Counter[Any]", counted: "Counter[Any]") -> Iterator[str]:
    for key in sorted((truth.keys() | counted.keys()), key=str):
        if truth[key] != counted[key]:
            yield f"{what} {key}: {truth[key]} in truth, {counted[key]} in the report"


def _month(at: datetime) -> str:
    return at.astimezone(LONDON).strftime("%Y-%m-01")


def _referrals(sim: "Simulation") -> "Counter[Any]":
    outcomes = {"waiting": None}
    return Counter(
        (
            _month(moment(row["received_at"])),
            row["source"],
            row["area_id"],
            row["heard_about"],
            outcomes.get(row["status"], row["status"]),
        )
        for row in sim.referral.rows("SELECT * FROM referral")
    )


def _referrals_counted(sim: "Simulation") -> "Counter[Any]":
    return Counter(
        (row["month"], row["source"], row["area_id"], row["heard_about"], row["outcome"])
        for row in sim.reporting.rows("SELECT * FROM referral_counted")
    )


def _meetings(sim: "Simulation") -> "Counter[Any]":
    """Held in the month it was held in; otherwise in the month that became known."""
    known_at = {
        fact["session_id"].replace("-", ""): told_at
        for subject in ("scheduling.session_missed.v1", "scheduling.session_cancelled.v1")
        for _, told_at, fact, _ in facts_of(sim.scheduling, subject)
    }
    came = Counter(
        row["meeting_id"]
        for row in sim.scheduling.rows(
            "SELECT meeting_id FROM meeting_person WHERE attendance IN ('attended', 'late')"
        )
    )
    counts: Counter[Any] = Counter()
    for row in sim.scheduling.rows("SELECT * FROM meeting ORDER BY id"):
        if row["state"] == "completed":
            month = _month(moment(row["starts_at"]))
        elif row["state"] in ("missed", "cancelled"):
            month = _month(known_at[row["id"]])
        else:
            continue
        counts[month, row["kind"], row["state"], came[row["id"]]] += 1
    return counts


def _meetings_counted(sim: "Simulation") -> "Counter[Any]":
    return Counter(
        (row["month"], row["kind"], row["outcome"], row["took_part"])
        for row in sim.reporting.rows("SELECT * FROM meeting_counted")
    )


def _by_source(referrals: "Counter[Any]") -> "Counter[Any]":
    tally: Counter[Any] = Counter()
    for (month, source, _area, _heard, outcome), number in referrals.items():
        tally[month, source, outcome or "waiting"] += number
    return tally


def _by_kind(meetings: "Counter[Any]") -> "Counter[Any]":
    tally: Counter[Any] = Counter()
    for (month, kind, outcome, _came), number in meetings.items():
        tally[month, kind, outcome] += number
    return tally


def _tallied(sim: "Simulation", counted_by: str) -> "Counter[Any]":
    """What the pages of the report are made of."""
    rows = sim.reporting.rows("SELECT * FROM tally WHERE number != 0")
    return Counter(
        {
            (row["month"], row["value"], row["outcome"]): row["number"]
            for row in rows
            if row["counted_by"] == counted_by
        }
    )


def _first_meetings(sim: "Simulation") -> "Counter[Any]":
    rows = sim.scheduling.rows(
        "SELECT case_id, min(starts_at) AS first FROM meeting WHERE state='completed' GROUP BY 1"
    )
    return Counter((row["case_id"], moment(row["first"])) for row in rows)


def _first_meetings_counted(sim: "Simulation") -> "Counter[Any]":
    rows = sim.reporting.rows("SELECT * FROM case_counted WHERE first_met_at IS NOT NULL")
    return Counter((row["case_id"], moment(row["first_met_at"])) for row in rows)
