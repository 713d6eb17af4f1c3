"""What planning does with a case or a person, put into the audit with the deed."""

from collections.abc import Iterable
from uuid import UUID

from services.scheduling.domain.meetings import Meeting
from shared.plumbing import audit
from shared.plumbing.audit import Verb
from shared.plumbing.database import Session


async def note_meeting(session: Session, purpose: str, meeting: Meeting, *fields: str) -> None:
    """A meeting changed, and with it what is known of everybody invited."""
    changed = audit.Entry(
        verb=Verb.ALTERATION, purpose=purpose, fields=fields, case_id=meeting.case_id
    )
    people = meeting.participant_ids
    await audit.record(session, *(audit.about_each(people, changed) if people else [changed]))


async def note_person(
    session: Session,
    verb: Verb,
    purpose: str,
    person_id: UUID,
    fields: Iterable[str],
    *,
    case_id: UUID | None = None,
    referral_id: UUID | None = None,
) -> None:
    """Something about one person was taken in, changed or erased."""
    await audit.record(
        session,
        audit.Entry(
            verb=verb,
            purpose=purpose,
            fields=tuple(fields),
            person_id=person_id,
            case_id=case_id,
            referral_id=referral_id,
        ),
    )
