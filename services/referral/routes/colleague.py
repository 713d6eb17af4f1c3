"""One colleague: how they sign in, the areas they work in, another invitation."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from services.referral import store
from services.referral.actions import colleagues
from services.referral.domain.accounts import InvitedTo
from services.referral.domain.case_file import NotThere
from services.referral.domain.staff import BeyondOwnAreas
from services.referral.routes import wording
from services.referral.routes.once import once
from services.referral.routes.secret import sign_in_key
from services.referral.routes.staff import MOST_AREAS, STAFF, link_page
from services.referral.sign_in.tokens import name_digest, new_link
from shared.contracts.access import Action
from shared.plumbing import audit
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import StaffMember
from shared.ui.forms import Form, FormErrors, Values, check, submitted
from shared.ui.pages import render

ONE = STAFF + "/{colleague_id}"
DONE = {
    "areas": "You changed the areas they work in.",
    "invited": "You made an invitation. It was shown once: make another if it was lost.",
}

Submitted = Annotated[Values, Depends(submitted)]

router = APIRouter(dependencies=[may(Action.CHANGE_STAFF)], include_in_schema=False)


class AreasForm(Form):
    areas: list[UUID] = Field(default=[], max_length=MOST_AREAS)
    once: UUID


class InviteForm(Form):
    once: UUID


@router.get(ONE)
async def colleague_page(request: Request, session: Reading, colleague_id: UUID) -> Response:
    """One colleague, and what can be seen to."""
    return await _page(request, session, colleague_id)


@router.post(ONE + "/areas")
async def change_areas(
    request: Request,
    session: Transaction,
    values: Submitted,
    by: StaffMember,
    colleague_id: UUID,
) -> Response:
    """Say which areas somebody works in."""
    form, errors = check(AreasForm, values)
    if form is None:
        return await _page(request, session, colleague_id, errors)
    try:
        return await once(
            request,
            session,
            values,
            lambda: colleagues.work_in(session, by, colleague_id, frozenset(form.areas)),
            then=f"{STAFF}/{colleague_id}?done=areas",
        )
    except BeyondOwnAreas as why:
        await session.rollback()
        return await _page(request, session, colleague_id, FormErrors.of(str(why), "areas"))


@router.post(ONE + "/invite")
async def invite_again(
    request: Request,
    session: Transaction,
    values: Submitted,
    by: StaffMember,
    colleague_id: UUID,
) -> Response:
    """Void what they signed in with, and show a new link this once."""
    form, errors = check(InviteForm, values)
    if form is None:
        return await _page(request, session, colleague_id, errors)
    links: list[str] = []

    async def act() -> None:
        email = await colleagues.work_email(session, colleague_id)
        digest = name_digest(sign_in_key(service_of(request).settings), email)
        await colleagues.prepare_invitation(session, by, colleague_id, digest)
        links.append(await new_link(session, colleague_id, InvitedTo.SET_UP))

    then = f"{STAFF}/{colleague_id}?done=invited"
    done = await once(request, session, values, act, then=then)
    if not links:
        return done
    return link_page(request, await _name(session, colleague_id), links[0])


async def _page(
    request: Request, session: Session, colleague_id: UUID, errors: FormErrors | None = None
) -> Response:
    roles = await store.accounts.roles_of(session, colleague_id)
    name = await _name(session, colleague_id)
    if not roles:
        raise NotThere("There is no such colleague, or they have left.")
    email = await colleagues.work_email(session, colleague_id)
    chosen = await store.accounts.areas_of(session, colleague_id)
    way_in = wording.WAY_IN[await store.outside.way_in(session, colleague_id)]
    areas = [(str(area.id), area.label) for area in await store.areas.all_areas(session)]
    seen = audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose="colleague_page",
        fields=("name", "work_email", "role", "area"),
        person_id=colleague_id,
    )
    await audit.looked(request, seen, session=session)
    return render(
        request,
        "colleague.html",
        id=colleague_id,
        name=name,
        email=email,
        roles=", ".join(words for role, words in wording.ACCESS_ROLE.items() if role in roles),
        way_in=way_in,
        areas=areas,
        values={"areas": [str(area_id) for area_id in chosen]},
        once=service_of(request).world.new_id(),
        errors=errors or FormErrors(),
        done=DONE,
    )


async def _name(session: Session, colleague_id: UUID) -> str:
    """Raises NotThere."""
    person = await store.people.find(session, colleague_id)
    if person is None:
        raise NotThere("There is no such colleague, or they have left.")
    return person.name
