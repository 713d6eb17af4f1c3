"""Colleagues: who works here, somebody new, somebody leaving."""

from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from services.referral import store
from services.referral.actions import colleagues, staff
from services.referral.domain.accounts import AddressTaken, InvitedTo
from services.referral.domain.people import SafeContact
from services.referral.domain.staff import BeyondOwnAreas, Newcomer
from services.referral.routes import wording
from services.referral.routes.contact_fields import EmailAddress, PersonName
from services.referral.routes.once import once
from services.referral.routes.secret import sign_in_key
from services.referral.sign_in.tokens import name_digest, new_link
from shared.contracts.access import AccessRole, Action
from shared.contracts.words import Channel, Role
from shared.plumbing import audit
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import StaffMember
from shared.ui.forms import Form, FormErrors, Values, check, submitted
from shared.ui.pages import render

STAFF = "/referral/staff"
MOST_AREAS = 500
DONE = {
    "joined": "You added your colleague.",
    "left": "Your colleague no longer works here.",
    "erased": "What was kept of this person was erased for good.",
}

Submitted = Annotated[Values, Depends(submitted)]

CHANGE = [may(Action.CHANGE_STAFF)]

router = APIRouter(prefix=STAFF, include_in_schema=False)


class ColleagueForm(Form):
    words: ClassVar[dict[str, str]] = {
        "name.missing": "Enter their name",
        "email.missing": "Enter their work email address",
        "roles": "Choose at least one role",
    }

    name: PersonName
    email: EmailAddress
    roles: list[Role] = Field(min_length=1)
    areas: list[UUID] = Field(default=[], max_length=MOST_AREAS)
    once: UUID


class LeaveForm(Form):
    once: UUID


@router.get("", dependencies=[may(Action.SEE_STAFF)])
async def staff_page(request: Request, session: Reading) -> Response:
    """Who works here."""
    return await _page(request, session)


@router.post("", dependencies=CHANGE)
async def add(
    request: Request, session: Transaction, values: Submitted, by: StaffMember
) -> Response:
    """Somebody starts to work here; their link is shown this once."""
    form, errors = check(ColleagueForm, values)
    if form is None:
        return await _page(request, session, errors=errors, values=values)
    roles = frozenset(AccessRole(role.value) for role in form.roles)
    new = Newcomer(form.name, form.email, roles, frozenset(form.areas))
    links: list[str] = []

    async def act() -> None:
        digest = name_digest(sign_in_key(service_of(request).settings), new.email)
        person_id = await colleagues.add_newcomer(session, by, new, digest)
        links.append(await new_link(session, person_id, InvitedTo.SET_UP))

    try:
        done = await once(request, session, values, act, then=f"{STAFF}?done=joined")
    except (AddressTaken, BeyondOwnAreas) as why:
        await session.rollback()
        field = "email" if isinstance(why, AddressTaken) else "areas"
        return await _page(request, session, errors=FormErrors.of(str(why), field), values=values)
    return link_page(request, new.name, links[0]) if links else done


def link_page(request: Request, name: str, path: str) -> Response:
    """A link that leads one person in; nobody is shown it a second time."""
    address = service_of(request).settings.site_url.rstrip("/") + path
    return render(request, "link.html", name=name, address=address)


@router.post("/{person_id}/leave", dependencies=CHANGE)
async def leave(
    request: Request, session: Transaction, values: Submitted, person_id: UUID
) -> Response:
    """Somebody stops working here."""
    form, errors = check(LeaveForm, values)
    if form is None:
        return await _page(request, session, errors=errors)
    return await once(
        request,
        session,
        values,
        lambda: staff.let_leave(session, person_id),
        then=f"{STAFF}?done=left",
    )


async def _page(
    request: Request,
    session: Session,
    *,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    listed = await store.staff.colleagues(session)
    ids = [colleague.person_id for colleague in listed]
    people = await store.people.known(session, ids)
    contacts = await store.people.contacts_of(session, ids)
    rows = [
        {
            "id": colleague.person_id,
            "name": people[colleague.person_id].name,
            "email": _email(contacts.get(colleague.person_id)),
            "roles": ", ".join(wording.ROLE[role] for role in Role if role in colleague.roles),
        }
        for colleague in listed
    ]
    seen = audit.Entry(
        verb=audit.Verb.CONSULTATION, purpose="staff_list", fields=("name", "work_email", "role")
    )
    await audit.looked(request, *audit.about_each(ids, seen), session=session)
    return render(
        request,
        "staff.html",
        rows=sorted(rows, key=lambda row: (not row["roles"], str(row["name"]).casefold())),
        roles=wording.ROLE.items(),
        areas=[(str(area.id), area.label) for area in await store.areas.all_areas(session)],
        once=service_of(request).world.new_id(),
        errors=errors or FormErrors(),
        values=values or {},
        done=DONE,
    )


def _email(safe: SafeContact | None) -> str:
    """Their address at work; none when they were erased."""
    route = safe.route_by(Channel.EMAIL) if safe else None
    return route.address if route else ""
