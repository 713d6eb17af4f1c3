"""What a fresh development copy begins with: a few colleagues and areas, always the same."""

from uuid import UUID

from services.referral import store
from services.referral.actions.accounts import add_account
from services.referral.actions.areas import add_area
from shared.contracts.access import AccessRole
from shared.plumbing.database import Session

DEMO_STAFF = (
    (1, "Demo Coordinator", "coordinator@parley.example", AccessRole.COORDINATOR),
    (2, "Demo Facilitator One", "facilitator.one@parley.example", AccessRole.FACILITATOR),
    (3, "Demo Facilitator Two", "facilitator.two@parley.example", AccessRole.FACILITATOR),
    (4, "Demo Manager", "manager@parley.example", AccessRole.MANAGER),
    (5, "Demo Funder", "funder@parley.example", AccessRole.FUNDER),
    (6, "Demo Operations", "ops@parley.example", AccessRole.OPS),
    (7, "Demo Partner Officer", "partner@parley.example", AccessRole.PARTNER_OFFICER),
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
    """Let the demonstration colleagues join; those who are there already stay as they are.

    Their accounts have no password: they come in with links that are good once, or once somebody
    has set their account up.
    """
    for number, name, email, role in DEMO_STAFF:
        person_id = demo_id(number)
        if not await store.people.exists(session, person_id):
            await add_account(session, name, email, frozenset({role}), person_id=person_id)
        elif not await store.accounts.exists(session, person_id):  # from before there was sign-in
            await store.accounts.open_account(session, person_id)


async def seed_areas(session: Session) -> None:
    """Name the demonstration areas; those that are there already keep their names."""
    taken = {area.id for area in await store.areas.all_areas(session)}
    for number, label in DEMO_AREAS:
        if demo_id(number) not in taken:
            await add_area(session, label, area_id=demo_id(number))
