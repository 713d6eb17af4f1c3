"""One meeting as it stands, and calling it off."""

from collections.abc import Iterator
from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.scheduling import actions, store
from services.scheduling.domain.meetings import Meeting, State, Step, state_after
from services.scheduling.domain.refusals import AlreadyStarted, NotKnown
from services.scheduling.routes import words
from services.scheduling.routes.booking import venue_hint
from services.scheduling.routes.forms import CancelForm, Submitted, refused
from services.scheduling.routes.looks import note_meeting
from services.scheduling.routes.names import Names, names_of
from services.scheduling.routes.shown import leading, people_of, show
from shared.contracts.access import Action
from shared.contracts.refusal import Refusal
from shared.plumbing.gates import may
from shared.plumbing.service import Service, Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import FormErrors, Values, check
from shared.ui.pages import render

router = APIRouter()
log = structlog.get_logger()

DONE = {
    "booked": "The meeting is booked. The people invited are told in the way that is safe for them",
    "moved": "The meeting is moved. The people invited are told in the way that is safe for them",
    "cancelled": "The meeting is cancelled. Whoever had been told of it is told",
    "held": "You recorded that the meeting was held",
    "not_held": "You recorded that the meeting was not held",
}


@router.get("/sessions/{session_id}", dependencies=[may(Action.SEE_PLAN, about="session_id")])
async def session_page(request: Request, session_id: UUID, staff: StaffMember) -> Response:
    """The meeting, and what can be done with it now."""
    return await show_session(request, staff, session_id)


@router.get(
    "/sessions/{session_id}/cancel", dependencies=[may(Action.CHANGE_PLAN, about="session_id")]
)
async def ask_why(request: Request, session_id: UUID, staff: StaffMember) -> Response:
    """Why is it called off?"""
    meeting = await find_meeting(service_of(request), session_id)
    state_after(meeting, Step.CANCEL, meeting.version)
    if meeting.has_started(service_of(request).world.now()):
        raise AlreadyStarted
    return await _cancel_form(request, meeting, {"version": str(meeting.version)}, FormErrors())


@router.post(
    "/sessions/{session_id}/cancel", dependencies=[may(Action.CHANGE_PLAN, about="session_id")]
)
async def cancel(
    request: Request,
    session_id: UUID,
    staff: StaffMember,
    values: Submitted,
    session: Transaction,
) -> Response:
    """Call the meeting off."""
    form, errors = check(CancelForm, values)
    if form is None:
        meeting = await find_meeting(service_of(request), session_id)
        return await _cancel_form(request, meeting, values, errors)
    try:
        await actions.outcomes.cancel(
            session, session_id, form.reason, seen=form.version, by=staff.id
        )
    except NotKnown:
        raise
    except Refusal as refusal:
        await session.rollback()
        return await show_session(request, staff, session_id, refusal)
    log.info("meeting_cancelled", session_id=str(session_id))
    return RedirectResponse(f"/scheduling/sessions/{session_id}?done=cancelled", status_code=303)


async def find_meeting(service: Service, session_id: UUID) -> Meeting:
    """The meeting as it stands. Raises NotKnown."""
    async with service.database.reading() as session:
        meeting = await store.meetings.find(session, session_id)
    if meeting is None:
        raise NotKnown("meeting")
    return meeting


async def show_session(
    request: Request, staff: Staff, session_id: UUID, refusal: Refusal | None = None
) -> Response:
    """The page of a meeting; with a refusal on top when something could not be done with it."""
    service = service_of(request)
    now = service.world.now()
    async with service.database.reading() as session:
        meeting = await store.meetings.find(session, session_id)
        if meeting is None:
            raise NotKnown("meeting")
        venue = await store.venues.find(session, meeting.venue_id)
        can_lead = await leading(session, [meeting])
        case = await store.cases.find(session, meeting.case_id)
    deciders = {meeting.booked_by, meeting.ended_by or meeting.booked_by}
    people = people_of([meeting]) | deciders
    names = await names_of(service, staff, people, [case] if case else [])
    await note_meeting(request, "meeting_page", meeting)
    venues = {venue.id: venue} if venue else {}
    return render(
        request,
        "session.html",
        refusal.status if refusal else 200,
        shown=show(meeting, venues, can_lead, names),
        venue_hint=venue_hint(venue) if venue else "",
        attendance=[
            (names.of(one.person_id), words.ATTENDANCES[one.attendance])
            for one in meeting.attendance
        ],
        history=list(_history(meeting, names)),
        is_booked=meeting.state is State.SCHEDULED,
        has_started=meeting.has_started(now),
        is_overdue=meeting.is_overdue(now),
        reference=names.of_case(case) if case else words.short(meeting.case_id),
        names=names,
        done=DONE,
        errors=refused(refusal) if refusal else FormErrors(),
    )


def _history(meeting: Meeting, names: Names) -> Iterator[dict[str, object]]:
    """What was done with the meeting, newest first; never whose decision a cancellation was."""
    if meeting.ended_at is not None:
        state, _ = words.STATES[meeting.state]
        by = f" by {names.of(meeting.ended_by, 'Staff')}" if meeting.ended_by else ""
        yield {"at": meeting.ended_at, "text": f"{state}{_recorded(meeting)}{by}"}
    by = names.of(meeting.booked_by, "Staff")
    yield {"at": meeting.booked_at, "text": f"Booked by {by}"}


def _recorded(meeting: Meeting) -> str:
    return ", recorded" if meeting.state in {State.COMPLETED, State.MISSED} else ""


async def _cancel_form(
    request: Request, meeting: Meeting, values: Values, errors: FormErrors
) -> Response:
    await note_meeting(request, "cancelling_form", meeting)
    return render(
        request,
        "cancel.html",
        meeting=meeting,
        kind=words.KINDS[meeting.kind],
        version=values.get("version", ""),
        reasons=list(words.CANCEL_REASONS.items()),
        values=values,
        errors=errors,
    )
