"""Keeping the register of those who want a copy of their data, or to have it put right."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.referral import store
from services.referral.domain import clarification, rights
from services.referral.domain.agreement import HowTold
from services.referral.domain.case_file import NotThere
from services.referral.domain.rights import ExtensionReason, RightKind, RightRequest
from shared.contracts.refusal import Refusal
from shared.plumbing import audit
from shared.plumbing.database import Session

HERE = frozenset({RightKind.ACCESS, RightKind.RECTIFICATION})
"""What this register's pages are for; erasure has its own, which asks for two people."""


class ReasonMissing(Refusal):
    """A refusal needs a reason the law knows."""


async def receive(
    session: Session,
    person_id: UUID,
    kind: RightKind,
    received_on: date,
    how: HowTold,
    *,
    by: UUID,
    today: date,
) -> RightRequest:
    """Note that somebody has asked. Raises NotYet, or AlreadyAsked while the same is open."""
    await session.lock(f"rights:{person_id}")
    for one in await store.rights.of_person(session, person_id):
        if one.kind is kind and one.is_open:
            raise rights.AlreadyAsked("They have asked for this already, and it is still open.")
    request = rights.receive(
        session.new_id(), person_id, kind, received_on, how, by=by, today=today
    )
    await store.rights.add(session, request)
    await _note(session, audit.Verb.COLLECTION, request, "received")
    return request


async def stop_clock(
    session: Session, person_id: UUID, request_id: UUID, *, by: UUID, today: date
) -> None:
    """We have asked them what they want. Raises NotThere or NotAskedNow."""
    request = await _theirs(session, person_id, request_id)
    asked = (await store.clarifications.of_requests(session, [request_id]))[request_id]
    await store.clarifications.save(session, clarification.ask(request, asked, today, by))
    await _note(session, audit.Verb.ALTERATION, request, "clock_stopped")


async def start_clock(session: Session, person_id: UUID, request_id: UUID, *, today: date) -> None:
    """They have said what they want. Raises NotThere or NotAskedNow."""
    request = await _theirs(session, person_id, request_id)
    asked = (await store.clarifications.of_requests(session, [request_id]))[request_id]
    await store.clarifications.save(session, clarification.answer(asked, today))
    await _note(session, audit.Verb.ALTERATION, request, "clock_started")


async def extend(
    session: Session,
    person_id: UUID,
    request_id: UUID,
    why: ExtensionReason,
    note: str,
    *,
    today: date,
) -> None:
    """Take two months longer, for a reason they are told. Raises NotThere, AlreadyDecided,
    TooLateToExtend or WasErased."""
    request = await _theirs(session, person_id, request_id)
    asked = (await store.clarifications.of_requests(session, [request_id]))[request_id]
    moved = clarification.due_on(request, asked, today) - request.due_on
    # Within the month, without the days on which we waited for them.
    later = replace(rights.extend(request, why, today - moved), extended_on=today)
    await store.rights.save(session, later)
    await store.rights.keep_note(session, later, note)
    await _note(session, audit.Verb.ALTERATION, later, "extended")


async def carry_out(
    session: Session, person_id: UUID, request_id: UUID, *, by: UUID, today: date
) -> None:
    """What they asked for was done, and they were told. Raises NotThere or AlreadyDecided."""
    request = await _theirs(session, person_id, request_id)
    done = rights.carry_out(request, today, by=by)
    await store.rights.save(session, done)
    await _note(session, audit.Verb.ALTERATION, done, "answered")


async def end(
    session: Session,
    person_id: UUID,
    request_id: UUID,
    *,
    refused: rights.RefusalReason | None,
    by: UUID,
    today: date,
) -> None:
    """It was refused for a reason the law knows, or they no longer want it."""
    request = await _theirs(session, person_id, request_id)
    ended = (
        rights.withdraw(request, today, by=by)
        if refused is None
        else rights.refuse(request, refused, today, by=by)
    )
    await store.rights.save(session, ended)
    await _note(session, audit.Verb.ALTERATION, ended, ended.state.value)


async def _theirs(session: Session, person_id: UUID, request_id: UUID) -> RightRequest:
    await session.lock(f"rights:{person_id}")
    request = await store.rights.find(session, request_id)
    if request is None or request.person_id != person_id or request.kind not in HERE:
        raise NotThere("There is no such request.")
    return request


async def _note(session: Session, verb: audit.Verb, request: RightRequest, what: str) -> None:
    noted = audit.Entry(
        verb=verb,
        purpose=f"{request.kind.value}_request",
        fields=(what,),
        person_id=request.person_id,
    )
    await audit.record(session, noted)
