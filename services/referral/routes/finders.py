"""Which matter a path of this service names."""

from uuid import UUID

from services.referral import store
from shared.plumbing.database import Session
from shared.plumbing.gates import Matter


async def _referral(session: Session, ids: dict[str, UUID]) -> Matter | None:
    known = await store.intake.find(session, ids["referral_id"])
    return None if known is None else Matter(known.id)


async def _person(session: Session, ids: dict[str, UUID]) -> Matter | None:
    """One person's part in a matter; the route finds out whether they belong to it."""
    known = await store.intake.find(session, ids["referral_id"])
    return None if known is None else Matter(known.id, ids["person_id"])


async def _glass(session: Session, ids: dict[str, UUID]) -> Matter | None:
    """The matter that somebody opened in an emergency."""
    opened = await store.break_glass.matter_of(session, ids["glass_id"])
    return None if opened is None else Matter(opened)


async def _complaint(session: Session, ids: dict[str, UUID]) -> Matter | None:
    """A complaint is a matter of its own, behind whose wall the colleague it is about stands."""
    known = await store.complaints.find(session, ids["complaint_id"])
    return None if known is None else Matter(known.id)


FINDERS = {
    "referral_id": _referral,
    "person_id": _person,
    "glass_id": _glass,
    "complaint_id": _complaint,
}
