"""One case: its parties, its meetings, and what can be booked for it."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.scheduling import store
from services.scheduling.domain.booking import BROUGHT_TOGETHER
from services.scheduling.domain.meetings import Meeting, State
from services.scheduling.domain.planning import days_waiting, prepared
from services.scheduling.domain.refusals import NotKnown
from services.scheduling.routes import words
from services.scheduling.routes.looks import note_case
from services.scheduling.routes.names import names_of
from services.scheduling.routes.shown import leading, people_of, show
from shared.contracts.access import Action
from shared.contracts.words import MeetingKind
from shared.plumbing.gates import may
from shared.plumbing.service import service_of
from shared.plumbing.staff import StaffMember
from shared.ui.pages import render

router = APIRouter()


@router.get("/cases/{case_id}", dependencies=[may(Action.SEE_PLAN, about="case_id")])
async def case_page(request: Request, case_id: UUID, staff: StaffMember) -> HTMLResponse:
    """Everything planning knows of the case."""
    service = service_of(request)
    now = service.world.now()
    async with service.database.reading() as session:
        case = await store.cases.find(session, case_id)
        if case is None:
            raise NotKnown("case")
        parties = (await store.cases.parties(session, [case_id]))[case_id]
        meetings = await store.meetings.of_case(session, case_id)
        venues = {venue.id: venue for venue in await store.venues.everything(session)}
        can_lead = await leading(session, meetings)
    wanted = people_of(meetings) | {party.person_id for party in parties}
    names = await names_of(service, staff, wanted, [case])
    parted = (party.person_id for party in parties)
    await note_case(request, "planning_case_page", case_id, parted, case)
    are_prepared = prepared(meetings)
    return render(
        request,
        "case.html",
        case=case,
        reference=names.of_case(case),
        matter=words.MATTERS[case.matter],
        days=None if case.waiting_since is None else days_waiting(case.waiting_since, now),
        parties=[
            {
                "id": party.person_id,
                "name": names.of(party.person_id),
                "side": words.SIDES[party.side],
                "prepared": party.person_id in are_prepared,
            }
            for party in parties
        ],
        meetings=[show(one, venues, can_lead, names) for one in meetings],
        joint_ahead=_open_joint(meetings),
        can_meet=len(parties) >= BROUGHT_TOGETHER,
        names=names,
    )


def _open_joint(meetings: list[Meeting]) -> Meeting | None:
    for meeting in meetings:
        if meeting.kind is MeetingKind.JOINT and meeting.state is State.SCHEDULED:
            return meeting
    return None
