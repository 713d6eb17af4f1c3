"""Noting who looks at what of planning. Names are noted by referral, which gives them."""

from collections.abc import Iterable
from uuid import UUID

from fastapi import Request

from services.scheduling.domain.meetings import Meeting
from services.scheduling.domain.planning import Case
from shared.plumbing import audit


async def note_meeting(request: Request, purpose: str, meeting: Meeting) -> None:
    """Somebody sees one meeting. Call it with no transaction open. Raises NotRecorded."""
    seen = _seen(purpose, ("meeting", "attendance"), case_id=meeting.case_id)
    people = meeting.participant_ids
    await audit.looked(request, *(audit.about_each(people, seen) if people else [seen]))


async def note_case(
    request: Request, purpose: str, case_id: UUID, people: Iterable[UUID], case: Case | None = None
) -> None:
    """Somebody sees one case and its parties. Call it with no transaction open."""
    seen = _seen(
        purpose,
        ("party", "meeting"),
        case_id=case_id,
        referral_id=case.referral_id if case else None,
    )
    await audit.looked(request, *(audit.about_each(people, seen) or [seen]))


async def note_cases(
    request: Request, purpose: str, cases: Iterable[Case], meetings: Iterable[Meeting]
) -> None:
    """Somebody sees a list: one entry a case. Call it with no transaction open."""
    known = {case.id: case.referral_id for case in cases}
    listed = {**dict.fromkeys(meeting.case_id for meeting in meetings), **known}
    seen = [
        _seen(purpose, ("party", "meeting"), case_id=case_id, referral_id=referral_id)
        for case_id, referral_id in listed.items()
    ]
    await audit.looked(request, *seen)


async def note_people(request: Request, purpose: str, people: Iterable[UUID]) -> None:
    """Somebody sees who works here. Call it with no transaction open."""
    await audit.looked(request, *audit.about_each(people, _seen(purpose, ("role",))))


def _seen(
    purpose: str,
    fields: tuple[str, ...],
    *,
    case_id: UUID | None = None,
    referral_id: UUID | None = None,
) -> audit.Entry:
    return audit.Entry(
        verb=audit.Verb.CONSULTATION,
        purpose=purpose,
        fields=fields,
        case_id=case_id,
        referral_id=referral_id,
    )
