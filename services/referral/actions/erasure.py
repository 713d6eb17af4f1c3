"""Erasing a person: what hangs on them ends first, then what is kept of them is destroyed.

All of it is one transaction. Its last step writes the id into the ledger, outside the store: a
crash after that leaves a line for somebody who is still here, and the next start finishes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.referral import store
from services.referral.actions import agreements, case_file
from services.referral.actions.case_file import CaseFile
from services.referral.actions.staff import STAFF_LIST
from services.referral.domain import staff
from services.referral.domain.agreement import HowTold
from services.referral.domain.case_file import PageOutOfDate
from services.referral.domain.erasure import (
    Basis,
    CaseOfTheirs,
    Erasure,
    Outlook,
    refuse_unless_free,
)
from services.referral.domain.staff import Colleague
from services.referral.domain.timeline import Happening
from shared.contracts.referral import PersonErased, StaffLeft
from shared.contracts.words import Role
from shared.plumbing import audit, idempotency, outbox, parked
from shared.plumbing.database import Session
from shared.plumbing.ledger import Ledger, Line

TAKEN = ("name", "born", "contact", "search", "agreement", "contact_wish", "account", "right")
"""What is destroyed, by name, for the audit."""


@dataclass(frozen=True)
class Reapplied:
    """What a look into the ledger came to."""

    again: list[UUID]
    """Who had come back, and was erased again."""
    written: int
    """How many lines the ledger lacked that the store knew of."""


async def outlook(session: Session, person_id: UUID) -> Outlook:
    """What erasing somebody would touch."""
    cases = []
    for referral_id in sorted(await store.cases.referrals_with(session, person_id)):
        file = await case_file.read(session, referral_id)
        cases.append(await _case(session, file, person_id))
    return Outlook(tuple(cases), works_here=await _works_here(session, person_id))


async def erase(
    session: Session,
    ledger: Ledger,
    person_id: UUID,
    basis: Basis,
    *,
    on: date,
    how: HowTold = HowTold.IN_WRITING,
    by: UUID | None = None,
) -> bool:
    """Erase somebody; False, and nothing changed, when they were erased before.

    `on` is today, in London.

    Raises MustBeKept, LastCoordinator, NotWrittenDown, or PageOutOfDate when they were added to
    a case meanwhile.
    """
    await lock_everything(session, person_id)
    if not await store.erasures.come_back(session, [person_id]):
        return False
    refuse_unless_free(await outlook(session, person_id))
    await _refuse_the_last_coordinator(session, person_id)
    erasure = Erasure(person_id, on, basis)
    await _destroy(session, erasure, how, by)
    ledger.append([_line(erasure)])
    return True


async def reapply(session: Session, ledger: Ledger) -> Reapplied:
    """Erase again whoever has come back with an older copy of the store.

    Ledger and store make each other whole: what either lacks it gets from the other. No hold
    stands against it, as they were erased before. Raises CannotStart and NotWrittenDown.
    """
    written = {from_line(line) for line in ledger.read()}
    known = await store.erasures.everybody(session)
    there = {erasure.person_id for erasure in written}
    lacking = [erasure for erasure in known if erasure.person_id not in there]
    ledger.append(map(_line, lacking))
    by_person = {erasure.person_id: erasure for erasure in (*written, *known)}
    back = sorted(await store.erasures.come_back(session, by_person))
    for person_id in back:
        await lock_everything(session, person_id)
        await _destroy(session, by_person[person_id], HowTold.IN_WRITING, None)
    return Reapplied(back, len(lacking))


async def tell_again(session: Session) -> int:
    """Tell the others of everybody who was erased, for one whose store was put back."""
    everybody = await store.erasures.everybody(session)
    for erasure in everybody:
        await _tell(session, erasure.person_id)
    return len(everybody)


async def erase_as_told(
    session: Session, ledger: Ledger, person_ids: Iterable[UUID], on: date
) -> int:
    """Erase whom our own stream says we erased, though neither store nor ledger knows of it."""
    found = 0
    for person_id in sorted(await store.erasures.come_back(session, set(person_ids))):
        await lock_everything(session, person_id)
        erasure = Erasure(person_id, on, Basis.REQUEST)
        await _destroy(session, erasure, HowTold.IN_WRITING, None)
        ledger.append([_line(erasure)])
        found += 1
    return found


async def lock_everything(session: Session, *person_ids: UUID) -> None:
    """Lock everything that is about these people, all in one call.

    Raises PageOutOfDate when one of them was added to a case meanwhile.
    """
    referrals = await _referrals_of(session, person_ids)
    await session.lock(
        STAFF_LIST,
        *(f"person:{one}" for one in person_ids),
        *(f"referral:{one}" for one in sorted(referrals)),
    )
    if await _referrals_of(session, person_ids) != referrals:
        raise PageOutOfDate("Somebody has just added them to another case. Open the page again.")


async def _referrals_of(session: Session, person_ids: Iterable[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for person_id in person_ids:
        found |= await store.cases.referrals_with(session, person_id)
    return found


async def _destroy(session: Session, erasure: Erasure, how: HowTold, by: UUID | None) -> None:
    person_id = erasure.person_id
    referrals = sorted(await store.cases.referrals_with(session, person_id))
    for referral_id in referrals:
        await _take_out(session, referral_id, erasure, how, by)
    worked_here = await _works_here(session, person_id)
    await _leave(session, person_id)
    await store.erasures.erase(session, erasure)
    answers = [str(referral_id).encode() for referral_id in referrals]
    if worked_here:
        answers.append(b"/referral/staff")
    await idempotency.forget(session, *answers, str(person_id).encode())
    await parked.forget(session, person_id)
    await audit.record(
        session,
        audit.Entry(
            verb=audit.Verb.ERASURE, purpose="erase_person", fields=TAKEN, person_id=person_id
        ),
    )
    await _tell(session, person_id)


async def _take_out(
    session: Session, referral_id: UUID, erasure: Erasure, how: HowTold, by: UUID | None
) -> None:
    """What somebody agreed to ends, and with the last of the people the key of the case goes.

    While others are left, what was written about the case is theirs as well: no key is destroyed,
    a person has to look through it.
    """
    person_id = erasure.person_id
    file = await case_file.read(session, referral_id)
    # Nobody heard it from them after a store was put back: it is noted as said by themselves.
    await agreements.end_everything(session, file, person_id, how, by=by or person_id)
    await case_file.changed(session, file)
    await case_file.note(session, file, Happening.ERASED, about=person_id, by=by)
    if await _others(session, file, person_id):
        await store.redactions.queue(session, referral_id, person_id, erasure.on)
    else:
        await store.erasures.bury_case(session, referral_id, file.case.id if file.case else None)


async def _refuse_the_last_coordinator(session: Session, person_id: UUID) -> None:
    colleague = await _colleague(session, person_id)
    if colleague.roles:
        staff.leave(colleague, await store.staff.coordinators(session))


async def _leave(session: Session, person_id: UUID) -> None:
    """A colleague leaves every role, and the others are told."""
    colleague = await _colleague(session, person_id)
    await store.staff.end_roles(session, person_id, session.now())
    for role in (one for one in Role if one in colleague.roles):
        left = StaffLeft(person_id=person_id, role=role)
        version = await store.erasures.next_version(session, person_id)
        await outbox.record(session, left, version=version)


async def _colleague(session: Session, person_id: UUID) -> Colleague:
    roles = await store.staff.roles_of(session, [person_id])
    return Colleague(person_id, roles.get(person_id, frozenset()))


async def _tell(session: Session, person_id: UUID) -> None:
    version = await store.erasures.next_version(session, person_id)
    await outbox.record(session, PersonErased(person_id=person_id), version=version)


async def _case(session: Session, file: CaseFile, person_id: UUID) -> CaseOfTheirs:
    standing = await store.grants.standing(session, file.case.id) if file.case else []
    now = session.now()
    return CaseOfTheirs(
        referral_id=file.referral.id,
        reference=file.referral.reference,
        others=len(await _others(session, file, person_id)),
        meetings=len(
            {one.session_id for one in standing if person_id in one.agreements and one.live_at(now)}
        ),
        is_held=bool(await store.holds.held(session, [file.referral.id])),
    )


async def _others(session: Session, file: CaseFile, person_id: UUID) -> set[UUID]:
    """Who is in it besides this person and was not erased."""
    people = {file.referral.person_id, *(party.person_id for party in file.parties)} - {person_id}
    known = await store.erasures.erased_of(session, people)
    return people - known


async def _works_here(session: Session, person_id: UUID) -> bool:
    return bool(
        (await _colleague(session, person_id)).roles
        or await store.accounts.exists(session, person_id)
    )


def from_line(line: Line) -> Erasure:
    """What a line of the ledger says. Raises ValueError for a word nobody here wrote."""
    return Erasure(line.subject, line.on, Basis(line.code))


def _line(erasure: Erasure) -> Line:
    return Line(erasure.person_id, erasure.on, erasure.basis.value)
