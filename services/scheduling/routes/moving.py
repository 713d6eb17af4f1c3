"""Moving a meeting: its successor takes its place, and the old one stays to be seen."""

from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.scheduling import actions, store
from services.scheduling.actions.booking import Move
from services.scheduling.domain.meetings import Meeting, Step, state_after
from services.scheduling.domain.refusals import (
    AlreadyEnded,
    AlreadyStarted,
    FormAlreadyUsed,
    PageIsStale,
)
from services.scheduling.routes import words
from services.scheduling.routes.asking import ask_for_grant
from services.scheduling.routes.booking import (
    facilitator_choices,
    length_choices,
    venue_choices,
)
from services.scheduling.routes.forms import (
    MoveForm,
    Submitted,
    as_booked,
    in_order,
    read_proposal,
    refused,
)
from services.scheduling.routes.looks import note_meeting
from services.scheduling.routes.names import names_of
from services.scheduling.routes.sessions import find_meeting, show_session
from shared.contracts.access import Action
from shared.contracts.refusal import Refusal
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Service, Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import FormErrors, Values, check
from shared.ui.pages import render

router = APIRouter()
log = structlog.get_logger()


@router.get(
    "/sessions/{session_id}/move", dependencies=[may(Action.CHANGE_PLAN, about="session_id")]
)
async def ask_where_to(request: Request, session_id: UUID, staff: StaffMember) -> Response:
    """The form, filled in with how the meeting is booked now."""
    meeting = await find_meeting(service_of(request), session_id)
    state_after(meeting, Step.MOVE, meeting.version)
    if meeting.has_started(service_of(request).world.now()):
        raise AlreadyStarted
    values = {**as_booked(meeting), "version": str(meeting.version)}
    return await _form(request, staff, meeting, values)


@router.post(
    "/sessions/{session_id}/move", dependencies=[may(Action.CHANGE_PLAN, about="session_id")]
)
async def move(
    request: Request,
    session_id: UUID,
    staff: StaffMember,
    values: Submitted,
    session: Transaction,
) -> Response:
    """Ask anew whether the meeting may be held, then move it; the form again when it cannot be."""
    meeting = await find_meeting(service_of(request), session_id)
    same_people = {**values, "participants": [str(one) for one in meeting.participant_ids]}
    to, errors = read_proposal(same_people, meeting.case_id, meeting.kind)
    form, more = check(MoveForm, values)
    if to is None or form is None:
        return await _form(request, staff, meeting, values, in_order([*errors, *more]))
    wanted = Move(meeting_id=session_id, seen=form.version, to=to, reason=form.reason)
    try:
        successor = await _move(service_of(request), session, wanted, staff)
    except (AlreadyEnded, AlreadyStarted, PageIsStale) as refusal:
        await session.rollback()
        return await show_session(request, staff, session_id, refusal)
    except Refusal as refusal:
        await session.rollback()
        used = to.meeting_id if isinstance(refusal, FormAlreadyUsed) else None
        return await _form(request, staff, meeting, values, refused(refusal), refusal.status, used)
    log.info("meeting_moved", session_id=str(session_id), successor_id=str(successor.id))
    return RedirectResponse(f"/scheduling/sessions/{successor.id}?done=moved", status_code=303)


async def _move(service: Service, session: Session, wanted: Move, staff: Staff) -> Meeting:
    async with service.database.reading() as looking:
        repeated = await actions.booking.check_move(looking, wanted)
    if repeated is not None:
        return repeated
    # The transaction begins with its first statement, so nothing is held while we wait here.
    grant = await ask_for_grant(service, wanted.to)
    return await actions.booking.move(session, wanted, grant, staff.id)


async def _form(
    request: Request,
    staff: Staff,
    meeting: Meeting,
    values: Values,
    errors: FormErrors | None = None,
    status: int = 200,
    used: UUID | None = None,
) -> Response:
    service = service_of(request)
    async with service.database.reading() as session:
        venues = await store.venues.in_use(session)
        matter_id = await store.standings.matter_of_meeting(session, meeting.id)
        facilitators = await store.people.may_facilitate(session, matter_id)
    names = await names_of(service, staff, [*facilitators, *meeting.participant_ids])
    await note_meeting(request, "moving_form", meeting)
    return render(
        request,
        "move.html",
        status,
        meeting=meeting,
        meeting_id=used or service.world.new_id(),
        version=values.get("version", ""),
        kind=words.KINDS[meeting.kind],
        participants=", ".join(names.of(one) for one in meeting.participant_ids),
        venues=venue_choices(venues, meeting.kind),
        facilitators=facilitator_choices(facilitators, names),
        lengths=length_choices(),
        reasons=[(code, text) for code, text in words.MOVE_REASONS.items()],
        names=names,
        values=values,
        errors=errors or FormErrors(),
    )
