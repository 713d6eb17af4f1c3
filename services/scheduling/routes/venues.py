"""The list of venues: looking, adding, and offering one no more."""

from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.scheduling import actions, store
from services.scheduling.domain.refusals import NotKnown
from services.scheduling.domain.venues import VenueKind
from services.scheduling.routes import words
from services.scheduling.routes.finding import seen_by
from services.scheduling.routes.forms import RetireForm, Submitted, VenueForm, refused
from shared.contracts.access import Action
from shared.contracts.refusal import Refusal
from shared.plumbing.gates import may
from shared.plumbing.service import Transaction, service_of
from shared.plumbing.staff import StaffMember
from shared.ui.forms import FormErrors, Values, check
from shared.ui.pages import render

router = APIRouter(prefix="/venues")
log = structlog.get_logger()

DONE = {
    "added": "You added the venue",
    "retired": "The venue is offered no more. What is booked there stays booked",
}


@router.get("", dependencies=[may(Action.SEE_VENUES)])
async def venues(request: Request) -> HTMLResponse:
    """Every venue there is or was."""
    async with service_of(request).database.reading() as session:
        everything = await store.venues.everything(session)
    return render(request, "venues.html", venues=everything, kinds=words.VENUE_KINDS, done=DONE)


@router.get("/add", dependencies=[may(Action.CHANGE_VENUES)])
async def ask_for_venue(request: Request) -> Response:
    return _form(request, {})


@router.post("/add", dependencies=[may(Action.CHANGE_VENUES)])
async def add(request: Request, values: Submitted, session: Transaction) -> Response:
    """Take the venue into the list."""
    form, errors = check(VenueForm, values)
    if form is None:
        return _form(request, values, errors)
    try:
        await actions.venues.add_venue(session, form.described())
    except Refusal as refusal:
        await session.rollback()
        return _form(request, values, refused(refusal), refusal.status)
    log.info("venue_added", venue_id=str(form.venue_id))
    return RedirectResponse("/scheduling/venues?done=added", status_code=303)


@router.get("/{venue_id}/retire", dependencies=[may(Action.CHANGE_VENUES)])
async def ask_whether_to_retire(request: Request, venue_id: UUID, staff: StaffMember) -> Response:
    """Says first what is still booked there."""
    service = service_of(request)
    async with service.database.reading() as session:
        venue = await store.venues.find(session, venue_id)
        if venue is None:
            raise NotKnown("venue")
        now = session.now()
        booked = await store.diary.booked_at(session, seen_by(staff, now), venue_id, now)
    if venue.retired:
        return RedirectResponse("/scheduling/venues?done=retired", status_code=303)
    return render(request, "retire.html", venue=venue, booked=booked)


@router.post("/{venue_id}/retire", dependencies=[may(Action.CHANGE_VENUES)])
async def retire(
    request: Request, venue_id: UUID, values: Submitted, session: Transaction
) -> Response:
    """Offer the venue no more."""
    form, _ = check(RetireForm, values)
    if form is None:
        return RedirectResponse(f"/scheduling/venues/{venue_id}/retire", status_code=303)
    await actions.venues.retire_venue(session, venue_id, form.version)
    log.info("venue_retired", venue_id=str(venue_id))
    return RedirectResponse("/scheduling/venues?done=retired", status_code=303)


def _form(
    request: Request, values: Values, errors: FormErrors | None = None, status: int = 200
) -> Response:
    return render(
        request,
        "venue.html",
        status,
        venue_id=values.get("venue_id") or service_of(request).world.new_id(),
        kinds=[(kind, words.VENUE_KINDS[kind]) for kind in VenueKind],
        values=values,
        errors=errors or FormErrors(),
    )
