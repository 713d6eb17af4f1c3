"""Signing in, being signed in, and signing out."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.referral import store
from services.referral.domain.accounts import STEPPED_UP, Means, SignIn
from services.referral.domain.case_file import NotThere
from shared.contracts.access import AccessRole
from shared.plumbing.database import Session

FORGOTTEN = timedelta(days=30)
"""How long after its beginning a session can still be looked up in the store."""

TRIES_PER_PERSON, TRIES_PER_PLACE = 5, 20
"""How often one person's sign-in, and any from one place, may be tried in a minute."""


@dataclass(frozen=True)
class SignedIn:
    """Somebody who is signed in, and what they may be."""

    sign_in: SignIn
    roles: frozenset[AccessRole]
    area_ids: frozenset[UUID]


async def begin_session(
    session: Session,
    person_id: UUID,
    token_digest: bytes,
    means: Means,
    outside_sid: bytes | None = None,
) -> SignIn:
    """Somebody has shown who they are. The token is always a new one: none from before counts.

    `outside_sid` is the digest of what another sign-in calls this session.
    """
    now = session.now()
    sign_in = SignIn(session.new_id(), person_id, now, now, means)
    await store.sessions.begin(session, sign_in, token_digest, outside_sid)
    await store.sessions.forget_before(session, now - FORGOTTEN)
    return sign_in


async def look_up(session: Session, token_digest: bytes) -> SignedIn | None:
    """Who is signed in with this token. Only looks: `note_use` writes."""
    sign_in = await store.sessions.with_token(session, token_digest)
    if sign_in is None or not sign_in.is_alive(session.now()):
        return None
    roles = await store.accounts.roles_of(session, sign_in.person_id)
    if not roles:
        return None
    return SignedIn(sign_in, roles, await store.accounts.areas_of(session, sign_in.person_id))


async def note_use(session: Session, found: SignedIn) -> None:
    """Note that a session is in use, once in a minute."""
    if found.sign_in.is_due(session.now()):
        await store.sessions.seen(session, found.sign_in.id, session.now())


async def sign_out(session: Session, token_digest: bytes) -> Means | None:
    """End the session with this token, if there is one; says how it began."""
    sign_in = await store.sessions.with_token(session, token_digest)
    if sign_in is None:
        return None
    await store.sessions.revoke(session, sign_in.person_id, sign_in.id, session.now())
    return sign_in.means


async def end_session(session: Session, person_id: UUID, session_id: UUID) -> None:
    """End one of somebody's own sessions. Raises NotThere for anybody else's."""
    if not await store.sessions.revoke(session, person_id, session_id, session.now()):
        raise NotThere("That sign-in has already ended.")


async def end_all(session: Session, person_id: UUID) -> None:
    """Sign somebody out everywhere."""
    await store.sessions.revoke_all(session, person_id, session.now())


async def take_code(session: Session, person_id: UUID, step: int | None) -> bool:
    """Whether a code of this step lets somebody in: each does once, and none older than the last.

    `step` is None for a code that fits no step.
    """
    return step is not None and await store.accounts.take_step(session, person_id, step)


async def use_recovery_code(session: Session, person_id: UUID, digest: bytes) -> bool:
    """Whether this was one of their recovery codes; each is good once, on an open account."""
    if await store.accounts.find(session, person_id) is None:
        return False
    return await store.accounts.use_recovery_code(session, person_id, digest)


async def step_up(session: Session, session_id: UUID, token_digest: bytes) -> None:
    """A code was shown once more: the session may do more for a while, under another token."""
    until = session.now() + STEPPED_UP
    await store.sessions.step_up(session, session_id, token_digest, until)


async def may_try_from(session: Session, place_key: bytes) -> bool:
    """The same for somebody who is not known yet: only the place counts."""
    tries = await store.sessions.count_try(session, place_key, session.now())
    return tries <= TRIES_PER_PLACE


async def may_try(session: Session, person_key: bytes, place_key: bytes) -> bool:
    """Note one more try by this person, known or not, from this place; False when it is too many.

    Whoever opened the session commits either way, or a try would not count.
    """
    by_person = await store.sessions.count_try(session, person_key, session.now())
    from_place = await store.sessions.count_try(session, place_key, session.now())
    return by_person <= TRIES_PER_PERSON and from_place <= TRIES_PER_PLACE
