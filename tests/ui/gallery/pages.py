"""Every layout and macro on a few pages of made-up content, served with the real headers."""

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

from fastapi import Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from shared.plumbing.armour import HEADERS
from shared.ui.forms import Form, Values, check, submitted
from shared.ui.pages import Pages, Site, error_page, render
from shared.ui.paging import paged
from shared.ui.text import Line, Paragraph
from shared.ui.when import read_when

TEMPLATES = Path(__file__).parent / "templates"
AWKWARD = "Ω≈ç <b>bold</b> & " + "Donaudampfschifffahrtsgesellschaft" * 4
AT = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)

CHART = """<svg xmlns="http://www.w3.org/2000/svg" width="720" height="200" viewBox="0 0 720 200">
<rect width="720" height="200" fill="#fff"/><rect x="40" y="40" width="80" height="140"
fill="#1d70b8"/><rect x="160" y="90" width="80" height="90" fill="#1d70b8"/></svg>"""


class Drink(StrEnum):
    TEA = "tea"
    COFFEE = "coffee"


class Order(Form):
    words: ClassVar[dict[str, str]] = {
        "drink": "Choose what you would like to drink",
        "extras": "Choose what goes with it, or none of these",
        "name": "Enter your name",
    }

    drink: Drink
    extras: list[Drink]
    name: Annotated[str, Line(40)]
    note: Annotated[str, Paragraph(200)] | None = None
    size: Drink | None = None


Submitted = Annotated[Values, Depends(submitted)]


def make(*, development: bool = True) -> FastAPI:
    app = FastAPI()
    site = Site(phone_number="020 7946 0123", development=development)
    Pages("gallery", TEMPLATES, site).attach(app)
    app.middleware("http")(_with_headers)
    app.add_exception_handler(HTTPException, _as_a_page)
    app.get("/gallery/question")(question)
    app.post("/gallery/question")(answer)
    app.get("/referral/cases/gallery")(things)
    app.get("/gallery/chart.svg")(chart)
    app.get("/gallery/broken")(broken)
    app.get("/referral/cases/broken")(broken)
    return app


async def _with_headers(request: Request, call_next: object) -> Response:
    request.state.may = lambda _action: True
    response: Response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def _as_a_page(request: Request, error: HTTPException) -> HTMLResponse:
    return error_page(request, error.status_code, "There is a problem", error.detail)


async def question(request: Request) -> HTMLResponse:
    return render(request, "question.html")


async def answer(request: Request, values: Submitted) -> Response:
    form, errors = check(Order, values)
    when = read_when(values, "starts", errors)
    if form is None or when is None:
        return render(request, "question.html", errors=errors, values=values)
    return RedirectResponse("/referral/cases/gallery?done=ordered", status_code=303)


async def things(request: Request) -> HTMLResponse:
    return render(
        request,
        "things.html",
        done={"ordered": "Your order was taken"},
        at=AT,
        today=date(2026, 3, 3),
        awkward=AWKWARD,
        page=paged(request, 2, more=True),
        entries=[{"at": AT, "text": "Taken"}, {"at": AT, "text": AWKWARD}],
    )


async def broken(request: Request) -> HTMLResponse:
    words = "It is our mistake, not yours.\n\nPlease try again later."
    return error_page(request, 500, "Sorry, something went wrong", words, "0198c0de-0000")


async def chart() -> Response:
    return PlainTextResponse(CHART, media_type="image/svg+xml")
