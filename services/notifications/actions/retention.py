"""Dropping what is kept of messages once nobody needs it, and never what a hold keeps."""

from uuid import UUID

from services.notifications.store import retention
from shared.contracts.lifecycle import HoldLifted, HoldPlaced, RecordsDestroyed
from shared.contracts.retention import RecordClass
from shared.plumbing import audit
from shared.plumbing.database import Session
from shared.plumbing.retention import Keeping


async def note_hold(session: Session, fact: HoldPlaced | HoldLifted, version: int) -> None:
    """Keep what is held, and let go again what no longer is, in whatever order it is heard."""
    holds = isinstance(fact, HoldPlaced)
    await retention.note_hold(session, fact.referral_id, version, holds=holds)


async def destroy_matter(session: Session, fact: RecordsDestroyed) -> None:
    """The period of a matter was over: drop every message about it."""
    await retention.drop_matter(session, fact.referral_id, fact.case_id)
    destroyed = audit.Entry(
        verb=audit.Verb.ERASURE,
        purpose="records_destroyed",
        fields=("message",),
        referral_id=fact.referral_id,
        case_id=fact.case_id,
    )
    await audit.record(session, destroyed)


async def destroy_message(session: Session, message_id: UUID) -> audit.Entry:
    """Drop one message and what became of it."""
    row = await retention.find(session, message_id)
    await retention.drop_message(session, message_id)
    return audit.Entry(
        verb=audit.Verb.ERASURE,
        purpose=RecordClass.MESSAGES.value,
        fields=("message",),
        person_id=row.person_id if row else None,
        referral_id=row.referral_id if row else None,
        case_id=row.case_id if row else None,
    )


KEEPINGS = (
    Keeping(
        RecordClass.MESSAGES,
        retention.ended_messages,
        destroy_message,
        retention.keeps_message,
    ),
)
"""What notifications keeps for a time."""
