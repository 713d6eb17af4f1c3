"""Who may sign in, and with what."""

from collections.abc import Collection
from uuid import UUID

from services.referral import store
from services.referral.actions.staff import STAFF_LIST, add_colleague, let_leave
from services.referral.actions.staff_areas import set_areas
from services.referral.domain.accounts import (
    INVITED,
    Account,
    AddressTaken,
    InvitationOver,
    InvitedTo,
    told_roles,
    untold_roles,
)
from services.referral.domain.people import Person, staff_contact
from services.referral.domain.staff import NoRole, NotWorkingHere
from shared.contracts.access import AccessRole
from shared.plumbing import audit
from shared.plumbing.database import Session

TAKEN = "Somebody here has this address already."


async def add_account(
    session: Session,
    name: str,
    email: str,
    roles: frozenset[AccessRole],
    *,
    name_digest: bytes | None = None,
    person_id: UUID | None = None,
    area_ids: Collection[UUID] = (),
) -> UUID:
    """Somebody new may sign in once they are invited. Raises NoRole or AddressTaken.

    Without a `name_digest` there is nothing to sign in with but a link. Only what the other
    services plan with is told to them: a funder is no colleague of theirs.
    """
    if not roles:
        raise NoRole("Choose at least one role.")
    await session.lock(STAFF_LIST)
    if name_digest:
        await store.outside.release_name(session, name_digest)
        if await store.accounts.whom(session, name_digest) is not None:
            raise AddressTaken(TAKEN)
    told = told_roles(roles)
    if told:
        person_id = (await add_colleague(session, name, email, told, person_id=person_id)).id
    else:
        person = Person(id=person_id or session.new_id(), name=name)
        await store.people.add(session, person, staff_contact(email))
        person_id = person.id
    digests = {"name_digest": name_digest} if name_digest else {}
    await store.accounts.open_account(session, person_id, **digests)
    await store.accounts.keep_roles(session, person_id, untold_roles(roles))
    await set_areas(session, person_id, area_ids)
    return person_id


async def reset_account(session: Session, person_id: UUID, name_digest: bytes) -> None:
    """End every session, void every secret; only a new invitation leads in.

    Raises NotWorkingHere or AddressTaken. A colleague who never had an account gets one.
    """
    if not await store.accounts.roles_of(session, person_id):
        raise NotWorkingHere("They have left: add them again with `parley staff add`.")
    await store.outside.release_name(session, name_digest)
    if await store.accounts.whom(session, name_digest) not in (None, person_id):
        raise AddressTaken(TAKEN)
    await store.accounts.open_account(session, person_id, name_digest=name_digest)
    await store.outside.unlink(session, person_id)
    await _shut(session, person_id)
    voided = audit.Entry(
        verb=audit.Verb.ALTERATION,
        purpose="account_reset",
        fields=("sign_in",),
        person_id=person_id,
    )
    await audit.record(session, voided)


async def disable_account(session: Session, person_id: UUID) -> None:
    """Somebody may not come in any more. Raises LastCoordinator, and then changes nothing.

    Whoever works with people leaves their roles, and that is told.
    """
    if await store.staff.roles_of(session, [person_id]):
        await let_leave(session, person_id)
    await store.accounts.keep_roles(session, person_id, ())
    await store.accounts.disable(session, person_id, session.now())
    await _shut(session, person_id)


async def invite(session: Session, person_id: UUID, digest: bytes, invited_to: InvitedTo) -> None:
    """Let the link with this digest lead one person in, once; earlier ones are void."""
    until = session.now() + INVITED
    await store.accounts.invite(session, person_id, digest, invited_to, until)


async def invited(session: Session, digest: bytes, invited_to: InvitedTo) -> UUID:
    """Whom a link invites. Raises InvitationOver."""
    person_id = await store.accounts.invited(session, digest, invited_to, session.now())
    if person_id is None:
        raise InvitationOver(
            "This link has been used, or is too old. Ask whoever looks after Parley for another."
        )
    return person_id


async def set_up(
    session: Session, digest: bytes, account: Account, codes: Collection[bytes]
) -> None:
    """Take what an invited person signs in with from now on. Raises InvitationOver.

    The step of the first code counts as used.
    """
    await _use(session, digest, InvitedTo.SET_UP, account.person_id)
    await store.accounts.set_up(session, account)
    await store.accounts.keep_recovery_codes(session, account.person_id, codes)
    await store.sessions.revoke_all(session, account.person_id, session.now())


async def accept_demonstration(session: Session, digest: bytes) -> UUID:
    """Who may sign in with this link, which is used now. Raises InvitationOver."""
    person_id = await invited(session, digest, InvitedTo.DEMONSTRATION)
    await _use(session, digest, InvitedTo.DEMONSTRATION, person_id)
    return person_id


async def _use(session: Session, digest: bytes, invited_to: InvitedTo, person_id: UUID) -> None:
    whose = await invited(session, digest, invited_to)
    if whose != person_id or not await store.accounts.use_invitation(session, digest):
        raise InvitationOver("This link has just been used.")


async def _shut(session: Session, person_id: UUID) -> None:
    await store.accounts.forget_secrets(session, person_id)
    await store.accounts.uninvite(session, person_id)
    await store.sessions.revoke_all(session, person_id, session.now())
