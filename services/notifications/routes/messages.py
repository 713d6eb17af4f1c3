"""What was sent, what was not, and why."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from services.notifications.actions import by_hand as decisions
from services.notifications.actions import sending
from services.notifications.actions.by_hand import NoSuchMessage
from services.notifications.channels.loop import rules_of
from services.notifications.domain.by_hand import may_tell_another_way, may_try_again
from services.notifications.domain.message import State
from services.notifications.routes import words
from services.notifications.routes.finding import seen_by
from services.notifications.routes.looks import note_looks
from services.notifications.routes.names import names_of
from services.notifications.routes.pressing import CLOSED_TO_THAT, pressed
from services.notifications.routes.shown import show, show_entries
from services.notifications.store import history, messages
from shared.contracts.access import Action
from shared.contracts.words import Channel
from shared.plumbing.database import Session
from shared.plumbing.edge import transaction_of
from shared.plumbing.gates import may
from shared.plumbing.service import service_of
from shared.plumbing.staff import Staff, StaffMember
from shared.plumbing.standing import sees_few
from shared.ui.pages import render
from shared.ui.paging import Paged, link_with

router = APIRouter()
log = structlog.get_logger()

PAGE_LENGTH = 50

DONE = {
    "tried_again": "The message will be tried again in a moment.",
    "told": "Thank you. It is recorded that the person knows.",
    "already_tried_again": "It had been asked for already that this is tried again.",
    "already_told": "It had been recorded already that the person knows.",
    "already_done": "It had been recorded already that the person knows.",
    "already_not_reached": "It had been recorded already that they could not be reached.",
    "already_not_needed": "It had been closed already as no longer needed.",
}


@router.get("/", dependencies=[may(Action.SEE_MESSAGES)])
async def list_messages(
    request: Request,
    staff: StaffMember,
    state: State | None = None,
    after: Annotated[UUID | None, Query()] = None,
) -> Response:
    """Messages, newest first; `state` shows those in one state, `after` begins further down."""
    service = service_of(request)
    async with service.database.reading() as session:
        now = session.now()
        visible = seen_by(staff, Action.SEE_MESSAGES, now)
        few = sees_few(staff, Action.SEE_MESSAGES)
        page = await messages.newest(session, visible, state, after, PAGE_LENGTH, few=few)
        to_do = seen_by(staff, Action.REACH_BY_HAND, now)
        tasks = await messages.open_tasks(session, to_do, 1)
    names = await names_of(service, staff, [one.person_id for one in page.messages])
    await note_looks(request, "message_list", page.messages)
    older = link_with(request, after=str(page.older_than)) if page.older_than else None
    return render(
        request,
        "messages.html",
        shown=[show(one, names) for one in page.messages],
        names=names,
        state=state,
        states=words.STATES,
        has_tasks=bool(tasks),
        paging=Paged(
            previous=link_with(request, after=None) if after else None,
            next=older,
            label="Pages of messages",
        ),
        guests=rules_of(service.settings).guests,
    )


@router.get("/messages/{message_id}", dependencies=[may(Action.SEE_MESSAGES, about="message_id")])
async def show_message(request: Request, staff: StaffMember, message_id: UUID) -> Response:
    """One message and everything that became of it."""
    return await _page(request, staff, message_id)


async def _page(
    request: Request, staff: Staff, message_id: UUID, note: str = "", status: int = 200
) -> Response:
    service = service_of(request)
    async with service.database.reading() as session:
        message = await messages.find(session, message_id)
        if message is None:
            raise NoSuchMessage("There is no such message.")
        entries = await history.of(session, message_id)
        was_shown = await history.was_shown(session, message_id)
        untrue = await sending.untrue(session, message)
        now = session.now()
    people = [message.person_id, *(entry.staff_id for entry in entries if entry.staff_id)]
    names = await names_of(service, staff, people)
    await note_looks(request, "message_page", [message])
    return render(
        request,
        "message.html",
        status,
        note=note,
        shown=show(message, names),
        names=names,
        history=show_entries(entries, names),
        may_try_again=untrue is None and may_try_again(message, now),
        may_tell=may_tell_another_way(message),
        ways=words.ANOTHER_WAY,
        may_have_been_told=message.state is State.RECALLED and was_shown and not message.told_at,
        done=DONE,
    )


@router.post(
    "/messages/{message_id}/try-again", dependencies=[may(Action.REACH_BY_HAND, about="message_id")]
)
async def try_again(request: Request, staff: StaffMember, message_id: UUID) -> Response:
    """A member of staff decides that a message is worth another try."""
    return await _record(request, staff, message_id, "tried_again", decisions.try_again)


@router.post(
    "/messages/{message_id}/told", dependencies=[may(Action.REACH_BY_HAND, about="message_id")]
)
async def note_told(
    request: Request,
    staff: StaffMember,
    message_id: UUID,
    channel: Annotated[Channel, Form()] = Channel.PHONE,
) -> Response:
    """It did not go out, and somebody told the person another way."""
    act = partial(decisions.note_told_another_way, channel=channel)
    return await _record(request, staff, message_id, "told", act)


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
        return await _page(request, staff, message_id, str(refusal), refusal.status)
    log.info(f"message_{done}", message_id=str(message_id), staff_id=str(staff.id), is_new=is_new)
    done = done if is_new else f"already_{done}"
    return RedirectResponse(f"/notifications/messages/{message_id}?done={done}", 303)
