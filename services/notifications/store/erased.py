"""Who was erased: what is told of them later, or beside their erasure, is not kept."""

from uuid import UUID

from sqlalchemy import bindparam, select

from services.notifications.store.tables import ERASED
from shared.plumbing.database import Session, insert_first

_FOUND = select(ERASED.c.person_id).where(
    ERASED.c.person_id.in_(bindparam("wanted", expanding=True))
)


async def remember(session: Session, person_id: UUID) -> None:
    """Note an erasure. Whatever is told of the same person waits until this is committed."""
    await _lock(session, person_id)
    await session.execute(insert_first(ERASED, session.database.dialect), {"person_id": person_id})


async def any_of(session: Session, *person_ids: UUID | None) -> bool:
    """Whether one of these was erased; none of them is while this transaction goes on."""
    ids = [person_id for person_id in person_ids if person_id is not None]
    await _lock(session, *ids)
    return (await session.execute(_FOUND, {"wanted": ids})).first() is not None


async def _lock(session: Session, *person_ids: UUID) -> None:
    await session.lock(*(f"person:{person_id}" for person_id in person_ids))
