"""The people of a case: the other party, how to reach each, and what each has said."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions import case_file, people
from services.referral.actions.case_file import Edit
from services.referral.routes import wording
from services.referral.routes.born import born_values, read_born
from services.referral.routes.case_view import PersonView, shown
from services.referral.routes.cases import LIST
from services.referral.routes.contact_answers import (
    SafeContactForm,
    as_values,
    clock_choices,
    newcomer,
)
from services.referral.routes.once import StaffForm, once
from shared.contracts.access import Action
from shared.contracts.words import Side
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import FormErrors, Values, check, submitted
from shared.ui.london import local
from shared.ui.pages import render
from shared.ui.text import Line

Submitted = Annotated[Values, Depends(submitted)]

CHANGE = [may(Action.CHANGE_CASE, about="referral_id")]
CHANGE_PERSON = [may(Action.CHANGE_CASE, about="person_id")]

router = APIRouter(prefix=LIST + "/{referral_id}", include_in_schema=False)


class OtherPartyForm(StaffForm, SafeContactForm):
    words: ClassVar[dict[str, str]] = {
        **SafeContactForm.words,
        **StaffForm.words,
        "agrees": "Tick this only if the first party has agreed; without it nobody is approached",
        "side": "Choose how this person stands to the matter",
    }

    side: Side
    agrees: bool
    """The first party agrees that we approach this person: a tick that must be there."""


class ContactForm(StaffForm, SafeContactForm):
    words: ClassVar[dict[str, str]] = {
        **SafeContactForm.words,
        **StaffForm.words,
        "because.missing": "Enter why it is changed",
    }

    because: Annotated[str, Line(200)]


@router.get("/parties", dependencies=CHANGE)
async def party_page(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID
) -> Response:
    """Who is the other party, and how may they be reached?"""
    return await _party(request, session, staff, referral_id)


@router.post("/parties", dependencies=CHANGE)
async def add_party(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    referral_id: UUID,
) -> Response:
    """Bring the other party into the case."""
    form, errors = check(OtherPartyForm, values)
    born = read_born(values, errors, local(session.now()).date())
    if form is None or errors:
        return await _party(request, session, staff, referral_id, errors=errors, values=values)
    return await once(
        request,
        session,
        values,
        lambda: people.add_other_party(
            session,
            Edit(referral_id, form.version, staff.id),
            newcomer(form, form, form, born),
            form.side,
            first_party_agrees=form.agrees,
        ),
        then=f"{LIST}/{referral_id}?done=party_added",
    )


@router.get("/people/{person_id}/safe-contact", dependencies=CHANGE_PERSON)
async def contact_page(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID, person_id: UUID
) -> Response:
    """How may they be reached from now on?"""
    file = await case_file.read(session, referral_id)
    person = await case_file.person_in(session, file, person_id)
    known = await store.people.contact_of(session, person_id)
    values = {**as_values(person.name, known), **born_values(person.born)} if known else {}
    return await _contact(request, session, staff, referral_id, person_id, values=values)


@router.post("/people/{person_id}/safe-contact", dependencies=CHANGE_PERSON)
async def change_contact(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    referral_id: UUID,
    person_id: UUID,
) -> Response:
    """Replace how somebody may be reached."""
    form, errors = check(ContactForm, values)
    born = read_born(values, errors, local(session.now()).date())
    if form is None or errors:
        return await _contact(
            request, session, staff, referral_id, person_id, errors=errors, values=values
        )
    return await once(
        request,
        session,
        values,
        lambda: people.change_contact(
            session,
            Edit(referral_id, form.version, staff.id),
            person_id,
            newcomer(form, form, form, born),
            form.because,
        ),
        then=f"{LIST}/{referral_id}?done=contact_changed",
    )


async def _party(
    request: Request,
    session: Session,
    staff: Staff,
    referral_id: UUID,
    *,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    view = await shown(request, session, staff, referral_id, "party_page")
    return form_page(
        request, "party.html", errors, values or {}, view=view, sides=wording.SIDE.items()
    )


async def _contact(
    request: Request,
    session: Session,
    staff: Staff,
    referral_id: UUID,
    person_id: UUID,
    *,
    values: Values,
    errors: FormErrors | None = None,
) -> Response:
    view = await shown(request, session, staff, referral_id, "contact_page")
    person = one_of(view.people, person_id)
    return form_page(request, "safe_contact.html", errors, values, view=view, person=person)


def form_page(
    request: Request,
    template: str,
    errors: FormErrors | None,
    values: Values,
    **context: Any,  # noqa: ANN401 - whatever the template shows
) -> Response:
    return render(
        request,
        template,
        errors=errors or FormErrors(),
        values=values,
        once=service_of(request).world.new_id(),
        clocks=clock_choices(values.get("opens"), values.get("closes")),
        words=wording,
        **context,
    )


def one_of(known: list[PersonView], person_id: UUID) -> PersonView:
    for person in known:
        if person.id == person_id:
            return person
    raise HTTPException(404)
