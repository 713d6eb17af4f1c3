"""Colleagues who stand in one way or another to one case."""

from uuid import UUID

from services.referral.actions import standings
from services.referral.actions.case_file import Edit
from services.referral.actions.seeds import demo_id
from shared.contracts.access import AccessRole, Relation
from shared.plumbing.database import Database
from shared.plumbing.staff import Staff
from tests.referral.builders import AREA, COORDINATOR, FACILITATOR, some_id
from tests.referral.cases import OpenCase, as_if_referred, version_of

ELSEWHERE = some_id(0xE15E)
"""An area nothing here lies in."""

MANAGER = Staff(demo_id(4), frozenset({AccessRole.MANAGER}))
"""The demonstration's manager, who works in every area: staff and areas are theirs to change."""


def staff(*roles: AccessRole, person_id: UUID = FACILITATOR, area: UUID = AREA) -> Staff:
    return Staff(id=person_id, roles=frozenset(roles), areas=frozenset({area}))


async def put_on(
    database: Database, case: OpenCase, party_id: UUID | None = None, person_id: UUID = FACILITATOR
) -> None:
    edit = await _edit(database, case)
    async with database.transaction() as session:
        await standings.allocate(session, edit, person_id, party_id)


async def take_off(database: Database, case: OpenCase) -> None:
    edit = await _edit(database, case)
    async with database.transaction() as session:
        await standings.release(session, edit, FACILITATOR)


async def keep_from(database: Database, case: OpenCase, person_id: UUID = FACILITATOR) -> None:
    edit = await _edit(database, case)
    async with database.transaction() as session:
        await standings.declare_conflict(session, edit, person_id)


async def stand(database: Database, case: OpenCase, relation: Relation) -> None:
    """Let the facilitator stand to the case in this way alone, apart from the area."""
    if relation is Relation.ALLOCATED:
        await put_on(database, case)
    elif relation is Relation.PARTYS_FACILITATOR:
        await put_on(database, case, case.kim)
    elif relation is Relation.OWN_REFERRAL:
        await as_if_referred(database, case.referral_id, FACILITATOR)
    elif relation is Relation.CONFLICT:
        await put_on(database, case)
        await keep_from(database, case)


async def _edit(database: Database, case: OpenCase) -> Edit:
    return Edit(case.referral_id, await version_of(database, case.referral_id), COORDINATOR)
