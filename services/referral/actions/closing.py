"""Ending the work on a case, and recording who does not want to take part."""

from uuid import UUID

from services.referral import store
from services.referral.actions import agreements, case_file
from services.referral.actions.case_file import CaseFile, Edit
from services.referral.domain import closing
from services.referral.domain.agreement import HowTold
from services.referral.domain.case_file import NotThere
from services.referral.domain.parties import Party, refuse_unless_open
from services.referral.domain.timeline import Happening
from shared.contracts.lifecycle import ClosureCode
from shared.plumbing import outbox
from shared.plumbing.database import Session


async def close_case(session: Session, edit: Edit, outcome: ClosureCode) -> None:
    """End the work: no meeting goes ahead any more, and the period begins for which it is kept."""
    file = await case_file.opened(session, edit)
    case = await agreements.stop_all_meetings(session, file, refuse_unless_open(file.case))
    referral, case, closed = closing.close(file.referral, case, outcome, session.now())
    await store.intake.save(session, referral)
    await store.cases.save(session, case)
    await outbox.record(session, closed, version=case.version)
    await case_file.note(session, file, Happening.CASE_CLOSED, by=edit.by)


async def decline_to_take_part(session: Session, edit: Edit, person_id: UUID, how: HowTold) -> None:
    """Somebody does not want to take part: no meeting with them, and soon no record of them."""
    file = await case_file.opened(session, edit)
    refuse_unless_open(file.case)
    declined = closing.decline_to_take_part(_party(file, person_id), session.now())
    await agreements.end_everything(session, file, person_id, how, by=edit.by)
    await store.cases.save_party(session, declined)
    await case_file.changed(session, file)
    await case_file.note(
        session, file, Happening.DECLINED_TO_TAKE_PART, about=person_id, by=edit.by, how=how
    )


async def take_part_after_all(session: Session, edit: Edit, person_id: UUID, how: HowTold) -> None:
    """Somebody came back to us by themselves before what we knew of them was destroyed."""
    file = await case_file.opened(session, edit)
    refuse_unless_open(file.case)
    await store.cases.save_party(session, closing.take_part_after_all(_party(file, person_id)))
    await store.retention.keep(session, person_id)
    await case_file.changed(session, file)
    await case_file.note(
        session, file, Happening.TAKES_PART_AFTER_ALL, about=person_id, by=edit.by, how=how
    )


def _party(file: CaseFile, person_id: UUID) -> Party:
    for party in file.parties:
        if party.person_id == person_id:
            return party
    raise NotThere("There is no such person in this case.")
