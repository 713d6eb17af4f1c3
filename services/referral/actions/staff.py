"""Colleagues coming and going."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.referral import store
from services.referral.domain import staff
from services.referral.domain.case_file import NotThere
from services.referral.domain.people import Person, staff_contact
from services.referral.domain.staff import Colleague
from shared.contracts.referral import StaffJoined, StaffLeft
from shared.contracts.words import Role
from shared.plumbing import audit, outbox
from shared.plumbing.database import Session

STAFF_LIST = "staff"
"""The lock under which the list of staff changes, so that the last coordinator cannot slip out."""


async def add_colleague(
    session: Session,
    name: str,
    email: str,
    roles: frozenset[Role],
    *,
    person_id: UUID | None = None,
) -> Person:
    """Somebody starts to work here; `person_id` is given only where it must be a known one."""
    await session.lock(STAFF_LIST)
    person = Person(id=person_id or session.new_id(), name=name)
    joined = staff.join(person.id, roles)
    await store.people.add(session, person, staff_contact(email))
    await _note(session, audit.Verb.COLLECTION, "staff_joined", person, "name", "work_email")
    for fact in joined:
        await store.staff.add_role(session, person.id, fact.role, session.now())
    return await _tell(session, person, joined)


async def tell(session: Session, person_id: UUID, facts: Sequence[StaffJoined | StaffLeft]) -> None:
    """Tell the other services what a colleague's roles have become."""
    person = await store.people.find(session, person_id)
    if person is not None and facts:
        await _tell(session, person, facts)


async def let_leave(session: Session, person_id: UUID) -> None:
    """Somebody stops working here, and is signed out everywhere.

    Raises NotThere, NotWorkingHere or LastCoordinator.
    """
    await session.lock(STAFF_LIST)
    person = await store.people.find(session, person_id)
    roles = (await store.staff.roles_of(session, [person_id])).get(person_id, frozenset())
    if person is None:
        raise NotThere("There is no such colleague.")
    left = staff.leave(Colleague(person_id, roles), await store.staff.coordinators(session))
    await store.staff.end_roles(session, person_id, session.now())
    await _note(session, audit.Verb.ALTERATION, "staff_left", person, "role")
    await store.accounts.disable(session, person_id, session.now())
    await store.sessions.revoke_all(session, person_id, session.now())
    await _tell(session, person, left)


async def _note(
    session: Session, verb: audit.Verb, purpose: str, person: Person, *fields: str
) -> None:
    await audit.record(
        session, audit.Entry(verb=verb, purpose=purpose, fields=fields, person_id=person.id)
    )


async def _tell(
    session: Session, person: Person, facts: Sequence[StaffJoined | StaffLeft]
) -> Person:
    for fact in facts:
        person = replace(person, version=person.version + 1)
        await outbox.record(session, fact, version=person.version)
    await store.people.save(session, person)
    return person
