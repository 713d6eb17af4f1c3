"""A case is looked through for what it still says of somebody who was erased."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions import case_file, rights
from services.referral.routes.once import once
from services.referral.routes.rights import CASES, REQUESTS, decider
from shared.contracts.access import Action
from shared.plumbing import audit
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import StaffMember
from shared.ui.forms import Form, FormErrors, Values, check, submitted
from shared.ui.pages import render

Submitted = Annotated[Values, Depends(submitted)]

router = APIRouter(
    prefix=CASES + "/{referral_id}/redaction",
    dependencies=[may(Action.NOTE_RIGHT, about="referral_id")],
    include_in_schema=False,
)


class DoneForm(Form):
    once: UUID


@router.get("")
async def redaction_page(request: Request, session: Reading, referral_id: UUID) -> Response:
    """What is to be looked at."""
    return await _page(request, session, referral_id)


@router.post("")
async def finish(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    referral_id: UUID,
) -> Response:
    """Note that it was looked through."""
    form, errors = check(DoneForm, values)
    if form is None:
        return await _page(request, session, referral_id, errors)
    return await once(
        request,
        session,
        values,
        lambda: rights.finish_redaction(session, referral_id, decider(request, session, staff)),
        then=f"{REQUESTS}?done=redacted",
    )


async def _page(
    request: Request, session: Session, referral_id: UUID, errors: FormErrors | None = None
) -> Response:
    file = await case_file.read(session, referral_id)
    people = len(await store.redactions.of_case(session, referral_id))
    seen = audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose="redaction_page",
        fields=("referral",),
        referral_id=referral_id,
    )
    await audit.looked(request, seen, session=session)
    return render(
        request,
        "redaction.html",
        referral=file.referral,
        people=people,
        once=service_of(request).world.new_id(),
        errors=errors or FormErrors(),
    )
