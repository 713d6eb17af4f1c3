"""Who is signed in: what the other services ask referral at every page, and are answered."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.access import AccessRole
from shared.contracts.ask import Answer, Ask


class SessionFound(Answer):
    """Who is signed in with a token, and as what; empty when nobody is, or not any more."""

    staff_id: UUID | None = None
    """The member of staff who is signed in."""
    session_id: UUID | None = None
    """One sign-in, from its beginning to its end."""
    roles: tuple[AccessRole, ...] = ()
    area_ids: tuple[UUID, ...] = ()
    """The areas they work in; empty when nobody has said."""
    stepped_up_until: AwareDatetime | None = None
    """Until when they have just shown a code once more."""


class SessionWanted(Ask):
    """Whose session is this?

    Carries the digest of the token alone: whoever reads the question cannot sign in with it. The
    answer is good for five seconds.
    """

    subject: ClassVar[str] = "ask.referral.session.v1"
    answered_by: ClassVar[type[Answer]] = SessionFound

    token_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the token, in hex."""
