"""Colleagues who open cases in an emergency, have just shown their code, and review each other."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.referral import store
from services.referral.actions import break_glass
from services.referral.actions.break_glass import Asked
from services.referral.domain.break_glass import BreakGlass
from shared.contracts.access import AccessRole, Actor
from shared.plumbing.database import Database
from shared.plumbing.staff import Staff
from tests.referral.builders import FACILITATOR, NOW
from tests.referral.standing import staff

WHY = "Kim rang in great distress, and nobody who works on it answers."

OPEN = "/referral/break-glass/open"
REVIEWS = "/referral/break-glass"


def sure(one: Staff) -> Staff:
    """They have just shown their code once more."""
    return replace(one, stepped_up_until=NOW + timedelta(days=365))


HELPER = sure(staff(AccessRole.FACILITATOR))
"""A facilitator who works on no case here."""


async def ask_for(database: Database, called: object, who: Actor = HELPER, why: str = WHY) -> Asked:
    async with database.transaction() as session:
        return await break_glass.ask_for(session, who, str(called), why)


async def opened(database: Database, called: object, person_id: UUID = FACILITATOR) -> BreakGlass:
    """What somebody has opened just now."""
    who = Actor(person_id, frozenset({AccessRole.FACILITATOR}))
    asked = await ask_for(database, called, who)
    assert asked.referral_id is not None
    async with database.reading() as session:
        found = await store.break_glass.open_to(
            session, person_id, asked.referral_id, session.now()
        )
    assert found is not None
    return found


async def kept(database: Database, glass_id: UUID) -> BreakGlass:
    async with database.reading() as session:
        found = await store.break_glass.find(session, glass_id)
    assert found is not None
    return found
