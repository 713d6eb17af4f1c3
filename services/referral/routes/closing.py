"""Closing a case, and asking somebody what they want to say of themselves."""

from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions import closing, monitoring
from services.referral.actions.case_file import Edit
from services.referral.domain.monitoring import AgeBand, Answers, Ethnicity, Gender
from services.referral.routes import ending_words
from services.referral.routes.case_people import CHANGE_PERSON, one_of
from services.referral.routes.case_view import look_at, noted, shown
from services.referral.routes.cases import DECIDE, LIST
from services.referral.routes.once import StaffForm, once
from shared.contracts.lifecycle import ClosureCode
from shared.plumbing.database import Session
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import FormErrors, Values, check, submitted
from shared.ui.pages import render

Submitted = Annotated[Values, Depends(submitted)]

router = APIRouter(prefix=LIST + "/{referral_id}", include_in_schema=False)


class CloseForm(StaffForm):
    words: ClassVar[dict[str, str]] = {**StaffForm.words, "outcome": "Choose why it ends"}

    outcome: ClosureCode


class MonitoringForm(StaffForm):
    words: ClassVar[dict[str, str]] = {
        **StaffForm.words,
        "age_band": "Choose an age band, or that it was not asked",
        "gender": "Choose a gender, or that it was not asked",
        "ethnicity": "Choose an ethnic group, or that it was not asked",
    }

    age_band: AgeBand
    gender: Gender
    ethnicity: Ethnicity


@router.get("/close", dependencies=DECIDE)
async def close_page(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID
) -> Response:
    """Why does the work end?"""
    return await _close(request, session, staff, referral_id)


@router.post("/close", dependencies=DECIDE)
async def close(
    request: Request, session: Transaction, staff: StaffMember, values: Submitted, referral_id: UUID
) -> Response:
    """End the work on the case."""
    form, errors = check(CloseForm, values)
    if form is None:
        return await _close(request, session, staff, referral_id, errors, values)
    edit = Edit(referral_id, form.version, staff.id)
    return await once(
        request,
        session,
        values,
        lambda: closing.close_case(session, edit, form.outcome),
        then=f"{LIST}/{referral_id}?done=closed",
    )


@router.get("/people/{person_id}/monitoring", dependencies=CHANGE_PERSON)
async def monitoring_page(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID, person_id: UUID
) -> Response:
    """What do they want to say of themselves?"""
    return await _monitoring(request, session, staff, referral_id, person_id)


@router.post("/people/{person_id}/monitoring", dependencies=CHANGE_PERSON)
async def record_monitoring(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    referral_id: UUID,
    person_id: UUID,
) -> Response:
    """Keep what they said."""
    form, errors = check(MonitoringForm, values)
    if form is None:
        return await _monitoring(request, session, staff, referral_id, person_id, errors, values)
    edit = Edit(referral_id, form.version, staff.id)
    answers = Answers(form.age_band, form.gender, form.ethnicity)
    return await once(
        request,
        session,
        values,
        lambda: monitoring.record_answers(session, edit, person_id, answers),
        then=f"{LIST}/{referral_id}?done=monitoring",
    )


async def _close(
    request: Request,
    session: Session,
    staff: Staff,
    referral_id: UUID,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    return render(
        request,
        "close.html",
        view=await shown(request, session, staff, referral_id, "close_page"),
        once=service_of(request).world.new_id(),
        outcomes=ending_words.ENDED.items(),
        errors=errors or FormErrors(),
        values=values or {},
    )


async def _monitoring(
    request: Request,
    session: Session,
    staff: Staff,
    referral_id: UUID,
    person_id: UUID,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    view = await look_at(session, referral_id, staff)
    person = one_of(view.people, person_id)
    known = await store.monitoring.find(session, person_id)
    await noted(request, session, view, "monitoring_page")
    return render(
        request,
        "monitoring.html",
        view=view,
        person=person,
        once=service_of(request).world.new_id(),
        words=ending_words,
        errors=errors or FormErrors(),
        values=values or {name: str(value) for name, value in vars(known).items()},
    )
