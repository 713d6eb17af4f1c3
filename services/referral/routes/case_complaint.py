"""A complaint by somebody in a case: they are known, and what they say is sealed with their key."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions import case_file, complaints
from services.referral.actions.complaints import Told
from services.referral.routes.cases import LIST
from services.referral.routes.complaints import COMPLAINTS, ComplaintForm, show_form
from services.referral.routes.once import once
from shared.contracts.access import Action
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import Values, check, submitted
from shared.ui.london import local
from shared.ui.when import read_day

Submitted = Annotated[Values, Depends(submitted)]

router = APIRouter(
    prefix=LIST + "/{referral_id}/people/{person_id}/complaint",
    dependencies=[may(Action.HANDLE_COMPLAINT, about="person_id")],
    include_in_schema=False,
)


@router.get("")
async def complaint_form(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID, person_id: UUID
) -> Response:
    """What do they complain of?"""
    name = await _called(session, staff, referral_id, person_id)
    return await show_form(request, session, staff, name=name, known=True)


@router.post("")
async def record(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    referral_id: UUID,
    person_id: UUID,
) -> Response:
    """Take the complaint in."""
    name = await _called(session, staff, referral_id, person_id)
    form, errors = check(ComplaintForm, values)
    today = local(session.now()).date()
    came_on = read_day(values, "came", errors)
    if came_on is not None and came_on > today:
        errors.add("came", "The day on which it came cannot lie ahead")
    if form is None or came_on is None or errors:
        return await show_form(
            request, session, staff, name=name, known=True, errors=errors, values=values
        )
    told = Told(
        came_on,
        form.how,
        form.said,
        person_id=person_id,
        about_id=form.about_id,
        referral_id=referral_id,
    )
    return await once(
        request,
        session,
        values,
        lambda: complaints.record_complaint(session, told, today),
        then=f"{COMPLAINTS}?done=recorded",
    )


async def _called(session: Session, staff: Staff, referral_id: UUID, person_id: UUID) -> str | None:
    """Their name, for whoever may know it. Raises NotThere for somebody who is not in the case."""
    file = await case_file.read(session, referral_id)
    person = await case_file.person_in(session, file, person_id)
    may_know = await store.reach.people(session, staff, [person_id])
    return person.name if person_id in may_know else None
