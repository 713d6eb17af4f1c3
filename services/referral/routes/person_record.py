"""Giving somebody a copy of all that is kept about them, and deciding about mixed text first."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.referral import store
from services.referral.actions import pieces, record
from services.referral.domain.pieces import Decision, Ground, NotDecided, Source
from services.referral.routes import person_file
from services.referral.routes import wording_of_rights as wording
from services.referral.routes.cases import LIST
from services.referral.routes.person_file import PersonFile
from services.referral.routes.whole_person import whole_person
from shared.contracts.access import Action
from shared.contracts.catalogue import SERVICES
from shared.contracts.person_record import (
    NotificationsRecordWanted,
    PersonRecord,
    RecordWanted,
    ReportingRecordWanted,
    SchedulingRecordWanted,
)
from shared.plumbing import audit
from shared.plumbing.asking import NoAnswer
from shared.plumbing.database import Session
from shared.plumbing.edge import transaction_of
from shared.plumbing.gates import may
from shared.plumbing.service import Reading, Service, Transaction, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.forms import Form, FormErrors, Values, check, submitted
from shared.ui.pages import Pages, render
from shared.ui.text import Paragraph

Submitted = Annotated[Values, Depends(submitted)]

PERSON = LIST + "/{referral_id}/people/{person_id}"
DONE = {"decided": "You decided about a piece.", "again": "The piece waits again."}

router = APIRouter(
    prefix=PERSON,
    dependencies=[may(Action.EXPORT_PERSON, about="person_id")],
    include_in_schema=False,
)


class CopyForm(Form):
    words: ClassVar[dict[str, str]] = {"kind": "Choose which copy you want"}

    kind: Literal["html", "json"]


class RulingForm(Form):
    words: ClassVar[dict[str, str]] = {
        "decision": "Choose what happens to it",
        "reason.missing": "Enter your reason",
    }

    source: Source
    piece: UUID
    size: int
    decision: Decision
    ground: Ground | None = None
    redacted: Annotated[str, Paragraph(5000)] | None = None
    reason: Annotated[str, Paragraph(500)]


class AgainForm(Form):
    words: ClassVar[dict[str, str]] = {}

    again: UUID


@router.get("/record")
async def record_page(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID, person_id: UUID
) -> Response:
    """What goes into it, and what waits to be decided."""
    return await _record(request, session, staff, referral_id, person_id)


@router.post("/record")
async def give_copy(
    request: Request, staff: StaffMember, values: Submitted, referral_id: UUID, person_id: UUID
) -> Response:
    """The copy itself: made now, noted, and kept nowhere."""
    form, errors = check(CopyForm, values)
    service = service_of(request)
    async with service.database.reading() as session:
        await whole_person(session, staff, referral_id, person_id)
        if form is None:
            return await _record(request, session, staff, referral_id, person_id, errors)
        own = await record.own_referrals(session, person_id)
    parts, silent = await _of_others(service, staff, person_id, own)
    async with transaction_of(request) as session:
        # Once more: what was true before the others were asked may not be so any longer.
        await whole_person(session, staff, referral_id, person_id)
        mine = await record.person_record(session, person_id)
        await record.note_disclosure(session, person_id)
    every = {"referral": mine, **parts}
    copy = PersonFile(
        person_id,
        service.world.now(),
        person_file.controller_of(service.settings),
        {name: every[name] for name in SERVICES if name in every},
        silent,
    )
    pages: Pages = request.app.state.pages
    body = person_file.as_json(copy)
    if form.kind == "html":
        body = person_file.as_html(pages.environment, copy)
    return Response(
        body,
        media_type="text/html" if form.kind == "html" else "application/json",
        headers={"content-disposition": f'attachment; filename="copy.{form.kind}"'},
    )


@router.get("/record/pieces")
async def piece_page(
    request: Request, session: Reading, staff: StaffMember, referral_id: UUID, person_id: UUID
) -> Response:
    """The next piece of text that is about several people."""
    return await _piece(request, session, staff, referral_id, person_id)


@router.post("/record/pieces")
async def decide_piece(
    request: Request,
    session: Transaction,
    staff: StaffMember,
    values: Submitted,
    referral_id: UUID,
    person_id: UUID,
) -> Response:
    """Release it, give a part of it, or withhold it."""
    await whole_person(session, staff, referral_id, person_id)
    here = request.url.path
    if "again" in values:
        again, _ = check(AgainForm, values)
        if again is not None:
            await pieces.decide_again(session, person_id, again.again)
        return RedirectResponse(f"{here}?done=again", status_code=303)
    form, errors = check(RulingForm, values)
    if form is None:
        return await _piece(request, session, staff, referral_id, person_id, errors, values)
    try:
        await pieces.decide(
            session,
            person_id,
            form.source,
            form.piece,
            form.decision,
            ground=form.ground,
            redacted=form.redacted,
            reason=form.reason,
            seen_size=form.size,
            by=staff.id,
        )
    except NotDecided as why:
        await session.rollback()
        errors = FormErrors.of(str(why), "decision")
        return await _piece(request, session, staff, referral_id, person_id, errors, values)
    return RedirectResponse(f"{here}?done=decided", status_code=303)


async def _of_others(
    service: Service, staff: Staff, person_id: UUID, own: tuple[UUID, ...]
) -> tuple[dict[str, PersonRecord], tuple[str, ...]]:
    """What the other services keep, and who of them did not answer."""
    parts: dict[str, PersonRecord] = {}
    about = RecordWanted(
        person_id=person_id,
        referral_ids=own[:200],
        asked_by=staff.id,
        roles=audit.roles_in_order(staff.roles),
    ).model_dump()
    asks = (
        SchedulingRecordWanted(**about),
        NotificationsRecordWanted(**about),
        ReportingRecordWanted(**about),
    )
    for ask in asks:
        try:
            answer = await service.bus.ask(ask)
        except NoAnswer:
            continue
        assert isinstance(answer, PersonRecord)  # noqa: S101 - the bus has checked it
        parts[ask.owner()] = answer
    return parts, tuple(ask.owner() for ask in asks if ask.owner() not in parts)


async def _record(
    request: Request,
    session: Session,
    staff: Staff,
    referral_id: UUID,
    person_id: UUID,
    errors: FormErrors | None = None,
) -> Response:
    person = await whole_person(session, staff, referral_id, person_id)
    waits = len(await pieces.waiting(session, person_id))
    rulings = await store.pieces.rulings_for(session, person_id)
    await _noted(request, session, person_id, "record_page", "name")
    return render(
        request,
        "record.html",
        person=person,
        waits=waits,
        decided=len(rulings),
        here=PERSON.format(referral_id=referral_id, person_id=person_id),
        case=f"{LIST}/{referral_id}",
        others=list(person_file.CALLED.values())[1:],
        errors=errors or FormErrors(),
    )


async def _piece(
    request: Request,
    session: Session,
    staff: Staff,
    referral_id: UUID,
    person_id: UUID,
    errors: FormErrors | None = None,
    values: Values | None = None,
) -> Response:
    person = await whole_person(session, staff, referral_id, person_id)
    waits = await pieces.waiting(session, person_id)
    rulings = await store.pieces.rulings_for(session, person_id)
    await _noted(request, session, person_id, "mixed_text_page", "mixed_text")
    return render(
        request,
        "pieces.html",
        person=person,
        piece=waits[0] if waits else None,
        waits=len(waits),
        rulings=rulings,
        words=wording,
        here=PERSON.format(referral_id=referral_id, person_id=person_id) + "/record",
        errors=errors or FormErrors(),
        values=values or {},
        done=DONE,
    )


async def _noted(
    request: Request, session: Session, person_id: UUID, purpose: str, field: str
) -> None:
    seen = audit.Entry(
        verb=audit.Verb.CONSULTATION, purpose=purpose, fields=(field,), person_id=person_id
    )
    await audit.looked(request, seen, session=session)
