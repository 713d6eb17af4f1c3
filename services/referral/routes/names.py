"""What people are called, for pages that are not referral's own."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from fastapi import Request

from services.referral import store
from shared.plumbing import audit
from shared.plumbing.service import service_of
from shared.plumbing.staff import Staff


async def names_of(request: Request, _staff: Staff, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The names of these people; that they were seen is noted first. Raises NotRecorded."""
    async with service_of(request).database.reading() as session:
        known = await store.people.known(session, ids)
    seen = audit.Entry(verb=audit.Verb.CONSULTATION, purpose="audit_page", fields=("name",))
    await audit.looked(request, *audit.about_each(known, seen))
    return {person_id: person.name for person_id, person in known.items()}
