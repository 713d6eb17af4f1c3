"""Areas: what people can choose on the form, and what the report calls it."""

from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions import areas
from services.referral.domain.areas import LONGEST_LABEL, AreaNameTaken
from services.referral.routes.once import StaffForm, once
from shared.contracts.access import Action
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction, service_of
from shared.ui.forms import Form, FormErrors, Values, check, submitted
from shared.ui.pages import render
from shared.ui.text import Line

AREAS = "/referral/areas"
DONE = {"added": "You added the area.", "renamed": "You renamed the area."}

Submitted = Annotated[Values, Depends(submitted)]

router = APIRouter(prefix=AREAS, dependencies=[may(Action.CHANGE_AREAS)], include_in_schema=False)


class AreaForm(Form):
    words: ClassVar[dict[str, str]] = {"label.missing": "Enter the name of the area"}

    label: Annotated[str, Line(LONGEST_LABEL)]
    once: UUID


class RenameForm(StaffForm):
    words: ClassVar[dict[str, str]] = {
        **StaffForm.words,
        "label.missing": "Enter the new name of the area",
    }

    label: Annotated[str, Line(LONGEST_LABEL)]


@router.get("")
async def areas_page(request: Request, session: Reading) -> Response:
    """The areas as the public sees them."""
    return await _list(request, session)


@router.post("")
async def add(request: Request, session: Transaction, values: Submitted) -> Response:
    """Let people choose a new area."""
    form, errors = check(AreaForm, values)
    if form is None:
        return await _list(request, session, errors=errors, values=values)
    try:
        return await once(
            request,
            session,
            values,
            lambda: areas.add_area(session, form.label),
            then=f"{AREAS}?done=added",
        )
    except AreaNameTaken as refusal:
        await session.rollback()
        errors = FormErrors.of(str(refusal), "label")
        async with service_of(request).database.reading() as fresh:
            return await _list(request, fresh, errors=errors, values=values)


@router.get("/{area_id}")
async def rename_page(request: Request, session: Reading, area_id: UUID) -> Response:
    """What should the area be called?"""
    return await _one(request, session, area_id)


@router.post("/{area_id}")
async def rename(
    request: Request, session: Transaction, values: Submitted, area_id: UUID
) -> Response:
    """Give an area another name."""
    form, errors = check(RenameForm, values)
    if form is None:
        return await _one(request, session, area_id, errors=errors, values=values)
    try:
        return await once(
            request,
            session,
            values,
            lambda: areas.rename_area(session, area_id, form.label, form.version),
            then=f"{AREAS}?done=renamed",
        )
    except AreaNameTaken as refusal:
        await session.rollback()
        errors = FormErrors.of(str(refusal), "label")
        async with service_of(request).database.reading() as fresh:
            return await _one(request, fresh, area_id, errors=errors, values=values)


async def _list(
    request: Request,
    session: Session,
    *,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    return render(
        request,
        "areas.html",
        areas=await store.areas.all_areas(session),
        once=service_of(request).world.new_id(),
        errors=errors or FormErrors(),
        values=values or {},
        done=DONE,
    )


async def _one(
    request: Request,
    session: Session,
    area_id: UUID,
    *,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    area = await areas.area_to_rename(session, area_id)
    return render(
        request,
        "area.html",
        area=area,
        once=service_of(request).world.new_id(),
        errors=errors or FormErrors(),
        values=values or {"label": area.label},
    )
