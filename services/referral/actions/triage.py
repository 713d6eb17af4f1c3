"""What a coordinator decides about a referral."""

from services.referral import store
from services.referral.actions import case_file
from services.referral.actions.case_file import Edit
from services.referral.domain import triage
from services.referral.domain.parties import Party
from services.referral.domain.timeline import Happening
from services.referral.domain.triage import Case
from shared.contracts.words import DeclineReason
from shared.plumbing import outbox
from shared.plumbing.database import Session


async def accept_referral(session: Session, edit: Edit) -> Case:
    """Take a referral on; whoever was referred is the first party of the case."""
    file = await case_file.opened(session, edit)
    now = session.now()
    referral, case, accepted = triage.accept(file.referral, session.new_id(), now)
    await store.intake.save(session, referral)
    await store.cases.save(session, case)
    first = Party(case.id, referral.person_id, referral.request.side, added_at=now, first=True)
    await store.cases.add_party(session, first)
    await outbox.record(session, accepted, version=referral.version)
    await case_file.note(session, file, Happening.ACCEPTED, by=edit.by)
    return case


async def decline_referral(session: Session, edit: Edit, reason: DeclineReason) -> None:
    """End a referral before a case is opened."""
    file = await case_file.opened(session, edit)
    referral, declined = triage.decline(file.referral, reason, session.now())
    await store.intake.save(session, referral)
    await outbox.record(session, declined, version=referral.version)
    await case_file.note(session, file, Happening.DECLINED, by=edit.by)
