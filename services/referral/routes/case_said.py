"""What the people of a case have said: about a joint meeting, and about being contacted."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.referral.actions import agreements, closing, people
from services.referral.actions.case_file import Edit
from services.referral.domain.agreement import HowTold
from services.referral.routes import wording
from services.referral.routes.case_people import CHANGE_PERSON, Submitted, form_page, one_of
from services.referral.routes.case_view import shown
from services.referral.routes.cases import LIST
from services.referral.routes.once import StaffForm, once
from shared.plumbing.database import Session
from shared.plumbing.service import Reading, Transaction
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import FormErrors, Values, check

router = APIRouter(prefix=LIST + "/{referral_id}", include_in_schema=False)


class SaidForm(StaffForm):
    words: ClassVar[dict[str, str]] = {**StaffForm.words, "how": "Choose how they told us"}

    how: HowTold


class Said(StrEnum):
    """What somebody may have told us; also the last part of the address."""

    AGREE = "agree"
    WITHDRAW = "withdraw"
    NO_CONTACT = "no-contact"
    CONTACT_AGAIN = "contact-again"
    DECLINE = "decline"
    AFTER_ALL = "after-all"


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
    Said.DECLINE: SaidWords(
        "{name} does not want to take part",
        "No meeting with them goes ahead. In 30 days what we keep of them is destroyed, but for "
        "their age band, gender and ethnicity where they told us, and these lead to nobody.",
        "Record that they decline",
    ),
    Said.AFTER_ALL: SaidWords(
        "{name} wants to take part after all",
        "Record this only if they came back to us by themselves. They have to agree to a meeting "
        "anew.",
        "Record that they take part",
    ),
}


@router.get("/people/{person_id}/{said}", dependencies=CHANGE_PERSON)
async def said_page(
    request: Request,
    session: Reading,
    staff: StaffMember,
    referral_id: UUID,
    person_id: UUID,
    said: Said,
) -> Response:
    """What somebody told us, and what follows from it."""
    return await _said(request, session, staff, referral_id, person_id, said)


@router.post("/people/{person_id}/{said}", dependencies=CHANGE_PERSON)
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
            request, session, staff, referral_id, person_id, said, errors=errors, values=values
        )
    act = {
        Said.AGREE: agreements.record_agreement,
        Said.WITHDRAW: agreements.withdraw_agreement,
        Said.NO_CONTACT: people.ask_no_contact,
        Said.CONTACT_AGAIN: people.ask_contact_again,
        Said.DECLINE: closing.decline_to_take_part,
        Said.AFTER_ALL: closing.take_part_after_all,
    }[said]
    return await once(
        request,
        session,
        values,
        lambda: act(session, Edit(referral_id, form.version, staff.id), person_id, form.how),
        then=f"{LIST}/{referral_id}?done={said.value.replace('-', '_')}",
    )


async def _said(
    request: Request,
    session: Session,
    staff: Staff,
    referral_id: UUID,
    person_id: UUID,
    said: Said,
    *,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    view = await shown(request, session, staff, referral_id, "said_page")
    person = one_of(view.people, person_id)
    return form_page(
        request,
        "said.html",
        errors,
        values or {},
        view=view,
        person=person,
        said=SAID[said],
        hows=wording.HOW_TOLD.items(),
    )
