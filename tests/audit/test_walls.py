"""What is kept from somebody is kept from them in the audit too, by whichever id it was noted."""

import pytest

from services.scheduling.store.standings import STANDINGS
from shared.contracts.access import Relation, Standing
from tests.audit.furnished import furnished
from tests.scheduling.builders import CASE, FIRST, REFERRAL


@pytest.mark.parametrize("told_as", [CASE, REFERRAL])
@pytest.mark.parametrize("path", [f"cases/{CASE}", f"cases/{REFERRAL}", f"people/{FIRST}"])
async def test_a_manager_who_stands_too_near_reads_nothing_of_the_case_in_the_audit(
    sqlite_store, world, path, told_as
):
    async with furnished("scheduling", sqlite_store, world) as desk:
        before = await desk.browser.get(f"/scheduling/audit/{path}")
        async with desk.database.transaction() as session:
            wall = Standing(told_as, desk.staff.id, Relation.CONFLICT, 1)
            await STANDINGS.note(session, wall)
        after = await desk.browser.get(f"/scheduling/audit/{path}")

    assert "Book meeting" in before.text
    assert after.status_code == 200
    assert "Book meeting" not in after.text
