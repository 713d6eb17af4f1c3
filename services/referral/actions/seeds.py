"""What a fresh development copy begins with: a few colleagues and areas, always the same."""

from uuid import UUID

from services.referral import store
from services.referral.actions.areas import add_area
from services.referral.actions.staff import add_colleague
from shared.contracts.words import Role
from shared.plumbing.database import Session

DEMO_STAFF = (
    (1, "Demo Coordinator", "coordinator@parley.example", Role.COORDINATOR),
    (2, "Demo Facilitator One", "facilitator.one@parley.example", Role.FACILITATOR),
    (3, "Demo Facilitator Two", "facilitator.two@parley.example", Role.FACILITATOR),
    (4, "Demo Manager", "manager@parley.example", Role.MANAGER),
)
DEMO_AREAS = (
    (0xA1, "City centre"),
    (0xA2, "Northfields and Eastgate"),
    (0xA3, "Riverside"),
    (0xA4, "Market towns and villages"),
    (0xA5, "Somewhere else, or not sure"),
)


def demo_id(number: int) -> UUID:
    """The same id on every fresh copy, so that examples and tests may name it."""
    return UUID(f"0198c0de-0000-7000-8000-{number:012x}")


async def seed_staff(session: Session) -> None:
    """Let the demonstration colleagues join; those who are there already stay as they are."""
    for number, name, email, role in DEMO_STAFF:
        if not await store.people.exists(session, demo_id(number)):
            await add_colleague(session, name, email, frozenset({role}), person_id=demo_id(number))


async def seed_areas(session: Session) -> None:
    """Name the demonstration areas; those that are there already keep their names."""
    taken = {area.id for area in await store.areas.all_areas(session)}
    for number, label in DEMO_AREAS:
        if demo_id(number) not in taken:
            await add_area(session, label, area_id=demo_id(number))
