"""Who is signed in, for the services that have to ask referral."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from shared.contracts.ask import Answer, Ask
from shared.contracts.sign_in import SessionFound, SessionWanted
from shared.plumbing.asking import NoAnswer
from shared.plumbing.staff import SignInUnavailable, Staff

REMEMBERED = timedelta(seconds=5)
"""How long an answer is good for: a session that was revoked ends everywhere within this time."""

MOST_REMEMBERED = 1000


class AskedSessions:
    """Asks referral, and remembers each answer for a moment: a page makes several requests."""

    def __init__(
        self, ask: Callable[[Ask], Awaitable[Answer]], now: Callable[[], datetime]
    ) -> None:
        self._ask, self._now = ask, now
        self._known: dict[str, tuple[datetime, Staff]] = {}

    async def whose(self, digest: str) -> Staff | None:
        """Whose session it is; None for nobody's. Raises SignInUnavailable."""
        asked_at = self._now()
        known = self._known.get(digest)
        if known and timedelta() <= asked_at - known[0] < REMEMBERED:
            return known[1]
        self._known.pop(digest, None)
        try:
            found = await self._ask(SessionWanted(token_digest=digest))
        except NoAnswer as none:
            raise SignInUnavailable from none
        assert isinstance(found, SessionFound)  # noqa: S101 - the bus has checked it
        staff = _staff(found)
        if staff is not None:
            self._remember(digest, asked_at, staff)
        return staff

    def _remember(self, digest: str, asked_at: datetime, staff: Staff) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        # From the moment of asking: the answer was true then, and may not be any more.
        self._known[digest] = (asked_at, staff)


def _staff(found: SessionFound) -> Staff | None:
    if found.staff_id is None or found.session_id is None:
        return None
    return Staff(
        id=found.staff_id,
        roles=frozenset(found.roles),
        areas=frozenset(found.area_ids),
        session_id=found.session_id,
        stepped_up_until=found.stepped_up_until,
    )
