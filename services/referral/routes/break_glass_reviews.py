"""Who opened which case in an emergency and why, and what somebody else made of it."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.referral import store
from services.referral.actions import break_glass
from services.referral.domain.break_glass import (
    LONGEST_REASON,
    BreakGlass,
    Review,
    month_began_at,
)
from services.referral.domain.case_file import NotThere
from shared.contracts.access import Action
from shared.contracts.refusal import Refusal
from shared.plumbing import audit
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Transaction
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import Form, FormErrors, Values, check, submitted
from shared.ui.pages import render
from shared.ui.paging import paged
from shared.ui.text import Paragraph

LIST = "/referral/break-glass"
ON_A_PAGE = 25
DONE = {
    "reviewed": "You reviewed it. Thank you.",
    "closed": "It is closed. They cannot see the case any more.",
}
OUTCOMES = (("yes", "It was justified"), ("no", "It was not justified"))

Submitted = Annotated[Values, Depends(submitted)]
PageNumber = Annotated[int, Query(alias="page", ge=1, le=10_000)]

REVIEW = [may(Action.REVIEW_BREAK_GLASS, about="glass_id")]

router = APIRouter(prefix=LIST, include_in_schema=False)


class ReviewForm(Form):
    words: ClassVar[dict[str, str]] = {"justified": "Say whether it was justified"}

    justified: Literal["yes", "no"]
    note: Annotated[str, Paragraph(LONGEST_REASON)] | None = None


@dataclass(frozen=True)
class Line:
    """One opening, in words."""

    glass: BreakGlass
    reference: str
    who: str
    reviewer: str
    is_open: bool
    is_late: bool


@router.get("", dependencies=[may(Action.REVIEW_BREAK_GLASS)])
async def glass_list(
    request: Request, session: Reading, staff: StaffMember, number: PageNumber = 1
) -> Response:
    """What waits for review, then what was reviewed; nothing of what is kept from the reader."""
    now = session.now()
    visible = store.reach.referrals(staff, now, Action.REVIEW_BREAK_GLASS)
    skip = (number - 1) * ON_A_PAGE
    found = await store.break_glass.newest(session, visible, ON_A_PAGE + 1, skip)
    this_month = await store.break_glass.count_since(session, month_began_at(now))
    shown = [await _line(session, *one) for one in found[:ON_A_PAGE]]
    seen = [_look("break_glass_list", line.glass) for line in shown]
    await audit.looked(request, *seen, session=session)
    return render(
        request,
        "break_glass/list.html",
        lines=shown,
        this_month=this_month,
        page=paged(request, number, more=len(found) > ON_A_PAGE, label="Pages of this list"),
        done=DONE,
    )


@router.get("/{glass_id}", dependencies=REVIEW)
async def glass_page(
    request: Request, session: Reading, staff: StaffMember, glass_id: UUID
) -> Response:
    """Who, when, why, and the question whether that was right."""
    return await _page(request, session, staff, glass_id)


@router.post("/{glass_id}", dependencies=REVIEW)
async def review(
    request: Request, session: Transaction, staff: StaffMember, values: Submitted, glass_id: UUID
) -> Response:
    """Say what to make of it; never of one's own."""
    form, errors = check(ReviewForm, values)
    if form is None:
        return await _page(request, session, staff, glass_id, errors, values)
    said = Review(session.now(), staff.id, form.justified == "yes", form.note or "")
    try:
        await break_glass.review(session, glass_id, said)
    except NotThere:
        raise
    except Refusal as refusal:
        errors = FormErrors.of(str(refusal))
        return await _page(request, session, staff, glass_id, errors, values)
    return RedirectResponse(f"{LIST}?done=reviewed", status_code=303)


@router.post("/{glass_id}/close", dependencies=REVIEW)
async def close(session: Transaction, staff: StaffMember, glass_id: UUID) -> Response:
    """Close it before its time."""
    await break_glass.close(session, glass_id, staff.id)
    return RedirectResponse(f"{LIST}?done=closed", status_code=303)


async def _page(
    request: Request,
    session: Session,
    staff: Staff,
    glass_id: UUID,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    glass = await store.break_glass.find(session, glass_id)
    known = await store.intake.find(session, glass.referral_id) if glass else None
    if glass is None or known is None:
        raise NotThere("There is no such thing.")
    line = await _line(session, glass, known.reference)
    await audit.looked(request, _look("break_glass_page", glass), session=session)
    return render(
        request,
        "break_glass/review.html",
        line=line,
        own=glass.person_id == staff.id,
        outcomes=OUTCOMES,
        errors=errors or FormErrors(),
        values=values or {},
    )


async def _line(session: Session, glass: BreakGlass, reference: str) -> Line:
    ids = [glass.person_id, *([glass.review.by] if glass.review else [])]
    names = await store.people.known(session, ids)
    called = {one: person.name for one, person in names.items()}
    now = session.now()
    return Line(
        glass=glass,
        reference=reference,
        who=called.get(glass.person_id, "somebody"),
        reviewer=called.get(glass.review.by, "somebody") if glass.review else "",
        is_open=glass.is_open(now),
        is_late=glass.is_late(now),
    )


def _look(purpose: str, glass: BreakGlass) -> audit.Entry:
    return audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose=purpose,
        fields=("reason", "review"),
        person_id=glass.person_id,
        referral_id=glass.referral_id,
    )
