"""The first page of planning: what is overdue, what waits, and the diary."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from services.scheduling import store
from services.scheduling.domain.booking import FURTHEST_AHEAD
from services.scheduling.domain.meetings import Meeting
from services.scheduling.domain.planning import Case, Party, days_waiting
from services.scheduling.domain.venues import Venue
from services.scheduling.routes import words
from services.scheduling.routes.finding import seen_by
from services.scheduling.routes.looks import note_cases
from services.scheduling.routes.names import Names, names_of
from services.scheduling.routes.shown import Leading, Shown, leading, people_of, show
from shared.contracts.access import Action
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.london import day_bounds, local
from shared.ui.pages import render
from shared.ui.paging import Paged, link_with, paged

router = APIRouter()

CASES_ON_A_PAGE = 25
DIARY_SPAN = timedelta(days=28)
OVERDUE_ON_A_PAGE = 50
UNLED_SHOWN = 50
"""Those that come first; the next appear once somebody leads these."""


PageNumber = Annotated[int, Query(ge=1, le=10_000)]


@dataclass(frozen=True)
class Desk:
    """What is read for the page, in one look at the store."""

    waiting: list[Case]
    more_wait: bool
    parties: dict[UUID, list[Party]]
    overdue: list[Meeting]
    all_overdue: int
    coming: list[Meeting]
    venues: dict[UUID, Venue]
    unled: list[Meeting]
    can_lead: Leading

    def people(self) -> set[UUID]:
        parties = {party.person_id for some in self.parties.values() for party in some}
        return parties | people_of([*self.overdue, *self.unled, *self.coming])

    def shown(self, meetings: list[Meeting], names: Names) -> list[Shown]:
        return [show(one, self.venues, self.can_lead, names) for one in meetings]


@router.get("/", dependencies=[may(Action.SEE_PLAN)])
async def planning(
    request: Request,
    staff: StaffMember,
    page: PageNumber = 1,
    overdue: PageNumber = 1,
    from_day: Annotated[date | None, Query(alias="from")] = None,
) -> HTMLResponse:
    """What to do next, the oldest first, then who meets when."""
    service = service_of(request)
    now = service.world.now()
    today = local(now).date()
    first_day = min(max(from_day or today, today), today + FURTHEST_AHEAD)
    next_day = first_day + DIARY_SPAN
    async with service.database.reading() as session:
        desk = await _look(session, staff, now, first_day, page, overdue)
    names = await names_of(service, staff, desk.people(), desk.waiting)
    await note_cases(
        request, "planning_list", desk.waiting, [*desk.overdue, *desk.unled, *desk.coming]
    )
    return render(
        request,
        "planning.html",
        overdue=desk.shown(desk.overdue, names),
        all_overdue=desk.all_overdue,
        unled=desk.shown(desk.unled, names),
        overdue_before=(overdue - 1) * OVERDUE_ON_A_PAGE,
        overdue_pages=_pages_of_overdue(request, overdue, desk.all_overdue),
        waiting=[_waiting(case, desk.parties[case.id], names, now) for case in desk.waiting],
        paging=paged(request, page, more=desk.more_wait, label="Cases that wait"),
        diary=_by_day(desk.shown(desk.coming, names), first_day),
        first_day=first_day,
        last_day=next_day - timedelta(days=1),
        later=_from(request, next_day),
        earlier=_from(request, first_day - DIARY_SPAN) if first_day > today else None,
        names=names,
    )


def _pages_of_overdue(request: Request, number: int, everything: int) -> Paged:
    """They have pages of their own: whoever works through them keeps the rest where it was."""
    last = max(1, -(-everything // OVERDUE_ON_A_PAGE))
    # Recorded one by one they grow fewer, and a page further on may be gone by then.
    before, after = min(number - 1, last), number + 1
    return Paged(
        previous=link_with(request, overdue=before) if before else None,
        next=link_with(request, overdue=after) if after <= last else None,
        label="Meetings whose outcome is not recorded",
    )


async def _look(
    session: Session, staff: Staff, now: datetime, first_day: date, page: int, overdue: int
) -> Desk:
    visible = seen_by(staff, now)
    start, _ = day_bounds(first_day)
    end, _ = day_bounds(first_day + DIARY_SPAN)
    skip = (page - 1) * CASES_ON_A_PAGE
    waiting = await store.cases.waiting(session, visible, skip=skip, most=CASES_ON_A_PAGE + 1)
    shown = waiting[:CASES_ON_A_PAGE]
    unled = await store.leading.without_somebody(session, visible, now, UNLED_SHOWN)
    coming = await store.diary.coming(session, visible, max(start, now), end)
    return Desk(
        waiting=shown,
        more_wait=len(waiting) > len(shown),
        parties=await store.cases.parties(session, [case.id for case in shown]),
        overdue=await store.diary.overdue(
            session, visible, now, skip=(overdue - 1) * OVERDUE_ON_A_PAGE, most=OVERDUE_ON_A_PAGE
        ),
        all_overdue=await store.diary.count_overdue(session, visible, now),
        coming=coming,
        unled=unled,
        venues={venue.id: venue for venue in await store.venues.everything(session)},
        can_lead=await leading(session, [*unled, *coming]),
    )


def _waiting(case: Case, parties: list[Party], names: Names, now: datetime) -> dict[str, object]:
    return {
        "case": case,
        "reference": names.of_case(case),
        "parties": ", ".join(names.of(party.person_id) for party in parties),
        "matter": words.MATTERS[case.matter],
        "days": days_waiting(case.waiting_since or case.opened_at, now),
    }


def _by_day(coming: list[Shown], first_day: date) -> list[tuple[date, list[Shown]]]:
    """The days on which there is something, each with its meetings in order."""
    days: dict[date, list[Shown]] = {}
    for one in coming:
        day = max(local(one.meeting.starts_at).date(), first_day)
        days.setdefault(day, []).append(one)
    return list(days.items())


def _from(request: Request, day: date) -> str:
    return link_with(request, **{"from": day.isoformat(), "done": None}) + "#diary"
