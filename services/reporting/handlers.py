"""What reporting hears, and what it does then: every fact is counted, and nothing is sent.

Facts may come more than once and in any order; the rules in `domain` do not mind either.
"""

from services.reporting import actions
from shared.contracts.fact import Envelope, Fact
from shared.contracts.person_record import PersonRecord, ReportingRecordWanted
from shared.contracts.referral import (
    AreaNamed,
    ReferralAccepted,
    ReferralDeclined,
    ReferralReceived,
)
from shared.contracts.scheduling import SessionCancelled, SessionCompleted, SessionMissed
from shared.plumbing.database import Session
from shared.plumbing.hearing import Hearing


def listen(bus: Hearing) -> None:
    """Say what reporting hears; `domain.changes` says what each fact changes."""
    bus.hears(ReferralReceived, count)
    bus.hears(ReferralAccepted, count)
    bus.hears(ReferralDeclined, count)
    bus.hears(AreaNamed, count)
    bus.hears(SessionCompleted, count)
    bus.hears(SessionMissed, count)
    bus.hears(SessionCancelled, count)
    bus.answers(ReportingRecordWanted, answer_record)


async def count(fact: Fact, envelope: Envelope, session: Session) -> None:
    """Count it, whatever it is."""
    await actions.count(session, fact, envelope)


async def answer_record(ask: ReportingRecordWanted, session: Session) -> PersonRecord:
    """Say how somebody's own referrals are counted."""
    return await actions.answer_record(session, ask)
