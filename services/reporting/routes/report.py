"""The report page, the chart in it and its tables as files."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.reporting import domain, store
from services.reporting.domain import NotAPeriod, Period
from services.reporting.routes import charts, spreadsheet
from shared.contracts.access import Action
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading
from shared.plumbing.staff import STAFF_ONLY
from shared.ui.forms import FieldError, FormErrors
from shared.ui.pages import render

router = APIRouter(prefix="/reporting", dependencies=[STAFF_ONLY])

LIVE_FIGURES = may(Action.SEE_MEASURES)
"""Small numbers and all: not for whoever may only see what was released."""

Month = Annotated[str | None, Query(max_length=20)]


@router.get("/", response_class=HTMLResponse, include_in_schema=False, dependencies=[LIVE_FIGURES])
async def show_report(
    request: Request, session: Reading, first: Month = None, last: Month = None
) -> HTMLResponse:
    """The report for the months asked for; the last twelve when none are."""
    errors = FormErrors()
    usual = Period.year_up_to(session.now())
    try:
        period = _period(usual, first, last)
    except NotAPeriod as refusal:
        errors, period = FormErrors([FieldError("first", str(refusal))]), usual
    measures = await store.measures(session, period)
    return render(
        request,
        "report.html",
        errors=errors,
        measures=measures,
        asked={"first": first or f"{period.first:%Y-%m}", "last": last or f"{period.last:%Y-%m}"},
        months=f"first={period.first:%Y-%m}&last={period.last:%Y-%m}",
        from_month=domain.month_words(period.first),
        to_month=domain.month_words(period.last),
    )


@router.get(
    "/released",
    response_class=HTMLResponse,
    include_in_schema=False,
    dependencies=[may(Action.SEE_RELEASED)],
)
async def show_released(request: Request) -> HTMLResponse:
    """The figures that were released: none, as long as there is no way to release any."""
    return render(request, "released.html")


@router.get("/charts/{name}.svg", include_in_schema=False, dependencies=[LIVE_FIGURES])
async def show_chart(
    name: str, session: Reading, first: Month = None, last: Month = None
) -> Response:
    """One of the referral tables as a picture; the page says in words what it shows."""
    table = await _table(session, name, first, last)
    if table.name == "meetings":
        raise HTTPException(404)
    return Response(await charts.draw(table), media_type="image/svg+xml")


@router.get("/tables/{name}.csv", include_in_schema=False, dependencies=[LIVE_FIGURES])
async def save_table(
    name: str, session: Reading, first: Month = None, last: Month = None
) -> Response:
    """One of the tables as a file for a spreadsheet."""
    table = await _table(session, name, first, last)
    return Response(
        spreadsheet.written(table),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{table.name}.csv"'},
    )


def _period(usual: Period, first: str | None, last: str | None) -> Period:
    if not first and not last:
        return usual
    return Period.between(first or f"{usual.first:%Y-%m}", last or f"{usual.last:%Y-%m}")


async def _table(session: Session, name: str, first: str | None, last: str | None) -> domain.Table:
    period = _period(Period.year_up_to(session.now()), first, last)
    measures = await store.measures(session, period)
    for table in measures.tables():
        if table.name == name:
            return table
    raise HTTPException(404)
