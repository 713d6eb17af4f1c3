"""Opening one case in an emergency: why, for an hour, and everybody who should know is told."""

from datetime import timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.referral import store
from services.referral.actions import break_glass
from services.referral.actions.break_glass import Came
from services.referral.domain.break_glass import LONGEST_REASON, OPEN_FOR, SHORTEST_REASON
from shared.contracts.access import Action
from shared.contracts.refusal import Refusal
from shared.plumbing import alarms, limits
from shared.plumbing.alarms import Kind
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.limits import Limit
from shared.plumbing.service import Transaction, service_of
from shared.plumbing.staff import StaffMember
from shared.ui.forms import Form, FormErrors, Values, check, submitted, wrong
from shared.ui.pages import render
from shared.ui.text import Line, Paragraph

OPEN = "/referral/break-glass/open"
A_DAY = timedelta(days=1)
ASK = " If somebody is in danger, ring 999; then ring a manager."
TRIES = Limit("break glass tries", 20, A_DAY, "You have tried this very often." + ASK)
OPENED = Limit("break glass", 3, A_DAY, "You have opened several cases like this lately." + ASK)
AT_ONCE = timedelta(0)
AN_HOUR = timedelta(hours=1)

NOTHING = "There is no case of this name that could be opened like this"
TOO_SHORT = f"Say why in {SHORTEST_REASON} characters or more"

Submitted = Annotated[Values, Depends(submitted)]

router = APIRouter(include_in_schema=False)


class OpenForm(Form):
    words: ClassVar[dict[str, str]] = {
        "case.missing": "Enter the reference of the case",
        "reason.missing": TOO_SHORT,
    }

    case: Annotated[str, Line(40)]
    reason: Annotated[str, Paragraph(LONGEST_REASON)]

    def model_post_init(self, _context: object) -> None:
        """Blanks do not make a reason longer."""
        if len("".join(self.reason.split())) < SHORTEST_REASON:
            raise wrong("reason", TOO_SHORT)


@router.get(OPEN, dependencies=[may(Action.BREAK_GLASS)])
async def open_page(request: Request) -> Response:
    """Which case, and why?"""
    return _page(request)


@router.post(OPEN, dependencies=[may(Action.BREAK_GLASS)])
async def open_case(
    request: Request, session: Transaction, staff: StaffMember, values: Submitted
) -> Response:
    """Open it, unless it is not there for whoever asks."""
    form, errors = check(OpenForm, values)
    if form is None:
        return _page(request, values, errors)
    await _take(request, session, TRIES, staff.id)
    asked = await break_glass.ask_for(session, staff, form.case, form.reason)
    if asked.came is Came.TOO_NEAR:
        await alarms.raise_once(session, Kind.TOO_NEAR, staff.id, quiet=AN_HOUR)
    if asked.referral_id is None:
        return _page(request, values, FormErrors.of(NOTHING, "case"))
    if asked.came is Came.OPENED:
        await _take(request, session, OPENED, staff.id)
        await alarms.raise_once(session, Kind.GLASS_BROKEN, staff.id, quiet=AT_ONCE)
    return RedirectResponse(f"/referral/cases/{asked.referral_id}", status_code=303)


@router.post(
    "/referral/cases/{referral_id}/close-glass",
    dependencies=[may(Action.SEE_CASE, about="referral_id")],
)
async def close_own(
    request: Request, session: Transaction, staff: StaffMember, referral_id: UUID
) -> Response:
    """They have seen what they needed to see."""
    now = session.now()
    mine = await store.break_glass.open_to(session, staff.id, referral_id, now)
    if mine is None:
        raise NothingOpen("You have not opened this case in an emergency, or its time is over.")
    await break_glass.close(session, mine.id, staff.id)
    return RedirectResponse("/referral/cases", status_code=303)


class NothingOpen(Refusal):
    """There is nothing of theirs to close."""

    status: ClassVar[int] = 409


async def _take(request: Request, session: Session, limit: Limit, staff_id: UUID) -> None:
    """Raises TooMany, and then nothing was opened."""
    service = service_of(request)
    key = limits.key_of(service.settings, service.name)
    await limits.take(session, key, (limit, str(staff_id)))


def _page(
    request: Request, values: Values | None = None, errors: FormErrors | None = None
) -> Response:
    return render(
        request,
        "break_glass/open.html",
        minutes=int(OPEN_FOR.total_seconds() // 60),
        values=values or {},
        errors=errors or FormErrors(),
    )
