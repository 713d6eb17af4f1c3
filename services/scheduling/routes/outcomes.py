"""Recording what became of a meeting: was it held, and who took part."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from services.scheduling import actions
from services.scheduling.domain.meetings import Meeting, Step, state_after
from services.scheduling.domain.refusals import CannotRecord, NotYet
from services.scheduling.routes import words
from services.scheduling.routes.forms import USED_OUT, Submitted, refused
from services.scheduling.routes.looks import note_meeting
from services.scheduling.routes.names import Names, names_of
from services.scheduling.routes.sessions import find_meeting, show_session
from shared.contracts.access import Action
from shared.contracts.refusal import Refusal
from shared.contracts.scheduling import Attended
from shared.contracts.words import Attendance, NotHeldReason
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import Form, FormErrors, Values, check
from shared.ui.pages import render

router = APIRouter()
log = structlog.get_logger()


class OutcomeForm(Form):
    """Whether it was held; who took part is one question for each person."""

    words: ClassVar[dict[str, str]] = {
        "version": USED_OUT,
        "held": "Choose whether the meeting was held",
        "reason": "Choose why it was not held",
    }

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    held: Literal["yes", "no"]
    reason: NotHeldReason | None = None
    attendance: tuple[Attended, ...] = ()


@router.get(
    "/sessions/{session_id}/outcome", dependencies=[may(Action.RECORD_OUTCOME, about="session_id")]
)
async def ask_what_happened(request: Request, session_id: UUID, staff: StaffMember) -> Response:
    """Was this meeting held?"""
    meeting = await find_meeting(service_of(request), session_id)
    state_after(meeting, Step.COMPLETE, meeting.version)
    if not meeting.has_started(service_of(request).world.now()):
        raise NotYet
    return await _form(request, staff, meeting, {"version": str(meeting.version)})


@router.post(
    "/sessions/{session_id}/outcome", dependencies=[may(Action.RECORD_OUTCOME, about="session_id")]
)
async def record(
    request: Request,
    session_id: UUID,
    staff: StaffMember,
    values: Submitted,
    session: Transaction,
) -> Response:
    """Record it, once; the same answer sent again is harmless."""
    meeting = await find_meeting(service_of(request), session_id)
    form, errors = _read(values, meeting)
    if form is None:
        return await _form(request, staff, meeting, values, errors)
    try:
        await _record(session, session_id, form, staff)
    except CannotRecord as refusal:
        await session.rollback()
        return await _form(request, staff, meeting, values, refused(refusal))
    except Refusal as refusal:
        await session.rollback()
        return await show_session(request, staff, session_id, refusal)
    log.info("outcome_recorded", session_id=str(session_id), held=form.held)
    done = "held" if form.held == "yes" else "not_held"
    return RedirectResponse(f"/scheduling/sessions/{session_id}?done={done}", status_code=303)


async def _record(session: Session, session_id: UUID, form: OutcomeForm, staff: Staff) -> None:
    if form.reason is not None:
        await actions.outcomes.miss(
            session, session_id, form.reason, seen=form.version, by=staff.id
        )
    else:
        await actions.outcomes.complete(
            session, session_id, form.attendance, seen=form.version, by=staff.id
        )


def _read(values: Values, meeting: Meeting) -> tuple[OutcomeForm | None, FormErrors]:
    """The outcome; answers that belong to the other choice are left aside."""
    answers: Values = {key: values[key] for key in ("version", "held") if key in values}
    if values.get("held") == "no":
        answers["reason"] = values.get("reason", "")
    form, errors = check(OutcomeForm, answers)
    if values.get("held") == "no" and not answers["reason"]:
        errors.add("reason", OutcomeForm.words["reason"])
    attendance = []
    for person_id in meeting.participant_ids if values.get("held") == "yes" else ():
        field = f"attendance_{person_id}"
        try:
            attendance.append(
                Attended(person_id=person_id, attendance=Attendance(str(values.get(field))))
            )
        except ValueError:
            errors.add(field, "Choose how each person took part")
    if form is None or errors:
        return None, errors
    return form.model_copy(update={"attendance": tuple(attendance)}), errors


async def _form(
    request: Request,
    staff: Staff,
    meeting: Meeting,
    values: Values,
    errors: FormErrors | None = None,
) -> Response:
    names = await names_of(service_of(request), staff, meeting.participant_ids)
    await note_meeting(request, "outcome_form", meeting)
    return render(
        request,
        "outcome.html",
        meeting=meeting,
        kind=words.KINDS[meeting.kind],
        version=values.get("version", ""),
        people=_people(meeting, names),
        attendances=list(words.ATTENDANCES.items()),
        reasons=list(words.NOT_HELD_REASONS.items()),
        names=names,
        values=values,
        errors=errors or FormErrors(),
    )


def _people(meeting: Meeting, names: Names) -> list[tuple[str, str]]:
    return [
        (f"attendance_{person_id}", names.of(person_id)) for person_id in meeting.participant_ids
    ]
