"""Recording what parties say about a joint meeting, and what follows when they take it back."""

from uuid import UUID

from services.referral import store
from services.referral.actions import case_file
from services.referral.actions.case_file import CaseFile, Edit
from services.referral.domain import agreement, closing, grants
from services.referral.domain.agreement import HowTold, Told
from services.referral.domain.case_file import NotThere
from services.referral.domain.parties import refuse_unless_open
from services.referral.domain.people import refuse_erased
from services.referral.domain.timeline import Happening
from services.referral.domain.triage import Case
from shared.contracts.words import MeetingKind
from shared.plumbing.database import Session

JOINT_ONLY = frozenset({MeetingKind.JOINT})
EVERY_MEETING = frozenset(MeetingKind)


async def record_agreement(session: Session, edit: Edit, person_id: UUID, how: HowTold) -> None:
    """A party agrees to a joint meeting."""
    file, case = await _party_of(session, edit, person_id)
    closing.refuse_declined(file.parties, person_id)
    person = await case_file.person_in(session, file, person_id)
    refuse_erased(person)
    latest = (await store.agreements.latest(session, case.id)).get(person_id)
    told = Told(how, session.now(), edit.by)
    await store.agreements.add(session, agreement.agree(person, case.id, latest, told))
    await case_file.changed(session, file)
    await case_file.note(session, file, Happening.AGREED, about=person_id, by=edit.by, how=how)


async def withdraw_agreement(session: Session, edit: Edit, person_id: UUID, how: HowTold) -> None:
    """A party no longer agrees: every joint meeting with them is called off."""
    file, case = await _party_of(session, edit, person_id)
    latest = (await store.agreements.latest(session, case.id)).get(person_id)
    told = Told(how, session.now(), edit.by)
    await store.agreements.add(session, agreement.withdraw(latest, told))
    await case_file.note(
        session, file, Happening.AGREEMENT_WITHDRAWN, about=person_id, by=edit.by, how=how
    )
    await _revoke(session, file, case, person_id, JOINT_ONLY)
    await case_file.changed(session, file)


async def end_everything(
    session: Session, file: CaseFile, person_id: UUID, how: HowTold, *, by: UUID
) -> None:
    """What "do not contact me" means for one case: nothing is agreed, no meeting goes ahead."""
    if file.case is None:
        return
    latest = (await store.agreements.latest(session, file.case.id)).get(person_id)
    if latest is not None and latest.in_force:
        told = Told(how, session.now(), by)
        await store.agreements.add(session, agreement.withdraw(latest, told))
    await _revoke(session, file, file.case, person_id, EVERY_MEETING)


async def stop_all_meetings(session: Session, file: CaseFile, case: Case) -> Case:
    """Take back leave for every meeting of a case; the case as it is then."""
    for party in file.parties:
        case = await _revoke(session, file, case, party.person_id, EVERY_MEETING)
    return case


async def _party_of(session: Session, edit: Edit, person_id: UUID) -> tuple[CaseFile, Case]:
    file = await case_file.opened(session, edit)
    case = refuse_unless_open(file.case)
    if not any(party.person_id == person_id for party in file.parties):
        raise NotThere("There is no such person in this case.")
    return file, case


async def _revoke(
    session: Session, file: CaseFile, case: Case, person_id: UUID, kinds: frozenset[MeetingKind]
) -> Case:
    standing = await store.grants.standing(session, case.id)
    ended = grants.revoke(standing, person_id, kinds, session.now())
    for grant, revoked in ended:
        await store.grants.end(session, grant)
        case = await case_file.tell(session, case, revoked)
    if ended:  # once: a grant may stand for a meeting that was never booked, or is off already
        await case_file.note(session, file, Happening.MEETINGS_ENDED)
    return case
