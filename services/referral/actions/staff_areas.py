"""In which areas a colleague works: kept here, and told to those who write to colleagues."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from services.referral import store
from shared.contracts.staff_areas import StaffAreasSet
from shared.plumbing import outbox
from shared.plumbing.database import Session


async def set_areas(session: Session, person_id: UUID, area_ids: Collection[UUID]) -> None:
    """Let somebody work in these areas; none at all means everywhere.

    Told only of those who work with people, and only where it changes something for a reader:
    somebody nobody told of works everywhere.
    """
    before = await store.accounts.areas_of(session, person_id)
    await store.accounts.keep_areas(session, person_id, area_ids)
    is_colleague = bool(await store.staff.roles_of(session, [person_id]))
    if frozenset(area_ids) == before or not is_colleague:
        return
    person = await store.people.find(session, person_id)
    assert person is not None  # noqa: S101 - whoever holds a role here is known
    person = replace(person, version=person.version + 1)
    await store.people.save(session, person)
    told = StaffAreasSet(person_id=person_id, area_ids=tuple(sorted(area_ids)))
    await outbox.record(session, told, version=person.version)
