"""What a manager sees to on the staff page: ways in, and the areas somebody works in."""

from collections.abc import Collection
from uuid import UUID

from services.referral import store
from services.referral.actions.accounts import TAKEN, add_account, reset_account
from services.referral.actions.staff import STAFF_LIST
from services.referral.actions.staff_areas import set_areas
from services.referral.domain.accounts import AddressTaken
from services.referral.domain.case_file import NotThere
from services.referral.domain.staff import Newcomer, refuse_beyond
from shared.contracts.access import Actor
from shared.contracts.words import Channel
from shared.plumbing import audit
from shared.plumbing.database import Session


async def add_newcomer(session: Session, by: Actor, new: Newcomer, name_digest: bytes) -> UUID:
    """Somebody starts to work here and may be invited.

    Raises NoRole, AddressTaken, BeyondOwnAreas or NotThere.
    """
    await session.lock(STAFF_LIST)
    refuse_beyond(by.areas, new.area_ids)
    await _refuse_unknown(session, new.area_ids)
    if await _works_here(session, new.email):
        raise AddressTaken(TAKEN)
    return await add_account(
        session,
        new.name,
        new.email,
        new.roles,
        name_digest=name_digest,
        area_ids=sorted(new.area_ids),
    )


async def work_in(session: Session, by: Actor, person_id: UUID, area_ids: frozenset[UUID]) -> None:
    """Let these be the areas somebody works in; none means all of them.

    It is so at their next page, in the other services within five seconds. Raises NotThere or
    BeyondOwnAreas.
    """
    await session.lock(STAFF_LIST)
    await _refuse_absent(session, person_id)
    refuse_beyond(by.areas, area_ids)
    await _refuse_unknown(session, area_ids)
    await set_areas(session, person_id, sorted(area_ids))
    changed = audit.Entry(
        verb=audit.Verb.ALTERATION,
        purpose="areas_changed",
        fields=("area",),
        person_id=person_id,
    )
    await audit.record(session, changed)


async def prepare_invitation(
    session: Session, by: Actor, person_id: UUID, name_digest: bytes
) -> None:
    """Void what somebody signed in with, so that only a new invitation leads in.

    Whoever works in some areas makes no way into an account that reaches further. Raises NotThere,
    BeyondOwnAreas or AddressTaken.
    """
    await session.lock(STAFF_LIST)
    await _refuse_absent(session, person_id)
    refuse_beyond(by.areas, await store.accounts.areas_of(session, person_id))
    await reset_account(session, person_id, name_digest)


async def work_email(session: Session, person_id: UUID) -> str:
    """Where somebody is written to at work. Raises NotThere."""
    contact = (await store.people.contacts_of(session, [person_id])).get(person_id)
    route = contact.route_by(Channel.EMAIL) if contact else None
    if route is None:
        raise NotThere("There is no such colleague.")
    return route.address


async def _works_here(session: Session, email: str) -> bool:
    """Whether a colleague is written to there, whether or not they ever had an account."""
    here = [one.person_id for one in await store.staff.colleagues(session) if one.roles]
    contacts = (await store.people.contacts_of(session, here)).values()
    return any(
        route.channel is Channel.EMAIL and route.address.casefold() == email.casefold()
        for contact in contacts
        for route in contact.routes
    )


async def _refuse_absent(session: Session, person_id: UUID) -> None:
    if not await store.accounts.roles_of(session, person_id):
        raise NotThere("There is no such colleague, or they have left.")


async def _refuse_unknown(session: Session, area_ids: Collection[UUID]) -> None:
    if not set(area_ids) <= {area.id for area in await store.areas.all_areas(session)}:
        raise NotThere("There is no such area.")
