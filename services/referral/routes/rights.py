"""What people asked about their own data: what is open, and by when it is due."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.referral import store
from services.referral.actions.rights import Decider
from services.referral.domain.rights import RightKind, RightRequest
from services.referral.routes import wording
from shared.contracts.access import Action
from shared.plumbing import audit
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.london import local
from shared.ui.pages import render

REQUESTS = "/referral/requests"
CASES, COLLEAGUES = "/referral/cases", "/referral/staff"

DONE = {"redacted": "You looked through the case, and nothing in it names the erased person."}

PATH_OF = {RightKind.ERASURE: "erasure"}
"""Where a request of each kind is decided: the last part of the address."""

router = APIRouter(prefix=REQUESTS, dependencies=[may(Action.NOTE_RIGHT)], include_in_schema=False)


@dataclass(frozen=True)
class Listed:
    """One line of the list."""

    request: RightRequest
    name: str
    href: str
    """Empty where there is no page for it."""
    due: tuple[str, str]
    """In words, and a colour."""


@router.get("")
async def requests_page(request: Request, session: Reading, staff: StaffMember) -> Response:
    """What is open, what is due first first."""
    listed = await _listed(session, staff)
    tasks = await store.redactions.waiting(session, store.reach.referrals(staff, session.now()))
    seen = audit.Entry(verb=audit.Verb.CONSULTATION, purpose="right_list", fields=("name", "right"))
    people = audit.about_each((one.request.person_id for one in listed), seen)
    # A case that waits says of somebody in it that they were erased.
    cases = [replace(seen, fields=("referral",), referral_id=one.referral_id) for one in tasks]
    await audit.looked(request, *people, *cases, session=session)
    return render(request, "requests.html", listed=listed, tasks=tasks, words=wording, done=DONE)


def decider(request: Request, session: Session, staff: Staff) -> Decider:
    """Who decides now, and on what day."""
    return Decider(staff.id, today(session), service_of(request).settings.one_manager)


def today(session: Session) -> date:
    """The day in London: clocks of the law are not on UTC."""
    return local(session.now()).date()


def due(request: RightRequest, on: date) -> tuple[str, str]:
    """By when an answer is due, in words, and a colour."""
    left = request.days_left(on)
    if left < 0:
        return f"Overdue by {_days(-left)}", "red"
    if left == 0:
        return "Due today", "orange"
    return f"Due in {_days(left)}", "orange" if left <= 7 else "blue"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


async def _listed(session: Session, staff: Staff) -> list[Listed]:
    """Those whom the asker may know of."""
    waiting = await store.rights.open_requests(session)
    ids = [one.person_id for one in waiting]
    may_know = await store.reach.people(session, staff, ids)
    people = await store.people.known(session, may_know)
    theirs = await store.search.referrals_of(session, may_know)
    visible = await store.reach.references(session, staff, (one.referral_id for one in theirs))
    matter = {one.person_id: one.referral_id for one in theirs if one.referral_id in visible}
    return [
        Listed(
            request=one,
            name=people[one.person_id].name,
            href=_href(one, matter.get(one.person_id)),
            due=due(one, today(session)),
        )
        for one in waiting
        if one.person_id in people
    ]


def _href(request: RightRequest, referral_id: UUID | None) -> str:
    last = PATH_OF.get(request.kind)
    if last is None:
        return ""
    if referral_id is None:
        return f"{COLLEAGUES}/{request.person_id}/{last}"
    return f"{CASES}/{referral_id}/people/{request.person_id}/{last}"
