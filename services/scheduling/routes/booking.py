"""Booking a meeting."""

from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.scheduling import actions, store
from services.scheduling.domain.booking import BROUGHT_TOGETHER, Proposal
from services.scheduling.domain.meetings import Meeting
from services.scheduling.domain.planning import Party
from services.scheduling.domain.refusals import FormAlreadyUsed, NotKnown
from services.scheduling.domain.venues import Venue, VenueKind
from services.scheduling.routes import words
from services.scheduling.routes.asking import ask_for_grant
from services.scheduling.routes.forms import Submitted, read_proposal, refused
from services.scheduling.routes.looks import note_case
from services.scheduling.routes.names import Names, names_of
from shared.contracts.access import Action
from shared.contracts.refusal import Refusal
from shared.contracts.words import MeetingKind
from shared.plumbing.database import Session
from shared.plumbing.gates import may
from shared.plumbing.service import Service, Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import FormErrors, Values
from shared.ui.pages import render

router = APIRouter()
log = structlog.get_logger()


@router.get("/cases/{case_id}/book", dependencies=[may(Action.CHANGE_PLAN, about="case_id")])
async def ask_what_to_book(
    request: Request,
    case_id: UUID,
    staff: StaffMember,
    kind: MeetingKind,
    person: UUID | None = None,
) -> Response:
    """The empty form; the id of the meeting is minted here, so that a double click books once."""
    values: Values = {"minutes": "60"}
    if person is not None:
        values["participants"] = str(person)
    return await _form(request, staff, case_id, kind, values)


@router.post("/cases/{case_id}/book", dependencies=[may(Action.CHANGE_PLAN, about="case_id")])
async def book(
    request: Request,
    case_id: UUID,
    staff: StaffMember,
    kind: MeetingKind,
    values: Submitted,
    session: Transaction,
) -> Response:
    """Ask whether the meeting may be held, then book it; the form again when it cannot be."""
    proposal, errors = read_proposal(values, case_id, kind)
    if proposal is None:
        return await _form(request, staff, case_id, kind, values, errors)
    try:
        meeting = await _book(service_of(request), session, proposal, staff)
    except NotKnown:
        raise
    except Refusal as refusal:
        await session.rollback()
        used = proposal.meeting_id if isinstance(refusal, FormAlreadyUsed) else None
        return await _form(
            request, staff, case_id, kind, values, refused(refusal), refusal.status, used
        )
    log.info("meeting_booked", session_id=str(meeting.id), case_id=str(case_id))
    return RedirectResponse(f"/scheduling/sessions/{meeting.id}?done=booked", status_code=303)


async def _book(service: Service, session: Session, proposal: Proposal, staff: Staff) -> Meeting:
    async with service.database.reading() as looking:
        repeated = await actions.booking.check(looking, proposal)
    if repeated is not None:
        return repeated
    # The transaction begins with its first statement, so nothing is held while we wait here.
    grant = await ask_for_grant(service, proposal)
    return await actions.booking.book(session, proposal, grant, staff.id)


async def _form(
    request: Request,
    staff: Staff,
    case_id: UUID,
    kind: MeetingKind,
    values: Values,
    errors: FormErrors | None = None,
    status: int = 200,
    used: UUID | None = None,
) -> Response:
    """The form. A form that booked nothing gets a new id, one that did keeps its own."""
    service = service_of(request)
    async with service.database.reading() as session:
        case = await store.cases.find(session, case_id)
        if case is None:
            raise NotKnown("case")
        parties = (await store.cases.parties(session, [case_id]))[case_id]
        venues = await store.venues.in_use(session)
        facilitators = await store.people.may_facilitate(session, case.referral_id)
    names = await names_of(service, staff, [*facilitators, *(party.person_id for party in parties)])
    await note_case(request, "booking_form", case_id, (party.person_id for party in parties))
    if kind is MeetingKind.JOINT and len(parties) == BROUGHT_TOGETHER and errors is None:
        values = {**values, "participants": [str(party.person_id) for party in parties]}
    return render(
        request,
        "book.html",
        status,
        case_id=case_id,
        kind=kind,
        title=f"Book a {words.KINDS[kind].lower()}",
        meeting_id=used or service.world.new_id(),
        participants=party_choices(parties, names),
        venues=venue_choices(venues, kind),
        facilitators=facilitator_choices(facilitators, names),
        lengths=length_choices(),
        names=names,
        values=values,
        errors=errors or FormErrors(),
    )


def party_choices(parties: list[Party], names: Names) -> list[tuple[str, str, str]]:
    return [
        (str(party.person_id), names.of(party.person_id), words.SIDES[party.side])
        for party in parties
    ]


def venue_choices(venues: list[Venue], kind: MeetingKind) -> list[tuple[str, str, str]]:
    """The venues this kind of meeting can be held at, with what helps to choose."""
    return [
        (str(venue.id), venue.label, venue_hint(venue))
        for venue in venues
        if not (kind is MeetingKind.JOINT and venue.kind is VenueKind.OFFICE)
    ]


def venue_hint(venue: Venue) -> str:
    steps = "" if venue.kind is VenueKind.ONLINE else _steps(venue)
    parts = [words.VENUE_KINDS[venue.kind], steps, venue.safety_note]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def _steps(venue: Venue) -> str:
    return "Step-free" if venue.step_free else "Not step-free"


def facilitator_choices(facilitators: list[UUID], names: Names) -> list[tuple[str, str]]:
    return [(str(person_id), names.of(person_id, "Facilitator")) for person_id in facilitators]


def length_choices() -> list[tuple[str, str]]:
    return [(str(int(span.total_seconds()) // 60), words.length(span)) for span in words.LENGTHS]
