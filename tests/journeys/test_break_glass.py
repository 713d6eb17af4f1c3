"""A case opened in an emergency, with the services as they run: in every service, for an hour."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from services.referral.actions.seeds import demo_id
from services.referral.store import SCHEMA
from services.referral.store.sessions import SESSION
from shared.plumbing.database import Database
from shared.plumbing.world import REAL, World
from tests.fixtures.patience import eventually
from tests.fixtures.system import System
from tests.journeys.people import somebody
from tests.journeys.steps import accept, refer_oneself

pytestmark = pytest.mark.journey

FACILITATOR, MANAGER = demo_id(2), demo_id(4)
WHY = "The neighbour stands before their door, and nobody on the case answers."


def shown_their_code(system: System, person_id: UUID) -> None:
    """As if somebody who is signed in had just shown a code once more."""

    async def note() -> None:
        world = World(now=system.now, new_id=REAL.new_id, chance=REAL.chance)
        database = Database(system.home.store_url("referral"), SCHEMA, world)
        try:
            async with database.transaction() as session:
                later = {"stepped_up_until": session.now() + timedelta(minutes=5)}
                theirs = SESSION.c.person_id == person_id
                await session.execute(update(SESSION).where(theirs).values(**later))
        finally:
            await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, note()).result()


def test_what_is_opened_in_an_emergency_is_open_everywhere_for_an_hour(system: System):
    sam, coordinator = somebody("Sam Example"), system.visitor()
    case = accept(coordinator, refer_oneself(system.stranger(), sam))
    eventually(lambda: coordinator.open("/notifications/").links("Sam Example"))
    message = coordinator.open("/notifications/").links("Sam Example")[0]
    everywhere = (case.page, case.planning, message)
    helper, manager = system.visitor(FACILITATOR), system.visitor(MANAGER)
    for page in everywhere:
        helper.open(page, status=404)
    assert helper.open("/referral/break-glass/open").path.startswith("/referral/sign-in/confirm")

    shown_their_code(system, FACILITATOR)
    page = helper.open("/referral/cases").follow("Open a case in an emergency")
    opened = page.press("Open the case", case=case.reference, reason=WHY)

    assert opened.path == case.page
    system.rest()
    for page in everywhere:
        assert sam.name in helper.open(page).main
    assert "opened a case in an emergency" in manager.open("/referral/alarms").main
    assert case.reference in coordinator.open("/referral/cases").main
    review = manager.open("/referral/break-glass").follow(case.reference)
    assert WHY in review.main
    done = review.press("Record the review", justified="yes")
    assert done.done == "You reviewed it. Thank you."

    system.until(system.now() + timedelta(minutes=60))

    for page in everywhere:
        helper.open(page, status=404)
