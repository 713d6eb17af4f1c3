"""Which matter an address is about, for its gate, and what lists are cut to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement

from services.notifications.store import matters
from services.notifications.store.tables import MESSAGE
from shared.contracts.access import Action
from shared.plumbing.database import Session
from shared.plumbing.gates import Matter
from shared.plumbing.staff import Staff


async def of_message(session: Session, ids: dict[str, UUID]) -> Matter | None:
    """One person's part in a matter: whoever facilitates for another party reads none of it."""
    about = await matters.of_message(session, ids["message_id"])
    return None if about is None else Matter(about.matter_id, about.person_id)


def seen_by(staff: Staff, action: Action, now: datetime) -> ColumnElement[bool]:
    """The messages towards which this member of staff may do so: no other is listed or counted."""
    standings = matters.STANDINGS
    part_of = MESSAGE.c.part_of_id
    return standings.visible(staff, action, standings.matters.id, part_of, now=now)


FINDERS = {"message_id": of_message}
