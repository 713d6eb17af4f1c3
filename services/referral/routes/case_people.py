"""The people of a case: the other party, how to reach each, and what each has said."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions import agreements, case_file, people
from services.referral.actions.case_file import Edit
from services.referral.domain.agreement import HowTold
from services.referral.routes import wording
from services.referral.routes.born import born_values, read_born
from services.referral.routes.case_view import PersonView, look_at
from services.referral.routes.cases import LIST
from services.referral.routes.contact_answers import (
    SafeContactForm,
    as_values,
    clock_choices,
    newcomer,
)
from services.referral.routes.once import StaffForm, once
from shared.contracts.words import Side
from shared.plumbing.database import Session
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import STAFF_ONLY, StaffMember
from shared.ui.forms import FormErrors, Values, check, submitted
from shared.ui.london import local
from shared.ui.pages import render

Submitted = Annotated[Values, Depends(submitted)]

router = APIRouter(
    prefix=LIST + "/{referral_id}", dependencies=[STAFF_ONLY], include_in_schema=False
)


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
    words: ClassVar[dict[str, str]] = {**SafeContactForm.words, **StaffForm.words}


class SaidForm(StaffForm):
    words: ClassVar[dict[str, str]] = {**StaffForm.words, "how": "Choose how they told us"}

    how: HowTold


class Said(StrEnum):
    """What somebody may have told us; also the last part of the address."""

    AGREE = "agree"
    WITHDRAW = "withdraw"
    NO_CONTACT = "no-contact"
    CONTACT_AGAIN = "contact-again"


@dataclass(frozen=True)
class SaidWords:
    """How the page for it is worded."""

    heading: str
    follows: str
    button: str


SAID = {
    Said.AGREE: SaidWords(
        "{name} agrees to a joint meeting",
        "A meeting can be booked once every participant has agreed. They can take it back at any "
        "time, without a reason.",
        "Record the agreement",
    ),
    Said.WITHDRAW: SaidWords(
        "{name} no longer agrees to a joint meeting",
        "Every joint meeting with them is stopped at once. The other party is told only that it "
        "is not going ahead, never why.",
        "Stop joint meetings with them",
    ),
    Said.NO_CONTACT: SaidWords(
        "{name} does not want to be contacted",
        "Nothing more is sent to them, not even what is already waiting, and no meeting with them "
        "goes ahead.",
        "Stop all contact",
    ),
    Said.CONTACT_AGAIN: SaidWords(
        "{name} wants to be contacted again",
        "Record this only if they came back to us by themselves. They have to agree to a meeting "
        "anew.",
        "Allow contact again",
    ),
}


@router.get("/parties")
async def party_page(request: Request, session: Reading, referral_id: UUID) -> Response:
    """Who is the other party, and how may they be reached?"""
    return await _party(request, session, referral_id)


@router.post("/parties")
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
        return await _party(request, session, referral_id, errors=errors, values=values)
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


@router.get("/people/{person_id}/safe-contact")
async def contact_page(
    request: Request, session: Reading, referral_id: UUID, person_id: UUID
) -> Response:
    """How may they be reached from now on?"""
    file = await case_file.read(session, referral_id)
    person = await case_file.person_in(session, file, person_id)
    known = await store.people.contact_of(session, person_id)
    values = {**as_values(person.name, known), **born_values(person.born)} if known else {}
    return await _contact(request, session, referral_id, person_id, values=values)


@router.post("/people/{person_id}/safe-contact")
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
            request, session, referral_id, person_id, errors=errors, values=values
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
        ),
        then=f"{LIST}/{referral_id}?done=contact_changed",
    )


@router.get("/people/{person_id}/{said}")
async def said_page(
    request: Request, session: Reading, referral_id: UUID, person_id: UUID, said: Said
) -> Response:
    """What somebody told us, and what follows from it."""
    return await _said(request, session, referral_id, person_id, said)


@router.post("/people/{person_id}/{said}")
async def record_said(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    referral_id: UUID,
    person_id: UUID,
    said: Said,
) -> Response:
    """Record it, and let follow what follows."""
    form, errors = check(SaidForm, values)
    if form is None:
        return await _said(
            request, session, referral_id, person_id, said, errors=errors, values=values
        )
    act = {
        Said.AGREE: agreements.record_agreement,
        Said.WITHDRAW: agreements.withdraw_agreement,
        Said.NO_CONTACT: people.ask_no_contact,
        Said.CONTACT_AGAIN: people.ask_contact_again,
    }[said]
    return await once(
        request,
        session,
        values,
        lambda: act(session, Edit(referral_id, form.version, staff.id), person_id, form.how),
        then=f"{LIST}/{referral_id}?done={said.value.replace('-', '_')}",
    )


async def _party(
    request: Request,
    session: Session,
    referral_id: UUID,
    *,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    view = await look_at(session, referral_id)
    return _form(request, "party.html", errors, values or {}, view=view, sides=wording.SIDE.items())


async def _contact(
    request: Request,
    session: Session,
    referral_id: UUID,
    person_id: UUID,
    *,
    values: Values,
    errors: FormErrors | None = None,
) -> Response:
    view = await look_at(session, referral_id)
    person = _one(view.people, person_id)
    return _form(request, "safe_contact.html", errors, values, view=view, person=person)


async def _said(
    request: Request,
    session: Session,
    referral_id: UUID,
    person_id: UUID,
    said: Said,
    *,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    view = await look_at(session, referral_id)
    person = _one(view.people, person_id)
    return _form(
        request,
        "said.html",
        errors,
        values or {},
        view=view,
        person=person,
        said=SAID[said],
        hows=wording.HOW_TOLD.items(),
    )


def _form(
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


def _one(known: list[PersonView], person_id: UUID) -> PersonView:
    for person in known:
        if person.id == person_id:
            return person
    raise HTTPException(404)
