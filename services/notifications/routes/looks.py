"""Noting who looks at which messages. Names are noted by referral, which gives them."""

from collections.abc import Iterable

from fastapi import Request

from services.notifications.domain.message import Message
from shared.plumbing import audit


async def note_looks(request: Request, purpose: str, messages: Iterable[Message]) -> None:
    """Somebody sees these messages. Call it with no transaction open. Raises NotRecorded."""
    seen = {
        (one.person_id, one.subject.referral_id, one.subject.case_id): audit.Entry(
            verb=audit.Verb.CONSULTATION,
            purpose=purpose,
            fields=("message",),
            person_id=one.person_id,
            referral_id=one.subject.referral_id,
            case_id=one.subject.case_id,
        )
        for one in messages
    }
    await audit.looked(request, *seen.values())
