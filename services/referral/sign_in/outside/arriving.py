"""One sign-in from outside, step by step: there, back, and who it is.

What is asked is bound to the browser: state, nonce and verifier lie sealed in a cookie of its own,
good for ten minutes, and a state is taken once. No transaction is open while the provider is asked.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog

from services.referral import store
from services.referral.actions.arrivals import arrive, end_outside
from services.referral.actions.sessions import may_try_from, step_up
from services.referral.domain.accounts import Means
from services.referral.domain.arrivals import Arrival, NotIn
from services.referral.sign_in import tickets
from services.referral.sign_in.local import TooManyTries
from services.referral.sign_in.outside.fetching import ProviderRefused
from services.referral.sign_in.outside.provider import Provider
from services.referral.sign_in.outside.tokens import (
    LEEWAY,
    Identity,
    TokenRefused,
    identity_in,
    leaving_in,
)
from services.referral.sign_in.tickets import TicketOver
from services.referral.sign_in.tokens import (
    begin,
    name_digest,
    new_token,
    outside_digest,
    place_key,
    token_digest,
)
from shared.plumbing.database import Database
from shared.plumbing.staff import Staff

TICKET = "outside"

log = structlog.get_logger()


class Again(Exception):
    """This cannot be gone on with: somebody has to begin anew. `reason` is fit for a log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotLetIn(Exception):
    """The provider knows them; here they do not come in."""

    def __init__(self, why: NotIn) -> None:
        super().__init__(why)
        self.why = why


class Purpose(StrEnum):
    """What somebody goes to the provider for."""

    SIGN_IN = "sign_in"
    CONFIRM = "confirm"


@dataclass(frozen=True)
class Wanted:
    """What somebody set out for, before they were sent to the provider."""

    purpose: Purpose = Purpose.SIGN_IN
    then: str = ""
    """The page they go on to."""
    invitation: str = ""
    """The token of the invitation they hold."""
    session_id: UUID | None = None
    """For a confirmation: whose session it is to be."""


@dataclass(frozen=True)
class Answered:
    """What the browser brought back from the provider."""

    state: str
    code: str
    issuer: str | None
    error: bool


@dataclass(frozen=True)
class Arrived:
    """Somebody has signed in, or confirmed that it is they."""

    person_id: UUID
    token: str
    """Of the session, new each time."""
    wanted: Wanted


@dataclass(frozen=True)
class Gate:
    """What a sign-in from outside stands on."""

    database: Database
    provider: Provider
    key: bytes
    """Keys the digests of identities, names and places."""
    ticket_key: bytes
    came_from: str | None

    @property
    def _now(self) -> datetime:
        return self.database.world.now()

    async def send(self, wanted: Wanted) -> tuple[str, str]:
        """The provider's page, and what the browser keeps meanwhile. Raises ProviderUnavailable."""
        state, nonce, verifier = new_token(), new_token(), new_token()
        asked = {"state": state, "nonce": nonce}
        if wanted.purpose is Purpose.CONFIRM:
            asked |= {"prompt": "login", "max_age": "0"}
        address = await self.provider.sign_in_address(self._now, verifier, **asked)
        kept = {
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "purpose": wanted.purpose.value,
            "then": wanted.then,
            "invitation": wanted.invitation,
            "session": str(wanted.session_id or ""),
            "sent_at": str(int(self._now.timestamp())),
        }
        return address, tickets.issue(TICKET, kept, self.ticket_key, self._now)

    async def receive(self, answer: Answered, ticket: str, staff: Staff | None) -> Arrived:
        """Let somebody in who comes back from the provider, or take their confirmation.

        `staff` is whoever is signed in in this browser already. Raises Again, NotLetIn,
        TooManyTries or ProviderUnavailable.
        """
        kept = self._kept(ticket, answer.state)
        await self._use_up(answer.state)
        found = await self.provider.discovered(self._now)
        says_who = answer.issuer is not None or found.authorization_response_iss_parameter_supported
        if says_who and answer.issuer != self.provider.outside.issuer:
            raise Again("other_issuer")
        if answer.error or not answer.code:
            raise Again("provider_said_no")
        identity = await self._identity(answer.code, kept)
        if kept["purpose"] == Purpose.CONFIRM:
            return await self._confirm(identity, kept, staff)
        return await self._sign_in(identity, kept)

    async def signed_out(self, token: str) -> None:
        """The provider says that somebody left. Raises Again or ProviderUnavailable.

        A logout token is good once: who has signed in again since is not signed out by an old one.
        """
        try:
            leaving = await leaving_in(self.provider, token, self._now)
        except TokenRefused as why:
            raise Again(why.reason) from None
        used = outside_digest(self.key, "logout", leaving.id)
        async with self.database.transaction() as session:
            if not await store.outside.spend(session, used, leaving.good_until):
                raise Again("used")
            await end_outside(
                session,
                self._digest_of(leaving.subject) if leaving.subject else None,
                self._session_digest(leaving.session),
            )

    def _kept(self, ticket: str, state: str) -> dict[str, str]:
        """What this browser was sent with. Raises Again."""
        try:
            kept = tickets.read(TICKET, ticket, self.ticket_key, self._now)
        except TicketOver:
            raise Again("no_ticket") from None
        if not hmac.compare_digest(kept["state"].encode(), state.encode("utf-8", "replace")):
            raise Again("state")
        return kept

    async def _use_up(self, state: str) -> None:
        """A state counts once, whoever brings it, and a try counts whatever comes of it."""
        await self._note_try()
        used = outside_digest(self.key, "state", state)
        async with self.database.transaction() as session:
            fresh = await store.outside.spend(session, used, self._now + tickets.GOOD_FOR * 2)
        if not fresh:
            raise Again("state_used")

    async def _note_try(self) -> None:
        async with self.database.transaction() as session:
            allowed = await may_try_from(session, place_key(self.key, self.came_from))
        if not allowed:
            raise TooManyTries

    async def _identity(self, code: str, kept: dict[str, str]) -> Identity:
        now = self._now
        try:
            token = await self.provider.id_token(now, code, kept["verifier"])
            return await identity_in(self.provider, token, kept["nonce"], now)
        except ProviderRefused:
            raise Again("code") from None
        except TokenRefused as why:
            raise Again(f"token_{why.reason}") from None

    async def _sign_in(self, identity: Identity, kept: dict[str, str]) -> Arrived:
        outside = self.provider.outside
        arrival = Arrival(
            outside_digest=self._digest_of(identity.subject),
            roles=outside.roles_for(identity.groups),
            name_digest=name_digest(self.key, identity.email) if identity.email else None,
            invitation=token_digest(kept["invitation"]) if kept["invitation"] else None,
        )
        async with self.database.transaction() as session:
            person_id = await arrive(session, arrival)
            if isinstance(person_id, UUID):
                sid = self._session_digest(identity.session)
                token = await begin(session, person_id, Means.OUTSIDE, sid)
        if isinstance(person_id, NotIn):
            raise NotLetIn(person_id)
        return Arrived(person_id, token, _wanted(kept))

    async def _confirm(
        self, identity: Identity, kept: dict[str, str], staff: Staff | None
    ) -> Arrived:
        """The same person, in the same session, has shown there just now that it is they."""
        if staff is None or staff.session_id is None or str(staff.session_id) != kept["session"]:
            raise Again("other_session")
        sent_at = int(kept["sent_at"])
        shown_at = identity.shown_at
        if shown_at is None or not _is_within(shown_at, sent_at, self._now):
            raise Again("auth_time")
        token = new_token()
        async with self.database.transaction() as session:
            whose = await store.outside.linked(session, self._digest_of(identity.subject))
            if whose == staff.id:
                await step_up(session, staff.session_id, token_digest(token))
        if whose != staff.id:
            raise Again("somebody_else")
        return Arrived(staff.id, token, _wanted(kept))

    def _digest_of(self, subject: str) -> bytes:
        return outside_digest(self.key, "person", self.provider.outside.issuer, subject)

    def _session_digest(self, sid: str | None) -> bytes | None:
        return (
            outside_digest(self.key, "session", self.provider.outside.issuer, sid) if sid else None
        )


def _wanted(kept: dict[str, str]) -> Wanted:
    return Wanted(Purpose(kept["purpose"]), kept["then"])


def _is_within(shown_at: datetime, sent_at: int, now: datetime) -> bool:
    """Not before we asked, and not to come; but for clocks that differ a little."""
    leeway: timedelta = LEEWAY
    earliest: Any = sent_at - leeway.total_seconds()
    return bool(earliest <= shown_at.timestamp() <= (now + leeway).timestamp())
