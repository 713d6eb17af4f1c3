"""Letting in whoever the organisation's own sign-in vouches for, as what their groups say."""

from uuid import UUID

from services.referral import store
from services.referral.actions.staff import STAFF_LIST, tell
from services.referral.domain.accounts import InvitedTo, told_roles, untold_roles
from services.referral.domain.arrivals import Arrival, NotIn, change_roles
from services.referral.domain.staff import Colleague, LastCoordinator
from shared.contracts.access import AccessRole
from shared.contracts.referral import StaffJoined
from shared.plumbing import audit
from shared.plumbing.database import Session


async def arrive(session: Session, arrival: Arrival) -> UUID | NotIn:
    """Who this is here, with their roles brought up to date; or why they do not come in.

    Nothing is raised: whose groups no longer say anything is signed out, and that has to last.
    """
    await session.lock(STAFF_LIST)
    person_id = await store.outside.linked(session, arrival.outside_digest)
    if person_id is not None and not arrival.roles:
        await store.sessions.revoke_all(session, person_id, session.now())
    if not arrival.roles:
        return NotIn.NO_GROUP
    found = person_id or await _whose(session, arrival)
    if found is None:
        return NotIn.UNKNOWN
    try:
        await hold(session, found, arrival.roles)
    except LastCoordinator:
        await store.sessions.revoke_all(session, found, session.now())
        return NotIn.LAST_COORDINATOR
    if person_id is None:
        await _link(session, found, arrival)
    return found


async def hold(session: Session, person_id: UUID, roles: frozenset[AccessRole]) -> None:
    """Let somebody be just this from now on. Whoever becomes something else is signed out.

    Raises LastCoordinator, and then has changed nothing.
    """
    before = await store.accounts.roles_of(session, person_id)
    if before == roles:
        return
    colleague = Colleague(person_id, told_roles(before))
    told = change_roles(colleague, told_roles(roles), await store.staff.coordinators(session))
    for fact in told:
        if isinstance(fact, StaffJoined):
            await store.staff.hold_role(session, person_id, fact.role, session.now())
        else:
            await store.staff.end_role(session, person_id, fact.role, session.now())
    await store.accounts.keep_roles(session, person_id, untold_roles(roles))
    await store.sessions.revoke_all(session, person_id, session.now())
    await _note(session, person_id, roles, "roles_by_group", "role")
    await tell(session, person_id, told)


async def end_outside(
    session: Session, outside_digest: bytes | None, outside_sid: bytes | None
) -> None:
    """The other sign-in says that somebody left there: so they do here, within five seconds."""
    person_id = None
    if outside_digest is not None:
        person_id = await store.outside.linked(session, outside_digest)
        if person_id is None:
            return
    await store.outside.end_sessions(session, session.now(), person_id, outside_sid)


async def _whose(session: Session, arrival: Arrival) -> UUID | None:
    """The open account that is theirs: of their invitation, or of their address."""
    person_id = None
    if arrival.invitation is not None:
        person_id = await store.accounts.invited(
            session, arrival.invitation, InvitedTo.SET_UP, session.now()
        )
    if person_id is None and arrival.name_digest is not None:
        person_id = await store.outside.unlinked(session, arrival.name_digest)
    return person_id


async def _link(session: Session, person_id: UUID, arrival: Arrival) -> None:
    """From now on the account is theirs alone.

    What they signed in with here before is void, so that their organisation decides when they
    leave; and so is every invitation, which is how each is good once.
    """
    await store.outside.link(session, person_id, arrival.outside_digest)
    await store.accounts.forget_secrets(session, person_id)
    await store.accounts.uninvite(session, person_id)
    await store.sessions.revoke_all(session, person_id, session.now())
    await _note(session, person_id, arrival.roles, "account_linked", "sign_in")


async def _note(
    session: Session, person_id: UUID, roles: frozenset[AccessRole], purpose: str, field: str
) -> None:
    asker = audit.Asker(person_id, audit.roles_in_order(roles), session.asker.reference)
    changed = audit.Entry(
        verb=audit.Verb.ALTERATION,
        purpose=purpose,
        fields=(field,),
        person_id=person_id,
        asker=asker,
    )
    await audit.record(session, changed)
