"""What a referral's way through the service makes us say."""

from uuid import UUID

from services.notifications.actions import turning
from services.notifications.domain import turns
from services.notifications.domain.intents import Cause, intent, tells_of_decline
from services.notifications.domain.message import Subject
from services.notifications.domain.purposes import UNTRUE_ONCE_DECLINED
from services.notifications.store import matters, meetings, messages, staff
from shared.contracts.referral import ReferralAccepted, ReferralDeclined, ReferralReceived
from shared.contracts.words import Purpose, RecallReason, Role
from shared.plumbing.database import Session


async def received(session: Session, fact: ReferralReceived, cause: Cause) -> None:
    """Tell the person that it arrived, and the coordinators of its area that it waits.

    Never a coordinator whose own it is, or whom it is kept from.
    """
    await matters.note_received(session, fact.referral_id, fact.area_id, fact.person_id)
    if await meetings.is_declined(session, fact.referral_id):
        return
    subject = Subject(referral_id=fact.referral_id)
    await _write(session, cause, fact.person_id, Purpose.REFERRAL_RECEIVED, subject)
    role, matter_id = Role.COORDINATOR, fact.referral_id
    for coordinator in await staff.working_as(session, role, matter_id, fact.area_id):
        if coordinator == fact.person_id:
            continue
        await _write(session, cause, coordinator, Purpose.STAFF_NEW_REFERRAL, subject)


async def accepted(session: Session, fact: ReferralAccepted, cause: Cause) -> None:
    """Tell the person that we would like to help."""
    await matters.note_accepted(
        session, fact.referral_id, fact.case_id, fact.area_id, fact.person_id
    )
    subject = Subject(referral_id=fact.referral_id, case_id=fact.case_id)
    await _write(session, cause, fact.person_id, Purpose.REFERRAL_ACCEPTED, subject)


async def declined(session: Session, fact: ReferralDeclined, cause: Cause) -> None:
    """Take back the promise that somebody will look at it, and tell the person where needed."""
    await meetings.note_declined(session, fact.referral_id)
    promises = await messages.unsent_about_referral(session, fact.referral_id, UNTRUE_ONCE_DECLINED)
    for promise in promises:
        turn = turns.recall(promise, RecallReason.REFERRAL_DECLINED, session.now())
        await turning.take(session, turn)
    if tells_of_decline(fact.reason):
        subject = Subject(referral_id=fact.referral_id)
        await _write(session, cause, fact.person_id, Purpose.REFERRAL_DECLINED, subject)


async def _write(
    session: Session, cause: Cause, person_id: UUID, purpose: Purpose, subject: Subject
) -> None:
    message = intent(cause, person_id, purpose, subject, session.now())
    await turning.start(session, message)
