"""Saying what notifications keeps about somebody who asked for it."""

from uuid import UUID

from services.notifications.domain.message import State
from services.notifications.store import record as kept
from shared.contracts.person_record import (
    NotificationsRecordWanted,
    PersonRecord,
    RecordSection,
    entry,
    in_words,
)
from shared.contracts.words import Channel
from shared.plumbing import audit
from shared.plumbing.audit import telling
from shared.plumbing.database import Session

NO_WORDS = (
    "What a message said is not kept, nor where it was sent: only what it was about. The wording "
    "of each kind can be had from us."
)


async def answer_record(session: Session, ask: NotificationsRecordWanted) -> PersonRecord:
    """What is kept, and a note that it was given."""
    record = await person_record(session, ask.person_id)
    await telling.note_disclosure(session, ask.person_id, audit.Asker(ask.asked_by, ask.roles))
    return record


async def person_record(session: Session, person_id: UUID) -> PersonRecord:
    """All that notifications keeps about one person, and nothing about anybody else."""
    messages = tuple(
        entry(
            ("About", in_words(row.purpose)),
            ("Begun", row.created_at),
            ("State", State(row.state)),
            ("Since", row.changed_at),
            ("You were told", row.told_at),
            ("By", Channel(row.channel) if row.channel else None),
            ("Reason", in_words(row.reason) if row.reason else None),
            ("Tries", row.attempts or None),
            ("By hand", in_words(row.outcome) if row.outcome else None),
        )
        for row in await kept.messages_to(session, person_id)
    )
    calls = tuple(
        entry(("About", in_words(row.purpose)), ("When", row.at), ("What", in_words(row.happened)))
        for row in await kept.calls_to(session, person_id)
    )
    roles = tuple(
        entry(("What you are here for", in_words(row.role)), ("You work here", row.works_here))
        for row in await kept.roles_of(session, person_id)
    )
    sections = (
        RecordSection(title="Messages to you", note=NO_WORDS, entries=messages),
        RecordSection(title="Calls and letters by hand", entries=calls),
        RecordSection(title="Your work here", entries=roles),
    )
    looked = await telling.who_looked(session, person_id)
    return PersonRecord(sections=(*(one for one in sections if one.entries), looked))
