"""Who is signed in, for this service's own pages: it looks into its own store at every request."""

from uuid import UUID

import structlog

from services.referral.actions.sessions import SignedIn, look_up, note_use
from shared.plumbing.database import Database
from shared.plumbing.staff import SignInUnavailable, Staff
from shared.plumbing.unreachable import is_unreachable

log = structlog.get_logger()


class OwnSessions:
    """The sessions in this service's store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def whose(self, digest: str) -> Staff | None:
        """Whose session it is; None for nobody's. Raises SignInUnavailable."""
        try:
            async with self._database.reading() as session:
                found = await look_up(session, bytes.fromhex(digest))
        except Exception as error:
            if is_unreachable(error):
                raise SignInUnavailable from error
            raise
        if found is None:
            return None
        await self._note_use(found)
        return staff_of(found)

    async def _note_use(self, found: SignedIn) -> None:
        """A store that can only be read still shows its pages, until the session is idle."""
        if not found.sign_in.is_due(self._database.world.now()):
            return
        try:
            async with self._database.transaction() as session:
                await note_use(session, found)
        except Exception as error:
            if not is_unreachable(error):
                raise
            log.warning("session_use_not_noted", error_type=type(error).__name__)


def staff_of(found: SignedIn) -> Staff:
    sign_in = found.sign_in
    return Staff(
        id=sign_in.person_id,
        roles=frozenset(found.roles),
        areas=frozenset[UUID](found.area_ids),
        session_id=sign_in.id,
        stepped_up_until=sign_in.stepped_up_until,
    )
