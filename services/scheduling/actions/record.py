"""Saying what planning keeps about somebody who asked for it."""

from uuid import UUID

from services.scheduling import store
from services.scheduling.store.record import OwnMeeting
from shared.contracts.person_record import (
    PersonRecord,
    RecordLine,
    RecordSection,
    SchedulingRecordWanted,
    entry,
    in_words,
)
from shared.plumbing import audit
from shared.plumbing.audit import telling
from shared.plumbing.database import Session

WHY_IS_NOT_SAID = (
    "Who else was asked, who else came, and why a meeting was moved, called off or not held is "
    "not here: that can be about somebody else."
)


async def answer_record(session: Session, ask: SchedulingRecordWanted) -> PersonRecord:
    """What is kept, and a note that it was given."""
    record = await person_record(session, ask.person_id)
    await telling.note_disclosure(session, ask.person_id, audit.Asker(ask.asked_by, ask.roles))
    return record


async def person_record(session: Session, person_id: UUID) -> PersonRecord:
    """All that planning keeps about one person, and nothing about anybody else."""
    cases = await store.record.cases_of(session, person_id)
    meetings = await store.record.meetings_of(session, person_id)
    facilitates = await store.record.facilitates(session, person_id)
    sections = [
        RecordSection(
            title="Cases that meetings are planned for",
            entries=tuple(
                entry(
                    ("Your part in it", in_words(row.side)),
                    ("Kind of matter", in_words(row.matter) if row.matter else None),
                    ("Opened for planning", row.opened_at),
                    ("Waits to be planned since", row.waiting_since),
                )
                for row in cases
            ),
        ),
        RecordSection(
            title="Meetings you were asked to",
            note=WHY_IS_NOT_SAID,
            entries=tuple(_meeting(one) for one in meetings if not one.facilitates),
        ),
        RecordSection(
            title="Meetings you led",
            entries=tuple(_meeting(one) for one in meetings if one.facilitates),
        ),
    ]
    if facilitates is not None:
        work = entry(("You facilitate meetings here", facilitates))
        sections.append(RecordSection(title="Your work here", entries=(work,)))
    looked = await telling.who_looked(session, person_id)
    return PersonRecord(sections=(*(one for one in sections if one.entries), looked))


def _meeting(meeting: OwnMeeting) -> tuple[RecordLine, ...]:
    return entry(
        ("Kind", in_words(meeting.kind)),
        ("Begins", meeting.starts_at),
        ("Ends", meeting.ends_at),
        ("Where", meeting.where),
        ("Booked", meeting.booked_at),
        ("State", in_words(meeting.state)),
        ("How you took part", in_words(meeting.attendance) if meeting.attendance else None),
    )
