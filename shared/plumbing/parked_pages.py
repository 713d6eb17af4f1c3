"""Pages on which ops sees the events this service could not act on, and says what becomes of them.

Nothing of what an event says is shown: whoever keeps the machine running need not know it.

`/<service>/parked` and below. Asking changes a row; the running service acts on it.
"""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from jinja2 import PackageLoader
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared.contracts.access import Action
from shared.contracts.catalogue import SERVICES
from shared.plumbing import audit, parked
from shared.plumbing.edge import Reading, Transaction
from shared.plumbing.gates import may
from shared.plumbing.staff import STAFF_ONLY
from shared.ui.forms import Form, FormErrors, check, submitted
from shared.ui.pages import render
from shared.ui.text import Paragraph

TEMPLATES = PackageLoader("shared.plumbing", "pages")

DONE = {
    "retry": "The event will be tried again in a moment.",
    "discard": "The event was given up. It stays on record.",
}


class Discarding(Form):
    """Why an event is given up."""

    words: ClassVar[dict[str, str]] = {"reason": "Say why this event can be given up"}

    reason: Annotated[str, Paragraph(500)]


def routes_for(service: str) -> APIRouter:
    """The pages of one service."""
    router = APIRouter(
        prefix=f"/{service}/parked", dependencies=[STAFF_ONLY], include_in_schema=False
    )
    look: Any = {"response_class": HTMLResponse, "dependencies": [may(Action.SEE_HEALTH)]}
    act: Any = {"response_class": HTMLResponse, "dependencies": [may(Action.MEND_SYSTEM)]}
    one = "/{parked_id}"
    router.add_api_route("", list_parked, methods=["GET"], **look)
    router.add_api_route(one, show_parked, methods=["GET"], **look)
    router.add_api_route(f"{one}/retry", retry, methods=["POST"], **act)
    router.add_api_route(f"{one}/discard", discard, methods=["POST"], **act)
    return router


async def list_parked(request: Request, session: Reading) -> Response:
    events = await parked.waiting(session)
    more = await parked.count(session) - len(events)
    return render(
        request, "parked/list.html", events=events, more=more, services=SERVICES, done=DONE
    )


async def show_parked(request: Request, session: Reading, parked_id: UUID) -> Response:
    event = await _found(session, parked_id)
    await audit.looked(request, _entry(audit.Verb.CONSULTATION, "parked_event"), session=session)
    return _show(request, event, FormErrors())


async def retry(request: Request, session: Transaction, parked_id: UUID) -> Response:
    """Ask the running service to act on the event once more."""
    await parked.ask_retry(session, parked_id)
    await audit.record(session, _entry(audit.Verb.ALTERATION, "parked_retry"))
    return _back_to_list(request, "retry")


async def discard(request: Request, session: Transaction, parked_id: UUID) -> Response:
    """Give the event up; it stays on record with the reason."""
    form, errors = check(Discarding, await submitted(request))
    if form is None:
        event = await _found(session, parked_id)
        await audit.record(session, _entry(audit.Verb.CONSULTATION, "parked_event"))
        return _show(request, event, errors)
    await parked.ask_discard(session, parked_id, form.reason)
    await audit.record(session, _entry(audit.Verb.ALTERATION, "parked_discard"))
    return _back_to_list(request, "discard")


def _entry(verb: audit.Verb, purpose: str) -> audit.Entry:
    """What came in may be about anybody."""
    return audit.Entry(verb=verb, purpose=purpose, fields=("event",))


async def _found(session: Reading, parked_id: UUID) -> parked.Parked:
    event = await parked.find(session, parked_id)
    if event is None:
        raise HTTPException(404, "There is no such parked event.")
    return event


def _show(request: Request, event: parked.Parked, errors: FormErrors) -> Response:
    is_open = event.state in parked.OPEN
    return render(
        request,
        "parked/event.html",
        event=event,
        event_id=_event_id(event),
        is_open=is_open,
        errors=errors,
    )


def _event_id(event: parked.Parked) -> str:
    """Its id, where it has one: anything else in that header may be anybody's words."""
    try:
        return str(UUID(event.headers["ce-id"]))
    except (KeyError, ValueError):
        return "It has none"


def _back_to_list(request: Request, done: str) -> Response:
    service = request.app.state.service.name
    return RedirectResponse(f"/{service}/parked?done={done}", status_code=303)
