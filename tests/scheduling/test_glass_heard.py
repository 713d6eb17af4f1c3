"""A case opened in an emergency, as planning hears of it: its plan is seen for an hour."""

from datetime import timedelta

import pytest

from shared.contracts.access import AccessRole
from shared.contracts.glass import BreakGlassEnded, BreakGlassOpened
from shared.contracts.standings import ConflictDeclared
from tests.fixtures.staff import a_member_of_staff, as_staff
from tests.scheduling.builders import CASE, MEETING, REFERRAL, a_proposal, some_id
from tests.scheduling.office import book
from tests.scheduling.test_handlers import hear

ME = some_id(801)
FACILITATES = a_member_of_staff(AccessRole.FACILITATOR, id=ME)
HOUR = timedelta(minutes=60)


@pytest.fixture
async def opened(desk):
    """A meeting of a case that a facilitator who works elsewhere has just opened."""
    await book(desk.database, a_proposal())
    as_staff(desk.browser, FACILITATES)
    about = {"glass_id": some_id(900), "referral_id": REFERRAL, "person_id": ME}
    fact = BreakGlassOpened(**about, until=desk.world.now() + HOUR)
    await hear(desk.database, fact)
    return desk


async def statuses(desk) -> list[int]:
    paths = (f"/cases/{CASE}", f"/sessions/{MEETING}")
    return [(await desk.get(path)).status_code for path in paths]


async def test_the_plan_is_seen_for_an_hour_and_then_no_more(opened):
    seen = [await statuses(opened)]
    opened.world.advance(HOUR - timedelta.resolution)
    seen.append(await statuses(opened))
    listed = (await opened.get("/")).text
    opened.world.advance(timedelta.resolution)
    seen.append(await statuses(opened))

    assert seen == [[200, 200], [200, 200], [404, 404]]
    assert str(MEETING) in listed
    assert str(MEETING) not in (await opened.get("/")).text


async def test_nothing_can_be_booked_moved_or_called_off(opened):
    for path in (f"/cases/{CASE}/book?kind=joint", f"/sessions/{MEETING}/move"):
        assert (await opened.get(path)).status_code == 404
    for path in (f"/sessions/{MEETING}/cancel", f"/sessions/{MEETING}/outcome"):
        assert (await opened.post(path)).status_code == 404


@pytest.mark.parametrize("ends", ["closed", "wall"])
async def test_it_is_closed_at_once_by_whoever_may(opened, ends):
    about = {"referral_id": REFERRAL, "person_id": ME}
    until = opened.world.now() + HOUR
    closed = BreakGlassEnded(glass_id=some_id(900), until=until, **about)
    await hear(
        opened.database, closed if ends == "closed" else ConflictDeclared(**about), sequence=2
    )

    assert await statuses(opened) == [404, 404]


async def test_what_is_looked_at_is_audited_with_its_own_justification(opened):
    await opened.get(f"/cases/{CASE}")

    entry = opened.database.schema.tables.audit.entry
    async with opened.database.reading() as session:
        last = (await session.execute(entry.select().order_by(entry.c.id.desc()))).first()
    assert last.purpose == f"break_glass_{some_id(900).hex}"
