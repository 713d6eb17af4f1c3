"""Who works on a case, and which colleagues it is kept from."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions import standings
from services.referral.actions.case_file import Edit
from services.referral.domain.standings import ON_IT
from services.referral.routes.case_view import CaseView, look_at, noted
from services.referral.routes.cases import LIST
from services.referral.routes.once import StaffForm, once
from services.referral.store.standings import STANDINGS
from shared.contracts.access import Action, Relation
from shared.contracts.words import Role
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import FormErrors, Values, check, submitted
from shared.ui.pages import render

Submitted = Annotated[Values, Depends(submitted)]
ALL_OF_THEM: Literal["all"] = "all"

router = APIRouter(prefix=LIST + "/{referral_id}", include_in_schema=False)


class AllocateForm(StaffForm):
    words: ClassVar[dict[str, str]] = {
        **StaffForm.words,
        "facilitator": "Choose the facilitator",
        "party": "Choose whom they work with",
    }

    facilitator: UUID
    party: UUID | Literal["all"]


class ColleagueForm(StaffForm):
    words: ClassVar[dict[str, str]] = {**StaffForm.words, "colleague": "Choose the colleague"}

    colleague: UUID


class ButtonForm(StaffForm):
    """Nothing but the button."""


@router.get("/colleagues", dependencies=[may(Action.RAISE_WALL, about="referral_id")])
async def colleagues_page(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID
) -> Response:
    """Who works on it, and whom it is kept from."""
    return await _page(request, session, staff, referral_id)


@router.post("/colleagues", dependencies=[may(Action.ALLOCATE, about="referral_id")])
async def allocate(
    request: Request, session: Transaction, staff: StaffMember, values: Submitted, referral_id: UUID
) -> Response:
    """Put a facilitator on the case."""
    form, errors = check(AllocateForm, values)
    if form is None:
        return await _page(request, session, staff, referral_id, errors, values)
    party_id = None if form.party == ALL_OF_THEM else form.party
    edit = Edit(referral_id, form.version, staff.id)
    return await once(
        request,
        session,
        values,
        lambda: standings.allocate(session, edit, form.facilitator, party_id),
        then=f"{LIST}/{referral_id}?done=allocated",
    )


@router.post(
    "/colleagues/{colleague_id}/release", dependencies=[may(Action.ALLOCATE, about="referral_id")]
)
async def release(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    referral_id: UUID,
    colleague_id: UUID,
) -> Response:
    """Take a facilitator off the case."""
    form, errors = check(ButtonForm, values)
    if form is None:
        return await _page(request, session, staff, referral_id, errors)
    edit = Edit(referral_id, form.version, staff.id)
    return await once(
        request,
        session,
        values,
        lambda: standings.release(session, edit, colleague_id),
        then=f"{LIST}/{referral_id}?done=released",
    )


@router.post("/walls", dependencies=[may(Action.RAISE_WALL, about="referral_id")])
async def raise_wall(
    request: Request, session: Transaction, staff: StaffMember, values: Submitted, referral_id: UUID
) -> Response:
    """Keep the matter from a colleague."""
    form, errors = check(ColleagueForm, values)
    if form is None:
        return await _page(request, session, staff, referral_id, errors, values)
    edit = Edit(referral_id, form.version, staff.id)
    there = f"/{referral_id}" if form.colleague != staff.id else ""  # for them it is gone
    return await once(
        request,
        session,
        values,
        lambda: standings.declare_conflict(session, edit, form.colleague),
        then=f"{LIST}{there}?done=kept",
    )


@router.post(
    "/walls/{colleague_id}/lower", dependencies=[may(Action.LOWER_WALL, about="referral_id")]
)
async def lower_wall(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    referral_id: UUID,
    colleague_id: UUID,
) -> Response:
    """Let a colleague know of the matter again."""
    form, errors = check(ButtonForm, values)
    if form is None:
        return await _page(request, session, staff, referral_id, errors)
    edit = Edit(referral_id, form.version, staff.id)
    return await once(
        request,
        session,
        values,
        lambda: standings.lift_conflict(session, edit, colleague_id),
        then=f"{LIST}/{referral_id}?done=no_longer_kept",
    )


async def _page(
    request: Request,
    session: Session,
    staff: Staff,
    referral_id: UUID,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    view = await look_at(session, referral_id, staff)
    known = [one for one in await store.staff.colleagues(session) if one.roles]
    held = await STANDINGS.holding(session, referral_id)
    on_it = {one.person_id: one.party_id for one in held if one.relation in ON_IT}
    kept = {one.person_id for one in held if one.relation is Relation.CONFLICT}
    facilitators = [one.person_id for one in known if Role.FACILITATOR in one.roles]
    free = [one for one in facilitators if one not in on_it and one not in kept]
    near = _near(view, staff, [one.person_id for one in known], kept)
    names = await store.people.known(session, {*facilitators, *near, *on_it, *kept})
    await noted(request, session, view, "colleagues_page")
    return render(
        request,
        "colleagues.html",
        view=view,
        on_it=[(one, names[one].name, _for_whom(view, on_it[one])) for one in on_it],
        kept=[(one, names[one].name) for one in sorted(kept)],
        facilitators=[(str(one), names[one].name) for one in free],
        parties=[(ALL_OF_THEM, "Everybody in the case"), *_parties(view)],
        near=[(str(one), names[one].name) for one in near if one in names],
        once=service_of(request).world.new_id(),
        errors=errors or FormErrors(),
        values=values or {},
    )


def _near(view: CaseView, staff: Staff, working: list[UUID], kept: set[UUID]) -> list[UUID]:
    """Whom it may yet be kept from: who works on it says so of themselves alone."""
    if not view.can(Action.ALLOCATE):
        return [staff.id]
    referred_by = view.file.referral.referred_by
    everybody = (
        working if referred_by is None or referred_by in working else [*working, referred_by]
    )
    return [one for one in everybody if one not in kept]


def _parties(view: CaseView) -> list[tuple[str, str]]:
    return [(str(one.id), one.name) for one in view.people if one.is_party]


def _for_whom(view: CaseView, party_id: UUID | None) -> str:
    return dict(_parties(view)).get(str(party_id), "Everybody in the case")
