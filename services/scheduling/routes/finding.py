"""Which matter an address is about, for its gate, and what lists are cut to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement

from services.scheduling import store
from shared.contracts.access import Action
from shared.plumbing.database import Session
from shared.plumbing.gates import Matter
from shared.plumbing.staff import Staff


async def of_case(session: Session, ids: dict[str, UUID]) -> Matter | None:
    return _matter(await store.standings.matter_of_case(session, ids["case_id"]))


async def of_meeting(session: Session, ids: dict[str, UUID]) -> Matter | None:
    return _matter(await store.standings.matter_of_meeting(session, ids["session_id"]))


def _matter(matter_id: UUID | None) -> Matter | None:
    """All of it: a plan brings the parties together, and is seen whole or not at all."""
    return None if matter_id is None else Matter(matter_id)


def seen_by(staff: Staff, now: datetime) -> ColumnElement[bool]:
    """The cases whose plan this member of staff may see; the others are on no list, in no count."""
    standings = store.standings.STANDINGS
    return standings.visible(staff, Action.SEE_PLAN, standings.matters.id, now=now)


FINDERS = {"case_id": of_case, "session_id": of_meeting}
