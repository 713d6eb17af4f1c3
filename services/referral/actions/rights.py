"""What people asked about their own data: noted, extended, and decided."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.referral import store
from services.referral.actions import case_file, erasure
from services.referral.domain import rights
from services.referral.domain.agreement import HowTold
from services.referral.domain.case_file import NotThere
from services.referral.domain.erasure import Basis, WasErasedBefore
from services.referral.domain.rights import (
    AlreadyAsked,
    ExtensionReason,
    RefusalReason,
    RightKind,
    RightRequest,
)
from shared.plumbing import audit
from shared.plumbing.database import Session
from shared.plumbing.ledger import Ledger


@dataclass(frozen=True)
class Decider:
    """Who decides, on what day in London, and whether the operator says they are the only one."""

    id: UUID
    today: date
    alone: bool = False


async def receive(
    session: Session,
    person_id: UUID,
    kind: RightKind,
    received_on: date,
    how: HowTold,
    decider: Decider,
) -> RightRequest:
    """Note that somebody asked. Raises NotThere, WasErasedBefore, AlreadyAsked or NotYet."""
    await _alone_with(session, person_id)
    if not await store.people.exists(session, person_id):
        raise NotThere("There is no such person.")
    if await store.erasures.erased_of(session, [person_id]):
        raise WasErasedBefore("What was kept of this person was erased before.")
    before = await store.rights.of_person(session, person_id)
    if any(one.is_open and one.kind is kind for one in before):
        raise AlreadyAsked("They have asked for this before, and that is still to be decided.")
    request = rights.receive(
        session.new_id(),
        person_id,
        kind,
        received_on,
        how,
        by=decider.id,
        today=decider.today,
    )
    await store.rights.add(session, request)
    await _note(session, request, "right_asked")
    return request


async def extend(
    session: Session, request_id: UUID, why: ExtensionReason, decider: Decider
) -> None:
    """Take two months longer. Raises NotThere, AlreadyDecided or TooLateToExtend."""
    request = await opened(session, request_id)
    await _keep(session, rights.extend(request, why, decider.today), "right_extended")


async def refuse(
    session: Session, request_id: UUID, why: RefusalReason, note: str, decider: Decider
) -> None:
    """Say no, and why. Raises NotThere, AlreadyDecided or NoSuchReason."""
    request = rights.refuse(await opened(session, request_id), why, decider.today, by=decider.id)
    await _keep(session, request, "right_refused")
    await store.rights.keep_note(session, request, note)


async def withdraw(session: Session, request_id: UUID, decider: Decider) -> None:
    """Note that they no longer ask. Raises NotThere or AlreadyDecided."""
    request = await opened(session, request_id)
    await _keep(session, rights.withdraw(request, decider.today, by=decider.id), "right_withdrawn")


async def carry_out_erasure(
    session: Session, ledger: Ledger, request_id: UUID, decider: Decider
) -> None:
    """Erase whoever asked for it.

    Raises NotThere, AlreadyDecided, NeedsSomebodyElse, and what `erasure.erase` raises.
    """
    request = await opened(session, request_id)
    done = rights.carry_out(request, decider.today, by=decider.id, alone=decider.alone)
    await _keep(session, done, "right_carried_out")
    for other in await store.rights.of_person(session, request.person_id):
        if other.is_open:  # nothing is left that they could be given, or that could be put right
            await _keep(session, rights.withdraw(other, decider.today, by=decider.id), "right_over")
    await erasure.erase(
        session,
        ledger,
        request.person_id,
        Basis.REQUEST,
        on=decider.today,
        how=request.received_by,
        by=decider.id,
    )


async def finish_redaction(session: Session, referral_id: UUID, decider: Decider) -> None:
    """Note that a case was looked through for what it says of somebody erased. Raises NotThere."""
    await case_file.lock(session, referral_id)
    because_of = await store.redactions.of_case(session, referral_id)
    if not because_of:
        raise NotThere("Nothing in this case waits to be looked through.")
    await store.redactions.finish(session, referral_id, decider.id, decider.today)
    done = audit.Entry(
        verb=audit.Verb.ERASURE,
        purpose="redaction_done",
        fields=("free_text",),
        referral_id=referral_id,
    )
    await audit.record(session, *audit.about_each(because_of, done))


async def opened(session: Session, request_id: UUID) -> RightRequest:
    """A request, held against everybody else. Raises NotThere."""
    request = await store.rights.find(session, request_id)
    if request is None:
        raise NotThere("There is no such request.")
    await _alone_with(session, request.person_id)
    again = await store.rights.find(session, request_id)
    assert again is not None  # noqa: S101 - requests are never deleted
    return again


async def _alone_with(session: Session, person_id: UUID) -> None:
    await session.lock(f"right:{person_id}")


async def _keep(session: Session, request: RightRequest, purpose: str) -> None:
    await store.rights.save(session, request)
    await _note(session, request, purpose)


async def _note(session: Session, request: RightRequest, purpose: str) -> None:
    await audit.record(
        session,
        audit.Entry(
            verb=audit.Verb.ALTERATION,
            purpose=purpose,
            fields=("right", request.kind.value),
            person_id=request.person_id,
        ),
    )
