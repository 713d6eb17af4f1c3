"""The register of complaints: what came, by when the law wants something done, and what was done.

A complaint is not there for the colleague it is about, nor for whoever stands too near to anything
it has to do with.
"""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import field_validator
from starlette.responses import Response

from services.referral import store
from services.referral.actions import complaints
from services.referral.actions.complaints import Told
from services.referral.domain.case_file import NotThere
from services.referral.domain.complaints import Complaint, HowCame, Outcome, Step, clock
from services.referral.routes import wording_of_rights as wording
from services.referral.routes.once import OPEN_AGAIN, StaffForm, once
from shared.contracts.access import Action
from shared.plumbing import audit
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import Form, FormErrors, Values, check, submitted
from shared.ui.london import local
from shared.ui.pages import render
from shared.ui.text import Line, Paragraph
from shared.ui.when import read_day

Submitted = Annotated[Values, Depends(submitted)]

COMPLAINTS = "/referral/complaints"
DONE = {"recorded": "You recorded the complaint.", "noted": "You noted it."}
ABOUT_NOBODY = "nobody"

router = APIRouter(prefix=COMPLAINTS, include_in_schema=False)


class ComplaintForm(Form):
    words: ClassVar[dict[str, str]] = {
        "how": "Choose how it came",
        "said.missing": "Enter what they complain of",
        "about": "Choose whether it is about a colleague",
        "once": OPEN_AGAIN,
    }

    how: HowCame
    said: Annotated[str, Paragraph(10_000)]
    about: UUID | Literal["nobody"]
    once: UUID

    @property
    def about_id(self) -> UUID | None:
        return None if self.about == ABOUT_NOBODY else UUID(str(self.about))


class FromOutsideForm(ComplaintForm):
    words: ClassVar[dict[str, str]] = {
        **ComplaintForm.words,
        "who.missing": "Enter who complains and where the answer goes, or that they did not say",
    }

    who: Annotated[str, Paragraph(500)]
    reference: Annotated[str, Line(20)] | None = None

    @field_validator("reference")
    @classmethod
    def _as_written(cls, reference: str | None) -> str | None:
        return reference.upper() if reference else None


class StepForm(StaffForm):
    words: ClassVar[dict[str, str]] = {**StaffForm.words, "step": "Choose what was done"}

    step: Step
    words_said: Annotated[str, Paragraph(10_000)] | None = None
    outcome: Outcome | None = None


@router.get("", dependencies=[may(Action.HANDLE_COMPLAINT)])
async def complaints_page(
    request: Request, session: Reading, staff: StaffMember, closed: bool = False
) -> Response:
    """What is open, what is overdue first; or what is closed."""
    today = local(session.now()).date()
    listed = await store.complaint_reach.listed(session, staff, closed=closed)
    rows = [(one, clock(one, today)) for one in listed]
    rows.sort(key=lambda row: not row[1].overdue)  # overdue first, else as they came
    await _noted(request, session, "complaint_list")
    return render(
        request,
        "complaints.html",
        rows=rows,
        closed=closed,
        words=wording,
        here=COMPLAINTS,
        done=DONE,
    )


@router.get("/new", dependencies=[may(Action.HANDLE_COMPLAINT)])
async def new_page(request: Request, session: Reading, staff: StaffMember) -> Response:
    """Somebody we may not know complains."""
    return await show_form(request, session, staff)


@router.post("/new", dependencies=[may(Action.HANDLE_COMPLAINT)])
async def record(
    request: Request, session: Transaction, staff: StaffMember, values: Submitted
) -> Response:
    """Take the complaint in."""
    form, errors = check(FromOutsideForm, values)
    today = local(session.now()).date()
    came_on = read_day(values, "came", errors)
    referral_id = None
    if form is not None and form.reference:
        try:
            referral_id = await complaints.referral_called(session, staff, form.reference)
        except NotThere as why:
            errors.add("reference", str(why))
    if form is not None and came_on is not None and came_on > today:
        errors.add("came", "The day on which it came cannot lie ahead")
    if form is None or came_on is None or errors:
        return await show_form(request, session, staff, errors=errors, values=values)
    told = Told(
        came_on, form.how, form.said, form.who, about_id=form.about_id, referral_id=referral_id
    )
    return await once(
        request,
        session,
        values,
        lambda: complaints.record_complaint(session, told, today),
        then=f"{COMPLAINTS}?done=recorded",
    )


@router.get("/{complaint_id}", dependencies=[may(Action.HANDLE_COMPLAINT, about="complaint_id")])
async def complaint_page(
    request: Request, session: Reading, staff: StaffMember, complaint_id: UUID
) -> Response:
    """One complaint, its clock, and what was done."""
    complaint = await complaints.seen(session, staff, complaint_id)
    return await _complaint(request, session, staff, complaint)


@router.post("/{complaint_id}", dependencies=[may(Action.HANDLE_COMPLAINT, about="complaint_id")])
async def take_step(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    complaint_id: UUID,
) -> Response:
    """Note what was done."""
    complaint = await complaints.seen(session, staff, complaint_id)
    form, errors = check(StepForm, values)
    if form is None:
        return await _complaint(request, session, staff, complaint, errors, values)
    today = local(session.now()).date()
    return await once(
        request,
        session,
        values,
        lambda: complaints.take_step(
            session,
            staff,
            complaint_id,
            form.step,
            form.words_said,
            outcome=form.outcome,
            seen_version=form.version,
            today=today,
        ),
        then=f"{COMPLAINTS}/{complaint_id}?done=noted",
    )


async def show_form(
    request: Request,
    session: Session,
    staff: Staff,
    *,
    name: str | None = None,
    known: bool = False,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    """The form, for somebody who is known or somebody who is not."""
    here = request.url.path
    colleagues = await _colleagues(session)
    await _noted(request, session, "complaint_form")
    return render(
        request,
        "complaint_new.html",
        colleagues=colleagues,
        hows=wording.HOW_CAME.items(),
        name=name,
        known=known,
        here=here,
        once=service_of(request).world.new_id(),
        errors=errors or FormErrors(),
        values=values or {},
    )


async def _colleagues(session: Session) -> list[tuple[str, str]]:
    """Everybody who works here: a complaint may be about each."""
    working = [one.person_id for one in await store.staff.colleagues(session) if one.roles]
    known = await store.people.known(session, working)
    named = sorted((known[one].name, str(one)) for one in working if one in known)
    return [(ABOUT_NOBODY, "No"), *((one, name) for name, one in named)]


async def _complaint(
    request: Request,
    session: Session,
    staff: Staff,
    complaint: Complaint,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    words = await store.complaints.words_of(session, complaint.id)
    ids = {one.by for one in words.steps} | {
        one for one in (complaint.person_id, complaint.about_id) if one
    }
    people = await store.people.known(session, ids)
    reference = None
    if complaint.referral_id:
        known = await store.reach.references(session, staff, [complaint.referral_id])
        reference = known.get(complaint.referral_id)
    await _noted(request, session, "complaint_page", complaint.id)
    return render(
        request,
        "complaint.html",
        complaint=complaint,
        clock=clock(complaint, local(service_of(request).world.now()).date()),
        said=words,
        names={person_id: person.name for person_id, person in people.items()},
        reference=reference,
        words=wording,
        here=COMPLAINTS,
        once=service_of(request).world.new_id(),
        errors=errors or FormErrors(),
        values=values or {},
        done=DONE,
    )


async def _noted(
    request: Request, session: Session, purpose: str, complaint_id: UUID | None = None
) -> None:
    seen = audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose=purpose,
        fields=("complaint",),
        case_id=complaint_id,
    )
    await audit.looked(request, seen, session=session)
