"""Who facilitates here. People join and leave in referral; here is only the list."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.scheduling import store
from services.scheduling.routes.looks import note_people
from services.scheduling.routes.names import names_of
from shared.contracts.access import Action
from shared.plumbing.gates import may
from shared.plumbing.service import service_of
from shared.plumbing.staff import StaffMember
from shared.ui.pages import render

router = APIRouter()


@router.get("/facilitators", dependencies=[may(Action.SEE_STAFF)])
async def facilitators(request: Request, staff: StaffMember) -> HTMLResponse:
    """Everybody who can be chosen, and those who could be once."""
    service = service_of(request)
    async with service.database.reading() as session:
        everybody = await store.people.facilitators(session)
    names = await names_of(service, staff, [one.id for one in everybody])
    await note_people(request, "facilitator_list", [one.id for one in everybody])
    return render(
        request,
        "facilitators.html",
        facilitators=[(names.of(one.id, "Facilitator"), one.works_here) for one in everybody],
        names=names,
    )
