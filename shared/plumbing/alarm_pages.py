"""The page that lists what somebody has to look into: `/<service>/alarms`."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from shared.contracts.access import Action
from shared.plumbing import alarms
from shared.plumbing.alarms import Kind
from shared.plumbing.edge import Reading
from shared.plumbing.gates import may
from shared.ui.pages import render

WORDS = {
    Kind.MANY_RECORDS: "One member of staff opened 40 different records or more within an hour",
    Kind.FORM_CLOSED: "The online form was closed for a while, because so much came in through it",
    Kind.CLOCK_NOT_BELIEVED: "The clock jumped by more than two days, or nothing ran for so long: "
    "nothing is destroyed until somebody has confirmed what day it is",
}


def routes_for(service: str) -> APIRouter:
    """The page of one service."""
    router = APIRouter(
        prefix=f"/{service}/alarms", dependencies=[may(Action.SEE_AUDIT)], include_in_schema=False
    )
    router.add_api_route("", list_alarms, methods=["GET"], response_class=HTMLResponse)
    return router


async def list_alarms(request: Request, session: Reading) -> Response:
    found = await alarms.newest(session)
    return render(request, "alarms/list.html", alarms=found, words=WORDS)
