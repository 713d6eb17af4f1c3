"""The coordinator's list and the case page: accept, or decline with a reason."""

from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions import triage
from services.referral.actions.case_file import Edit
from services.referral.routes import wording
from services.referral.routes.case_view import shown
from services.referral.routes.once import StaffForm, once
from services.referral.store.intake import Listed, Tab
from shared.contracts.access import Action, may_ever
from shared.contracts.words import DeclineReason
from shared.plumbing import audit
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import FormErrors, Values, check, submitted
from shared.ui.pages import render
from shared.ui.paging import paged

LIST = "/referral/cases"
ON_A_PAGE = 25
LAST_PAGE = 100_000
LATELY = timedelta(days=3)

DONE = {
    "accepted": "You accepted the referral. It now waits to be planned.",
    "declined": "You declined the referral.",
    "party_added": "You added the other party.",
    "contact_changed": "You changed how to reach them. The next message goes by it.",
    "complaint": "You recorded the complaint.",
    "agree": "You recorded the agreement to a joint meeting.",
    "withdraw": "You recorded that they no longer agree. Joint meetings with them are stopped.",
    "no_contact": "Nothing more is sent to them, and no meeting with them goes ahead.",
    "contact_again": "They can be contacted again.",
    "allocated": "You put the facilitator on the case.",
    "released": "The facilitator no longer works on the case, and cannot see it any more.",
    "kept": "This is kept from your colleague from now on.",
    "erased": "What was kept of this person was erased for good.",
    "no_longer_kept": "This is no longer kept from your colleague.",
    "decline": "You recorded that they do not want to take part.",
    "after_all": "You recorded that they want to take part after all.",
    "closed": "You closed the case.",
    "held": "Nothing of this is destroyed until the hold is lifted.",
    "no_longer_held": "You lifted the hold. This is kept for its usual period again.",
    "monitoring": "You recorded what they said of themselves.",
}

Submitted = Annotated[Values, Depends(submitted)]
PageNumber = Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)]

SEE = [may(Action.SEE_CASE, about="referral_id")]
DECIDE = [may(Action.DECIDE_REFERRAL, about="referral_id")]

router = APIRouter(prefix=LIST, include_in_schema=False)


class AcceptForm(StaffForm):
    """Nothing but the button."""


class DeclineForm(StaffForm):
    words: ClassVar[dict[str, str]] = {**StaffForm.words, "reason": "Choose the reason"}

    reason: DeclineReason


@router.get("", dependencies=[may(Action.SEE_CASE)])
async def cases(
    request: Request,
    session: Reading,
    staff: StaffMember,
    tab: Tab = Tab.WAITING,
    number: PageNumber = 1,
) -> Response:
    """Who waits, what is open, what is closed."""
    listed, more = await store.intake.page(
        session, tab, number, ON_A_PAGE, store.reach.referrals(staff, session.now())
    )
    areas = {area.id: area.label for area in await store.areas.all_areas(session)}
    opened = await _opened_lately(session, staff)
    await audit.looked(request, *map(_seen, listed), session=session)
    return render(
        request,
        "cases.html",
        listed=listed,
        areas=areas,
        opened=opened,
        tab=tab,
        tabs=wording.TAB,
        may_hold=may_ever(staff.roles, Action.HOLD_CASE),
        page=paged(request, number, more=more, label="Pages of this list"),
        words=wording,
    )


@router.get("/{referral_id}", dependencies=SEE)
async def case_page(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID
) -> Response:
    """One referral, its people and what has happened."""
    return await _case(request, session, staff, referral_id)


@router.post("/{referral_id}/accept", dependencies=DECIDE)
async def accept(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    referral_id: UUID,
) -> Response:
    """Take the referral on."""
    form, errors = check(AcceptForm, values)
    if form is None:
        return await _case(request, session, staff, referral_id, errors)
    return await once(
        request,
        session,
        values,
        lambda: triage.accept_referral(session, Edit(referral_id, form.version, staff.id)),
        then=f"{LIST}/{referral_id}?done=accepted",
    )


@router.get("/{referral_id}/decline", dependencies=DECIDE)
async def decline_page(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID
) -> Response:
    """Why does it go no further?"""
    return await _decline(request, session, staff, referral_id)


@router.post("/{referral_id}/decline", dependencies=DECIDE)
async def decline(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    referral_id: UUID,
) -> Response:
    """End the referral with a reason."""
    form, errors = check(DeclineForm, values)
    if form is None:
        return await _decline(request, session, staff, referral_id, errors=errors, values=values)
    return await once(
        request,
        session,
        values,
        lambda: triage.decline_referral(
            session, Edit(referral_id, form.version, staff.id), form.reason
        ),
        then=f"{LIST}/{referral_id}?done=declined",
    )


async def _opened_lately(session: Session, staff: Staff) -> list[tuple[UUID, str, datetime]]:
    """What colleagues opened in an emergency, for those who answer for these cases."""
    now = session.now()
    theirs = store.reach.referrals(staff, now, Action.DECIDE_REFERRAL)
    return await store.break_glass.opened_since(session, theirs, now - LATELY, ON_A_PAGE)


def _seen(listed: Listed) -> audit.Entry:
    return audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose="referral_list",
        fields=("name", "referral"),
        person_id=listed.referral.person_id,
        referral_id=listed.referral.id,
    )


async def _case(
    request: Request,
    session: Session,
    staff: Staff,
    referral_id: UUID,
    errors: FormErrors | None = None,
) -> Response:
    return render(
        request,
        "case.html",
        view=await shown(request, session, staff, referral_id, "case_page"),
        once=service_of(request).world.new_id(),
        errors=errors or FormErrors(),
        corrected=wording.CORRECTED,
        done=DONE,
    )


async def _decline(
    request: Request,
    session: Session,
    staff: Staff,
    referral_id: UUID,
    *,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    return render(
        request,
        "decline.html",
        view=await shown(request, session, staff, referral_id, "decline_page"),
        once=service_of(request).world.new_id(),
        reasons=wording.DECLINE.items(),
        errors=errors or FormErrors(),
        values=values or {},
    )
