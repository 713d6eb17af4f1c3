"""Somebody asks to be erased: it is noted, and a manager decides."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.referral.actions import erasure, rights
from services.referral.domain.agreement import HowTold
from services.referral.domain.rights import REFUSALS, ExtensionReason, RefusalReason, RightKind
from services.referral.routes.erasure_view import (
    PAGE,
    Whom,
    WhomAsked,
    open_request,
    person_of,
    refuse_half_a_view,
    request_page,
    shown_decision,
)
from services.referral.routes.once import once
from services.referral.routes.rights import CASES, COLLEAGUES, decider, today
from shared.contracts.access import Action
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.ledger import Ledger
from shared.plumbing.service import Reading, Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import Form, Values, check, submitted
from shared.ui.text import Paragraph
from shared.ui.when import read_day

EXTENSION, DECISION = f"{PAGE}/extension", f"{PAGE}/decision"
LONGEST_NOTE = 1000

Submitted = Annotated[Values, Depends(submitted)]

of_case = APIRouter(prefix=CASES + "/{referral_id}/people/{person_id}", include_in_schema=False)
of_colleague = APIRouter(prefix=COLLEAGUES + "/{person_id}", include_in_schema=False)
router = APIRouter()

NOTE = [may(Action.NOTE_RIGHT, about="person_id")]
NOTE_COLLEAGUE = [may(Action.NOTE_RIGHT)]
DECIDE = [may(Action.ERASE_PERSON, about="person_id")]
DECIDE_COLLEAGUE = [may(Action.ERASE_PERSON)]


class AskedForm(Form):
    words: ClassVar[dict[str, str]] = {"how": "Choose how they asked"}

    how: HowTold
    once: UUID


class ExtendForm(Form):
    words: ClassVar[dict[str, str]] = {"why": "Choose why it takes longer"}

    why: ExtensionReason
    once: UUID


class DecisionForm(Form):
    words: ClassVar[dict[str, str]] = {"decision": "Choose what you decide"}

    decision: Literal["carry_out", "refuse", "withdraw"]
    reason: RefusalReason | None = None
    note: Annotated[str, Paragraph(LONGEST_NOTE)] | None = None
    once: UUID


@of_case.get(PAGE, dependencies=NOTE)
@of_colleague.get(PAGE, dependencies=NOTE_COLLEAGUE)
async def erasure_page(
    request: Request, session: Reading, staff: StaffMember, whom: WhomAsked
) -> Response:
    """What they asked, and when an answer is due."""
    return await request_page(request, session, staff, whom)


@of_case.post(PAGE, dependencies=NOTE)
@of_colleague.post(PAGE, dependencies=NOTE_COLLEAGUE)
async def note_request(
    request: Request, session: Transaction, staff: StaffMember, whom: WhomAsked, values: Submitted
) -> Response:
    """Note that they ask to be erased."""
    await person_of(session, whom)
    form, errors = check(AskedForm, values)
    received_on = read_day(values, "received", errors)
    if received_on is not None and received_on > today(session):
        errors.add("received", "The day on which they asked cannot lie ahead")
    if form is None or received_on is None or errors:
        return await request_page(request, session, staff, whom, errors=errors, values=values)
    on: date = received_on
    return await once(
        request,
        session,
        values,
        lambda: rights.receive(
            session,
            whom.person_id,
            RightKind.ERASURE,
            on,
            form.how,
            decider(request, session, staff),
        ),
        then=f"{whom.here}?done=noted",
    )


@of_case.post(EXTENSION, dependencies=NOTE)
@of_colleague.post(EXTENSION, dependencies=NOTE_COLLEAGUE)
async def extend(
    request: Request, session: Transaction, staff: StaffMember, whom: WhomAsked, values: Submitted
) -> Response:
    """Take two months longer."""
    await person_of(session, whom)
    form, errors = check(ExtendForm, values)
    if form is None:
        return await request_page(request, session, staff, whom, errors=errors, values=values)
    asked = await open_request(session, whom)
    return await once(
        request,
        session,
        values,
        lambda: rights.extend(session, asked.id, form.why, decider(request, session, staff)),
        then=f"{whom.here}?done=extended",
    )


@of_case.get(DECISION, dependencies=DECIDE)
@of_colleague.get(DECISION, dependencies=DECIDE_COLLEAGUE)
async def decision_page(
    request: Request, session: Reading, staff: StaffMember, whom: WhomAsked
) -> Response:
    """What would go, what would stay, and what stands against it."""
    return await shown_decision(request, session, staff, whom)


@of_case.post(DECISION, dependencies=DECIDE)
@of_colleague.post(DECISION, dependencies=DECIDE_COLLEAGUE)
async def decide(
    request: Request, session: Transaction, staff: StaffMember, whom: WhomAsked, values: Submitted
) -> Response:
    """Carry it out, refuse it, or note that they no longer ask."""
    await person_of(session, whom)
    form, errors = check(DecisionForm, values)
    if form is not None and form.decision == "refuse":
        if form.reason not in REFUSALS[RightKind.ERASURE]:
            errors.add("reason", "Choose the reason the law gives")
        if not form.note:
            errors.add("note", "Write down what it rests on")
    if form is None or errors:
        return await shown_decision(request, session, staff, whom, errors=errors, values=values)
    act, then = _deed(request, session, staff, whom, form)
    return await once(request, session, values, act, then=then)


def _deed(
    request: Request, session: Session, staff: Staff, whom: Whom, form: DecisionForm
) -> tuple[Any, str]:
    """What is to be done, once, and where it leads."""
    by = decider(request, session, staff)

    async def carry_out() -> None:
        asked = await open_request(session, whom)
        await refuse_half_a_view(session, staff, await erasure.outlook(session, whom.person_id))
        ledger = Ledger(service_of(request).settings.ledger_file)
        await rights.carry_out_erasure(session, ledger, asked.id, by)

    async def refuse() -> None:
        asked = await open_request(session, whom)
        assert form.reason is not None  # noqa: S101 - seen to by the route
        await rights.refuse(session, asked.id, form.reason, form.note or "", by)

    async def withdraw() -> None:
        await rights.withdraw(session, (await open_request(session, whom)).id, by)

    return {
        "carry_out": (carry_out, f"{whom.back}?done=erased"),
        "refuse": (refuse, f"{whom.here}?done=refused"),
        "withdraw": (withdraw, f"{whom.here}?done=withdrawn"),
    }[form.decision]


router.include_router(of_case)
router.include_router(of_colleague)
