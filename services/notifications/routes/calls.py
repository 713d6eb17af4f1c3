"""What people have to do because no machine may: ring, text or write.

How to reach somebody is asked for at the press of a button, shown once, and kept nowhere.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from services.notifications.actions import by_hand as decisions
from services.notifications.actions import sending
from services.notifications.actions.by_hand import NoSuchMessage
from services.notifications.channels.loop import ask_permit, rules_of
from services.notifications.domain.message import Message, NotNow, State
from services.notifications.routes import words
from services.notifications.routes.finding import seen_by
from services.notifications.routes.looks import note_looks
from services.notifications.routes.names import names_of
from services.notifications.routes.pressing import CLOSED_TO_THAT, pressed
from services.notifications.routes.shown import dialled, show, show_entries
from services.notifications.store import history, messages
from services.notifications.wording import CallScript, Occasion, call_script
from shared.contracts.access import Action
from shared.contracts.referral import ContactPermit, ContactPermitWanted, PermitOutcome
from shared.contracts.words import Channel
from shared.plumbing.asking import NoAnswer
from shared.plumbing.database import Session
from shared.plumbing.edge import transaction_of
from shared.plumbing.gates import may
from shared.plumbing.service import Service, service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.ui.pages import render
from shared.ui.paging import Paged, link_with, paged

router = APIRouter(prefix="/calls")
log = structlog.get_logger()

ON_A_PAGE = 50

PageNumber = Annotated[int, Query(ge=1, le=10_000)]

DONE = {
    "done": "Thank you. It is recorded that the person knows.",
    "not_reached": "It is recorded that you tried. The task stays on the list.",
    "not_needed": "The task is closed.",
    "not_allowed": "This person must not be contacted about it. The task is closed.",
}

NOBODY_ANSWERED = (
    "We could not find out whether it is safe to contact this person, so we do not show how. "
    "Please try again in a minute."
)
NOT_SAFE_YET = (
    "This is not a safe time to contact this person. Please come back later: the list shows what "
    "is still to be done."
)


@dataclass(frozen=True)
class Reach:
    """How to reach somebody, for the eyes of one member of staff, on one page."""

    channel: Channel
    address: str
    script: CallScript


@router.get("", dependencies=[may(Action.REACH_BY_HAND)])
async def list_calls(
    request: Request, staff: StaffMember, page: PageNumber = 1, back: PageNumber = 1
) -> Response:
    """Everything somebody has to do by hand, the most pressing first.

    What was taken back after a look has pages of its own, numbered `back`.
    """
    service = service_of(request)
    async with service.database.reading() as session:
        now = session.now()
        visible = seen_by(staff, Action.REACH_BY_HAND, now)
        to_do = await messages.open_tasks(session, visible, ON_A_PAGE + 1, (page - 1) * ON_A_PAGE)
        taken_back = await messages.taken_back_after_a_look(
            session, visible, now, ON_A_PAGE + 1, (back - 1) * ON_A_PAGE
        )
    shown, shown_back = to_do[:ON_A_PAGE], taken_back[:ON_A_PAGE]
    names = await names_of(service, staff, [one.person_id for one in shown + shown_back])
    await note_looks(request, "call_list", shown + shown_back)
    return render(
        request,
        "calls.html",
        shown=[show(one, names) for one in shown],
        paging=paged(request, page, more=len(to_do) > ON_A_PAGE, label="Pages of what to do"),
        taken_back=[show(one, names) for one in shown_back],
        back_paging=Paged(
            previous=link_with(request, back=back - 1) if back > 1 else None,
            next=link_with(request, back=back + 1) if len(taken_back) > ON_A_PAGE else None,
            label="Pages of what was taken back",
        ),
        names=names,
        done=DONE,
    )


@router.get("/{message_id}", dependencies=[may(Action.REACH_BY_HAND, about="message_id")])
async def show_call(request: Request, staff: StaffMember, message_id: UUID) -> Response:
    """One task, without how to reach the person."""
    return await _page(request, staff, message_id)


@router.post("/{message_id}/reach", dependencies=[may(Action.REACH_BY_HAND, about="message_id")])
async def show_how(request: Request, staff: StaffMember, message_id: UUID) -> Response:
    """How to reach the person now, if they may be reached now. Who looked is recorded first."""
    try:
        return await _show_how(request, staff, message_id)
    except CLOSED_TO_THAT as refusal:
        return await _page(request, staff, message_id, note=str(refusal), status=refusal.status)


async def _show_how(request: Request, staff: Staff, message_id: UUID) -> Response:
    service = service_of(request)
    async with service.database.reading() as session:
        message = await messages.find(session, message_id)
        if message is None:
            raise NoSuchMessage("There is no such message.")
        if not message.is_open_task or await sending.is_over(session, message):
            raise NotNow("This task is closed: nobody needs to be contacted about it any more.")
        times = await sending.times(session, message)
    try:
        permit = await ask_permit(service, _question(message, staff))
    except NoAnswer:
        return await _page(request, staff, message_id, note=NOBODY_ANSWERED, status=503)
    if permit.outcome is PermitOutcome.DENIED and permit.reason is not None:
        async with transaction_of(request) as session:
            await decisions.note_forbidden(session, message_id, permit.reason)
        return RedirectResponse("/notifications/calls?done=not_allowed", 303)
    if permit.outcome is PermitOutcome.LATER:
        return await _page(request, staff, message_id, note=NOT_SAFE_YET, permit=permit)
    occasion = Occasion(message.purpose, times.starts_at, times.told_before)
    reach = _reach(service, permit, occasion)
    if reach is None:
        return await _page(request, staff, message_id, note=NOBODY_ANSWERED, status=503)
    async with transaction_of(request) as session:
        await decisions.note_shown(session, message_id, staff.id, reach.channel)
    log.info("reach_shown", message_id=str(message_id), staff_id=str(staff.id))
    return await _page(request, staff, message_id, reach=reach)


@router.post("/{message_id}/done", dependencies=[may(Action.REACH_BY_HAND, about="message_id")])
async def note_done(request: Request, staff: StaffMember, message_id: UUID) -> Response:
    """The person was told."""
    return await _record(request, staff, message_id, "done", decisions.note_reached)


@router.post(
    "/{message_id}/not-reached", dependencies=[may(Action.REACH_BY_HAND, about="message_id")]
)
async def note_not_reached(
    request: Request,
    staff: StaffMember,
    message_id: UUID,
    version: Annotated[int | None, Form()] = None,
) -> Response:
    """Somebody tried."""
    act = partial(decisions.note_not_reached, seen=version)
    return await _record(request, staff, message_id, "not_reached", act)


@router.post(
    "/{message_id}/not-needed", dependencies=[may(Action.REACH_BY_HAND, about="message_id")]
)
async def note_not_needed(request: Request, staff: StaffMember, message_id: UUID) -> Response:
    """Nobody needs to do it any more."""
    return await _record(request, staff, message_id, "not_needed", decisions.note_not_needed)


async def _record(
    request: Request,
    staff: Staff,
    message_id: UUID,
    done: str,
    act: Callable[[Session, UUID, UUID], Awaitable[bool]],
) -> Response:
    try:
        is_new = await pressed(
            partial(transaction_of, request), lambda session: act(session, message_id, staff.id)
        )
    except CLOSED_TO_THAT as refusal:
        return await _page(request, staff, message_id, note=str(refusal), status=refusal.status)
    if is_new:
        return RedirectResponse(f"/notifications/calls?done={done}", 303)
    return RedirectResponse(f"/notifications/messages/{message_id}?done=already_{done}", 303)


async def _page(
    request: Request,
    staff: Staff,
    message_id: UUID,
    *,
    reach: Reach | None = None,
    note: str = "",
    permit: ContactPermit | None = None,
    status: int = 200,
) -> Response:
    service = service_of(request)
    async with service.database.reading() as session:
        message = await messages.find(session, message_id)
        if message is None or message.channel is None:
            raise NoSuchMessage("There is no such task.")
        entries = await history.of(session, message_id)
        was_shown = await history.was_shown(session, message_id)
    people = [message.person_id, *(entry.staff_id for entry in entries if entry.staff_id)]
    names = await names_of(service, staff, people)
    await note_looks(request, "call_page", [message])
    return render(
        request,
        "call.html",
        status,
        shown=show(message, names),
        names=names,
        history=show_entries(entries, names),
        reach=reach,
        note=note,
        how=words.CHANNELS[reach.channel if reach else message.channel],
        reach_at=words.REACH_AT[reach.channel] if reach else "",
        not_before=permit.not_before if permit else None,
        may_have_been_told=message.state is State.RECALLED and was_shown and not message.told_at,
    )


def _reach(service: Service, permit: ContactPermit, occasion: Occasion) -> Reach | None:
    """None when the permit lacks what a person needs to act on it."""
    if permit.channel is None or permit.address is None or permit.words is None:
        return None
    head = rules_of(service.settings).head
    script = call_script(permit.channel, occasion, permit.words, head)
    return Reach(permit.channel, dialled(permit.address), script)


def _question(message: Message, staff: Staff) -> ContactPermitWanted:
    return ContactPermitWanted(
        person_id=message.person_id,
        purpose=message.purpose,
        intent_id=message.id,
        referral_id=message.subject.referral_id,
        case_id=message.subject.case_id,
        session_id=message.subject.session_id,
        shown_to=staff.id,
    )
