"""Signing in with an address, a password and a code, step by step.

No transaction is open while a password is worked out: on SQLite nobody else could write. Whoever
is not known here costs the same statements and the same work as somebody who is.
"""

from dataclasses import dataclass
from uuid import UUID

import structlog

from services.referral import store
from services.referral.actions.sessions import (
    may_try,
    step_up,
    take_code,
    use_recovery_code,
)
from services.referral.domain.accounts import Account, Means
from services.referral.sign_in.codes import step_of
from services.referral.sign_in.passwords import Passwords
from services.referral.sign_in.tokens import (
    begin,
    name_digest,
    new_token,
    person_key,
    place_key,
    recovery_digest,
    token_digest,
)
from shared.plumbing.database import Database, Session
from shared.plumbing.sealing.trouble import Sealed
from shared.plumbing.staff import SignInUnavailable, Staff

log = structlog.get_logger()


class TooManyTries(Exception):
    """Somebody, or some place, tries more often than people do."""


@dataclass(frozen=True)
class Desk:
    """What signing in stands on."""

    database: Database
    passwords: Passwords
    key: bytes
    """Keys the digests of names and places."""
    came_from: str | None
    """The address of whoever asks."""

    async def check_password(self, email: str, password: str) -> UUID | None:
        """Whose password this is; None when it is wrong or nobody is called so.

        Raises TooManyTries.
        """
        name = name_digest(self.key, email)
        async with self.database.transaction() as session:
            allowed = await may_try(session, name, place_key(self.key, self.came_from))
            account = await store.accounts.called(session, name) if allowed else None
        if not allowed:
            raise TooManyTries
        person_id, kept = account or (None, None)
        right = await self.passwords.matches(kept, password)
        return person_id if right else None

    async def sign_in_with_code(self, person_id: UUID, code: str) -> str | None:
        """The token of a new session; None when the code is wrong, or was used before.

        Raises TooManyTries.
        """
        async with self.database.transaction() as session:
            allowed = await self._may_try(session, person_id)
            token = None
            if allowed and await self._takes(session, person_id, code):
                token = await begin(session, person_id, Means.PASSWORD)
        return self._answered(allowed, token)

    async def sign_in_with_recovery(self, person_id: UUID, code: str) -> str | None:
        """The same with a recovery code, of which each is good once. Raises TooManyTries."""
        async with self.database.transaction() as session:
            allowed = await self._may_try(session, person_id)
            token = None
            if allowed and await use_recovery_code(session, person_id, recovery_digest(code)):
                token = await begin(session, person_id, Means.RECOVERY_CODE)
        return self._answered(allowed, token)

    async def confirm(self, staff: Staff, code: str) -> str | None:
        """The new token of a session that has just shown a code once more, or None.

        Raises TooManyTries.
        """
        async with self.database.transaction() as session:
            allowed = await self._may_try(session, staff.id)
            token = None
            if allowed and staff.session_id and await self._takes(session, staff.id, code):
                token = new_token()
                await step_up(session, staff.session_id, token_digest(token))
        return self._answered(allowed, token)

    async def _may_try(self, session: Session, person_id: UUID) -> bool:
        place = place_key(self.key, self.came_from)
        return await may_try(session, person_key(self.key, person_id), place)

    async def _takes(self, session: Session, person_id: UUID, code: str) -> bool:
        account = await self._account(session, person_id)
        step = step_of(account.code_secret if account else None, code, session.now())
        return await take_code(session, person_id, step)

    async def _account(self, session: Session, person_id: UUID) -> Account | None:
        """Raises SignInUnavailable while what codes are made from cannot be opened."""
        try:
            return await store.accounts.find(session, person_id)
        except Sealed as error:
            log.error("sealed", code=error.code, reason=error.hint)
            raise SignInUnavailable from error

    def _answered(self, allowed: bool, token: str | None) -> str | None:
        """Outside the transaction: a try counts, whatever it is answered."""
        if not allowed:
            raise TooManyTries
        return token
