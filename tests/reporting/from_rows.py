"""The figures of a report, counted the long way: from every row, without any tally."""

from statistics import median

from services.reporting.domain import Measures, Outcomes, Period, days_between, measure
from shared.plumbing.database import Database

REFERRALS = "referral_counted"


async def counted_from_rows(database: Database, period: Period) -> Measures:
    tables = database.schema.metadata.tables
    async with database.reading() as session:
        areas, referrals, cases, meetings = [
            (await session.execute(tables[name].select())).all()
            for name in ("area_label", REFERRALS, "case_counted", "meeting_counted")
        ]
    months = set(period.months())
    referrals = [row for row in referrals if row.month in months]
    held = [(row.kind, row.outcome) for row in meetings if row.month in months]
    met = {row.case_id: row.first_met_at for row in cases}
    waits = [
        days_between(row.received_at, met[row.case_id]) if met.get(row.case_id) else None
        for row in referrals
        if row.outcome == "accepted"
    ]
    days = [each for each in waits if each is not None]
    measures = measure(
        period,
        by_month=_outcomes(referrals, "month"),
        by_source=_outcomes(referrals, "source"),
        by_area=_outcomes(referrals, "area_id"),
        labels={row.area_id: row.label for row in areas},
        meetings={each: held.count(each) for each in held},
        waits=days,
        not_yet=waits.count(None),
    )
    assert measures.waits.median_days == (median(days) if days else None)
    return measures


def _outcomes(referrals, column):
    found = {}
    for row in referrals:
        one = Outcomes(**{row.outcome or "waiting": 1})
        found[getattr(row, column)] = found.get(getattr(row, column), Outcomes()) + one
    return found
