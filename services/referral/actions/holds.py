"""Keeping a matter from being destroyed, and letting it go again: each with a reason."""

from uuid import UUID

from services.referral import store
from services.referral.actions import case_file
from services.referral.actions.case_file import CaseFile, Edit
from services.referral.domain import holds
from services.referral.domain.holds import Hold
from services.referral.domain.timeline import Happening
from shared.contracts.lifecycle import HoldLifted, HoldPlaced
from shared.plumbing import outbox
from shared.plumbing.database import Session


async def place_hold(session: Session, edit: Edit, reason: str) -> None:
    """From now on nothing of it is destroyed, not even what is marked.

    Raises HeldAlready, and what `case_file.opened` raises.
    """
    file = await case_file.opened(session, edit)
    known = await store.holds.of_referral(session, file.referral.id)
    new = Hold(session.new_id(), file.referral.id, session.now(), edit.by, reason)
    placed = holds.place(known, new, file.case.id if file.case else None)
    await store.holds.add(session, new)
    people = await store.retention.people_of(session, file.referral.id)
    await store.retention.keep(session, file.referral.id, *people)
    await _tell(session, file, edit.by, placed, Happening.HOLD_PLACED)


async def lift_hold(session: Session, edit: Edit, reason: str) -> None:
    """It is kept for its usual period again, and for thirty days at the least.

    Raises NotHeld, and what `case_file.opened` raises.
    """
    file = await case_file.opened(session, edit)
    known = await store.holds.of_referral(session, file.referral.id)
    case_id = file.case.id if file.case else None
    lifted, told = holds.lift(known, case_id, by=edit.by, reason=reason, at=session.now())
    await store.holds.save_lifted(session, lifted)
    await _tell(session, file, edit.by, told, Happening.HOLD_LIFTED)


async def _tell(
    session: Session, file: CaseFile, by: UUID, fact: HoldPlaced | HoldLifted, happening: Happening
) -> None:
    file = await case_file.changed(session, file)
    await outbox.record(session, fact, version=file.referral.version)
    await case_file.note(session, file, happening, by=by)
