"""Who works on each matter, who may know nothing of it, and which matter an id belongs to."""

from uuid import UUID

from sqlalchemy import bindparam, select

from services.scheduling.store import told
from services.scheduling.store.tables import CASE, MEETING, STANDING
from shared.contracts.access import Relation
from shared.plumbing.database import Session
from shared.plumbing.standing import Matters, Standings

STANDINGS = Standings(
    STANDING, Matters(CASE, CASE.c.referral_id, CASE.c.area_id, told_as=CASE.c.id)
)

_OF_CASE = select(CASE.c.referral_id).where(CASE.c.id == bindparam("wanted"))
_OF_MEETING = (
    select(CASE.c.referral_id)
    .join(MEETING, MEETING.c.case_id == CASE.c.id)
    .where(MEETING.c.id == bindparam("wanted"))
)


async def keep_party(session: Session, matter_id: UUID, person_id: UUID, version: int) -> None:
    """Whoever is in a matter themselves never sees it as staff, unless they were erased.

    `matter_id` is that of the case where nobody has said which referral it began with.
    """
    own = {"relation": Relation.OWN_CASE, "party_id": None, "holds": True, "version": version}
    row = {"matter_id": matter_id, "person_id": person_id}
    await told.keep_latest(session, STANDING, row | own)


async def matter_of_case(session: Session, case_id: UUID) -> UUID | None:
    """The referral a case began with; None for a case that was not heard of."""
    return (await session.execute(_OF_CASE, {"wanted": case_id})).scalar()


async def matter_of_meeting(session: Session, meeting_id: UUID) -> UUID | None:
    """The referral that the case of a meeting began with; None when there is no such meeting."""
    return (await session.execute(_OF_MEETING, {"wanted": meeting_id})).scalar()
