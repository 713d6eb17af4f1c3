"""What somebody asks about their own data: a copy, or to have it put right, and by when.

Erasure has a page of its own: it takes two people.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions import person_requests as rights
from services.referral.domain import clarification
from services.referral.domain.agreement import HowTold
from services.referral.domain.clarification import Clarification
from services.referral.domain.rights import (
    ExtensionReason,
    RefusalReason,
    RightKind,
    RightRequest,
)
from services.referral.routes import wording_of_rights as wording
from services.referral.routes.cases import LIST
from services.referral.routes.once import OPEN_AGAIN, once
from services.referral.routes.person_record import PERSON
from services.referral.routes.whole_person import whole_person
from shared.contracts.access import Action
from shared.contracts.refusal import Refusal
from shared.plumbing import audit
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import Form, FormErrors, Values, check, submitted
from shared.ui.london import local
from shared.ui.pages import render
from shared.ui.text import Paragraph
from shared.ui.when import read_day

Submitted = Annotated[Values, Depends(submitted)]
Doing = Literal["stop", "start", "extend", "answered", "refused", "withdrawn"]

DONE = {"saved": "You noted it."}

router = APIRouter(
    prefix=PERSON,
    dependencies=[may(Action.EXPORT_PERSON, about="person_id")],
    include_in_schema=False,
)


class AskedForm(Form):
    words: ClassVar[dict[str, str]] = {
        "kind": "Choose what they ask for",
        "how": "Choose how they told us",
        "once": OPEN_AGAIN,
    }

    kind: Literal[RightKind.ACCESS, RightKind.RECTIFICATION]
    how: HowTold
    once: UUID


class StepForm(Form):
    words: ClassVar[dict[str, str]] = {
        "request": OPEN_AGAIN,
        "doing": "Choose what has happened",
        "once": OPEN_AGAIN,
    }

    request: UUID
    doing: Doing
    why: ExtensionReason | None = None
    refused: RefusalReason | None = None
    note: Annotated[str, Paragraph(500)] | None = None
    once: UUID


@router.get("/requests")
async def requests_page(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID, person_id: UUID
) -> Response:
    """What they asked, and what the clock says."""
    return await _page(request, session, staff, referral_id, person_id)


@router.post("/requests")
async def note_request(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    referral_id: UUID,
    person_id: UUID,
) -> Response:
    """They have asked for something; or something was done about it."""
    await whole_person(session, staff, referral_id, person_id)
    act, errors = _read(session, staff, person_id, values)
    if act is None or errors:
        return await _page(request, session, staff, referral_id, person_id, errors, values)
    then = f"{request.url.path}?done=saved"
    try:
        return await once(request, session, values, act, then=then)
    except Refusal as why:
        await session.rollback()
        errors = FormErrors.of(str(why))
        return await _page(request, session, staff, referral_id, person_id, errors, values)


def _read(
    session: Session, staff: Staff, person_id: UUID, values: Values
) -> tuple[Callable[[], Awaitable[object]] | None, FormErrors]:
    """What the form asks for; nothing, where something in it is wrong."""
    if "request" in values:
        step, errors = check(StepForm, values)
        if step is None:
            return None, errors
        if step.doing == "extend" and not (step.why and step.note):
            errors.add("why", "Choose why it takes longer, and write what they are told")
        return (lambda: _step(session, staff, person_id, step)), errors
    form, errors = check(AskedForm, values)
    came = read_day(values, "received", errors)
    if form is None or came is None:
        return None, errors
    today = local(session.now()).date()
    return (
        lambda: rights.receive(
            session, person_id, form.kind, came, form.how, by=staff.id, today=today
        )
    ), errors


async def _step(session: Session, staff: Staff, person_id: UUID, form: StepForm) -> None:
    today, by = local(session.now()).date(), staff.id
    match form.doing:
        case "stop":
            await rights.stop_clock(session, person_id, form.request, by=by, today=today)
        case "start":
            await rights.start_clock(session, person_id, form.request, today=today)
        case "extend":
            assert form.why and form.note  # noqa: PT018, S101 - the route has seen to it
            await rights.extend(session, person_id, form.request, form.why, form.note, today=today)
        case "answered":
            await rights.carry_out(session, person_id, form.request, by=by, today=today)
        case _:
            reason = form.refused if form.doing == "refused" else None
            if form.doing == "refused" and reason is None:
                raise rights.ReasonMissing("Choose why it is refused.")
            await rights.end(session, person_id, form.request, refused=reason, by=by, today=today)


@dataclass(frozen=True)
class Shown:
    """One request, and what its clock says."""

    request: RightRequest
    clock: str
    due: date
    waits: bool


def _shown(asked: RightRequest, paused: list[Clarification], today: date) -> Shown:
    return Shown(
        asked,
        clarification.in_words(asked, paused, today),
        clarification.due_on(asked, paused, today),
        clarification.waits(paused),
    )


async def _page(
    request: Request,
    session: Session,
    staff: Staff,
    referral_id: UUID,
    person_id: UUID,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    person = await whole_person(session, staff, referral_id, person_id)
    today = local(session.now()).date()
    asked = [
        one for one in await store.rights.of_person(session, person_id) if one.kind in rights.HERE
    ]
    paused = await store.clarifications.of_requests(session, [one.id for one in asked])
    seen = audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose="requests_page",
        fields=("name", "requests"),
        person_id=person_id,
    )
    await audit.looked(request, seen, session=session)
    return render(
        request,
        "person_requests.html",
        person=person,
        asked=[_shown(one, paused[one.id], today) for one in asked],
        words=wording,
        once=service_of(request).world.new_id(),
        here=PERSON.format(referral_id=referral_id, person_id=person_id) + "/requests",
        case=f"{LIST}/{referral_id}",
        errors=errors or FormErrors(),
        values=values or {},
        done=DONE,
    )
