"""A partner officer refers somebody, and sees where their own referrals stand: no more than that.

The pages show a reference, days and a neutral word: no name, no reason, nobody else who is in it.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions.intake import receive_referral
from services.referral.domain.intake import Status, reference_for
from services.referral.routes import wording
from services.referral.routes.contact_answers import clock_choices
from services.referral.routes.once import once
from services.referral.routes.partner_form import (
    HEARD,
    REPORTED,
    SOURCES,
    read,
)
from services.referral.routes.secret import reference_key
from services.referral.store.referred import Process
from shared.contracts.access import Action
from shared.plumbing import audit
from shared.plumbing.database import Session
from shared.plumbing.gates import NOT_THERE, may
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import StaffMember
from shared.ui.forms import FormErrors, Values, submitted
from shared.ui.pages import render
from shared.ui.paging import paged

Submitted = Annotated[Values, Depends(submitted)]

PARTNER = "/referral/partner"
ON_A_PAGE = 25
LAST_PAGE = 100_000
PageNumber = Annotated[int, Query(alias="page", ge=1, le=LAST_PAGE)]

DONE = {"referred": "We have got the referral. This is its reference."}

STANDS: dict[Status, str] = {
    Status.WAITING: "Waiting",
    Status.ACCEPTED: "Taken on",
    Status.DECLINED: "Not taken on",
    Status.CLOSED: "Closed",
}

router = APIRouter(prefix=PARTNER, include_in_schema=False)


@router.get("", dependencies=[may(Action.SEE_PROCESS)])
async def referrals(
    request: Request, session: Reading, staff: StaffMember, number: PageNumber = 1
) -> Response:
    """Whom they referred: by reference alone, and where each stands."""
    own = store.reach.referrals(staff, session.now(), Action.SEE_PROCESS)
    listed, more = await store.referred.page(session, number, ON_A_PAGE, own)
    seen = (_seen(one, "partner_list") for one in listed)
    await audit.looked(request, *seen, session=session)
    return render(
        request,
        "partner/list.html",
        rows=[(one, *_stands(one)) for one in listed],
        here=PARTNER,
        page=paged(request, number, more=more, label="Pages of this list"),
    )


@router.get("/refer", dependencies=[may(Action.MAKE_REFERRAL)])
async def refer_page(request: Request, session: Reading) -> Response:
    """Whom do they refer, and how may they safely be reached?"""
    return await _form(request, session)


@router.post("/refer", dependencies=[may(Action.MAKE_REFERRAL)])
async def refer(
    request: Request, session: Transaction, staff: StaffMember, values: Submitted
) -> Response:
    """Take the referral in, in their name."""
    asked, errors = read(values, await store.areas.all_areas(session))
    if asked is None:
        return await _form(request, session, errors, values)
    referral_id = session.new_id()
    reference = reference_for(referral_id, reference_key(service_of(request).settings))
    return await once(
        request,
        session,
        values,
        lambda: receive_referral(
            session,
            asked.request,
            asked.who,
            referral_id=referral_id,
            reference=reference,
            referred_by=staff.id,
        ),
        # It names the matter, so that erasing who is in it takes the remembered form as well.
        then=f"{PARTNER}/{referral_id}?done=referred",
    )


@router.get("/{referral_id}", dependencies=[may(Action.SEE_PROCESS, about="referral_id")])
async def referral(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID
) -> Response:
    """Where one of them stands."""
    own = store.reach.referrals(staff, session.now(), Action.SEE_PROCESS)
    found = await store.referred.find(session, referral_id, own)
    if found is None:  # gone since the gate looked
        raise HTTPException(404, NOT_THERE)
    await audit.looked(request, _seen(found, "partner_page"), session=session)
    stands, since = _stands(found)
    return render(
        request,
        "partner/one.html",
        one=found,
        stands=stands,
        since=since,
        here=PARTNER,
        done=DONE,
    )


def _stands(one: Process) -> tuple[str, datetime | None]:
    """A neutral word, and since when."""
    return STANDS[one.status], one.since


def _seen(one: Process, purpose: str) -> audit.Entry:
    return audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose=purpose,
        fields=("status",),
        person_id=one.person_id,
        referral_id=one.id,
    )


async def _form(
    request: Request,
    session: Session,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    values = values or {}
    areas = await store.areas.all_areas(session)
    return render(
        request,
        "partner/refer.html",
        sources=SOURCES.items(),
        areas=[(str(area.id), area.label) for area in areas],
        reported=REPORTED.items(),
        heard=HEARD.items(),
        clocks=clock_choices(values.get("opens"), values.get("closes")),
        words=wording,
        here=PARTNER,
        once=service_of(request).world.new_id(),
        errors=errors or FormErrors(),
        values=values,
    )
