"""The page that lists what somebody has to look into: `/<service>/alarms`."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from shared.contracts.access import Action
from shared.plumbing import alarms, audit
from shared.plumbing.alarms import Kind
from shared.plumbing.edge import Reading
from shared.plumbing.gates import may
from shared.ui.pages import render

WORDS = {
    Kind.MANY_RECORDS: "One member of staff opened 40 different records or more within an hour",
    Kind.GLASS_BROKEN: "A member of staff opened a case in an emergency; managers review why",
    Kind.REVIEW_LATE: "Nobody has reviewed in time why a case was opened in an emergency",
    Kind.TOO_NEAR: "A member of staff looked for what is kept from them, for themselves, or for "
    "somebody of their own name; they were shown nothing",
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
    people = {one.about for one in found if one.about}
    seen = audit.Entry(verb=audit.Verb.CONSULTATION, purpose="alarm_page", fields=("alarm",))
    entries = audit.about_each(sorted(people), seen) or [seen]
    await audit.looked(request, *entries, session=session)
    return render(request, "alarms/list.html", alarms=found, words=WORDS)
