"""What reporting does: it counts what it hears, and says how somebody's referrals are counted.

Reporting tells nobody anything yet, so nothing here writes to the outbox.
"""

from collections.abc import Iterable
from uuid import UUID

from services.reporting import domain, store
from shared.contracts.fact import Envelope, Fact
from shared.contracts.person_record import (
    PersonRecord,
    RecordSection,
    ReportingRecordWanted,
    entry,
    in_words,
)
from shared.plumbing import audit
from shared.plumbing.audit import telling
from shared.plumbing.database import Session

COUNTED = (
    "Figures hold nobody. For counting, these codes are kept of each referral you made, under a "
    "random id and without your name."
)


async def count(session: Session, fact: Fact, envelope: Envelope) -> None:
    """Change every count that `fact` changes; the same fact again changes nothing."""
    # What both streams tell meets in a case, and a parked fact may be tried again beside them:
    # whoever counts is alone from the first look to the commit, or one would undo the other.
    await session.lock("counts")
    begun: list[domain.Counted] = []
    steps: list[store.Step] = []
    for change in domain.changes(fact, envelope.time, envelope.sequence):
        # What is usually the first of its kind is kept at once, and looked up only if it is not.
        if change.begins and await store.begin(session, first := change.become(None)):
            begun.append(first)
            continue
        known = await store.find(session, change.kind, change.key)
        steps.append((known, change.become(known)))
    await store.save(session, *steps, begun=begun)


async def answer_record(session: Session, ask: ReportingRecordWanted) -> PersonRecord:
    """How somebody's own referrals are counted, and a note that they were told."""
    record = await person_record(session, ask.person_id, ask.referral_ids)
    await telling.note_disclosure(session, ask.person_id, audit.Asker(ask.asked_by, ask.roles))
    return record


async def person_record(
    session: Session, person_id: UUID, referral_ids: Iterable[UUID]
) -> PersonRecord:
    """All that reporting keeps of one person's own referrals: it knows no person."""
    counted = tuple(
        entry(
            ("Received", row.received_at),
            ("Sent in by", in_words(row.source) if row.source else None),
            ("Kind of matter", in_words(row.matter) if row.matter else None),
            ("Heard of us", in_words(row.heard_about) if row.heard_about else None),
            ("Decided", in_words(row.outcome) if row.outcome else None),
            ("On", row.decided_at),
            ("Because", in_words(row.decline_reason) if row.decline_reason else None),
            ("First met", row.first_met_at),
        )
        for row in await store.counted(session, referral_ids)
    )
    section = RecordSection(title="How your referrals are counted", note=COUNTED, entries=counted)
    looked = await telling.who_looked(session, person_id)
    return PersonRecord(sections=(section, looked) if counted else (looked,))
