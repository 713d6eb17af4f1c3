"""Pages for managers: what is going to be destroyed and when, and what is kept from that."""

from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from services.referral import store
from services.referral.actions import holds
from services.referral.actions.case_file import Edit
from services.referral.routes import ending_words
from services.referral.routes.case_view import look_at, noted
from services.referral.routes.cases import LIST
from services.referral.routes.once import StaffForm, once
from services.referral.store.intake import REFERRAL
from services.referral.store.standings import STANDINGS
from shared.contracts.access import Action
from shared.plumbing import audit, retention
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import FormErrors, Values, check, submitted
from shared.ui.pages import render
from shared.ui.text import Paragraph

PAGE = "/referral/retention"
SHORTEST_REASON = 10

DONE = {"clock": "You confirmed the clock. The next night goes on from here."}

Submitted = Annotated[Values, Depends(submitted)]

HOLD = [may(Action.HOLD_CASE, about="referral_id")]

router = APIRouter(include_in_schema=False)


class HoldForm(StaffForm):
    words: ClassVar[dict[str, str]] = {**StaffForm.words, "reason": "Say why"}

    reason: Annotated[str, Paragraph(500)]


@router.get(PAGE, dependencies=[may(Action.HOLD_CASE)])
async def retention_page(request: Request, session: Reading, staff: StaffMember) -> Response:
    """What is marked, when it goes, and what is held."""
    visible = STANDINGS.visible(staff, Action.HOLD_CASE, REFERRAL.c.id, now=session.now())
    marked = await store.retention.marked(session, visible)
    standing = await store.holds.standing(session, visible)
    references = await store.reach.references(session, staff, [one.referral_id for one in standing])
    seen = {referral_id for _, _, referral_id, _ in marked} | {one.referral_id for one in standing}
    doubted = await retention.is_clock_doubted(session)
    looked = [
        audit.Entry(
            verb=audit.Verb.CONSULTATION,
            purpose="retention_page",
            fields=("referral", "hold"),
            referral_id=referral_id,
        )
        for referral_id in sorted(seen) or [None]
    ]
    await audit.looked(request, *looked, session=session)
    return render(
        request,
        "retention.html",
        marked=marked,
        standing=standing,
        references=references,
        doubted=doubted,
        words=ending_words,
        done=DONE,
    )


@router.post(PAGE + "/clock", dependencies=[may(Action.HOLD_CASE)])
async def confirm_clock(session: Transaction) -> Response:
    """Somebody has looked at the clock: what is marked may go on waiting, and then go."""
    await retention.confirm_clock(session)
    return RedirectResponse(f"{PAGE}?done=clock", status_code=303)


@router.get("/referral/declined", dependencies=[may(Action.SEE_MEASURES)])
async def declined_page(request: Request, session: Reading) -> Response:
    """How many declined, by what they said of themselves: small numbers, for staff alone."""
    counted = await store.monitoring.counted(session)
    areas = {area.id: area.label for area in await store.areas.all_areas(session)}
    return render(request, "declined.html", counted=counted, areas=areas, words=ending_words)


@router.get(LIST + "/{referral_id}/hold", dependencies=HOLD)
async def hold_page(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID
) -> Response:
    """Is it held, and why was it?"""
    return await _hold(request, session, staff, referral_id)


@router.post(LIST + "/{referral_id}/hold", dependencies=HOLD)
async def place_hold(
    request: Request, session: Transaction, staff: StaffMember, values: Submitted, referral_id: UUID
) -> Response:
    """Keep it from being destroyed."""
    form, errors = _check(values)
    if form is None or errors:
        return await _hold(request, session, staff, referral_id, errors, values)
    edit = Edit(referral_id, form.version, staff.id)
    return await once(
        request,
        session,
        values,
        lambda: holds.place_hold(session, edit, form.reason),
        then=f"{LIST}/{referral_id}?done=held",
    )


@router.post(LIST + "/{referral_id}/hold/lift", dependencies=HOLD)
async def lift_hold(
    request: Request, session: Transaction, staff: StaffMember, values: Submitted, referral_id: UUID
) -> Response:
    """Let it go its usual way again."""
    form, errors = _check(values)
    if form is None or errors:
        return await _hold(request, session, staff, referral_id, errors, values)
    edit = Edit(referral_id, form.version, staff.id)
    return await once(
        request,
        session,
        values,
        lambda: holds.lift_hold(session, edit, form.reason),
        then=f"{LIST}/{referral_id}?done=no_longer_held",
    )


def _check(values: Values) -> tuple[HoldForm | None, FormErrors]:
    form, errors = check(HoldForm, values)
    if form is not None and len(form.reason) < SHORTEST_REASON:
        errors.add("reason", f"Say why in {SHORTEST_REASON} letters or more")
    return form, errors


async def _hold(
    request: Request,
    session: Session,
    staff: Staff,
    referral_id: UUID,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    view = await look_at(session, referral_id, staff)
    known = await store.holds.of_referral(session, referral_id)
    await noted(request, session, view, "hold_page")
    return render(
        request,
        "hold.html",
        view=view,
        holds=known,
        once=service_of(request).world.new_id(),
        errors=errors or FormErrors(),
        values=values or {},
    )
