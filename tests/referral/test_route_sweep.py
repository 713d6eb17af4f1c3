"""Every route of the referral service, tried by every role from wherever they may stand.

Whoever may not do a thing gets, to the letter, what they would get if it were not there.
"""

import re
from dataclasses import dataclass
from uuid import UUID

import pytest
from fastapi.routing import iter_route_contexts

from services.referral.actions.seeds import demo_id
from shared.contracts.access import (
    AccessRole,
    Action,
    Actor,
    Context,
    Decision,
    Relation,
    Resource,
    decide,
)
from shared.plumbing.gates import gates_of
from shared.plumbing.staff import who_may_call
from tests.fixtures.backends import measured
from tests.referral.builders import FACILITATOR, some_id
from tests.referral.cases import OpenCase, an_open_case
from tests.referral.glass import opened
from tests.referral.standing import ELSEWHERE, MANAGER, staff, stand
from tests.referral.web import Visit, visiting

NOBODYS = some_id(0xDEAD)
"""An id that nothing has."""

COLLEAGUE = demo_id(3)
"""Somebody who works here, for pages about colleagues."""

NOTHING_NOTED = "Nothing is noted here yet."

SAID = "agree"

IDS = ("person_id", "referral_id", "glass_id")
"""What a path may name of a case, the narrowest first."""

BY_ROLE_ALONE = tuple(
    f"/referral/{one}"
    for one in ("staff", "areas", "audit", "alarms", "parked", "account", "sessions")
)
"""About no case, or a list that is cut to what may be known."""

ENDS_WHAT_IS_TRIED = (
    "/referral/sessions/revoke-all",
    "/referral/cases/{referral_id}/close-glass",
)
"""Whoever is in the middle of trying every route is out after these."""


@dataclass(frozen=True)
class Try:
    """One request, and what the table says of it."""

    method: str
    path: str
    of_nothing: str
    """The same path, of what is not there."""
    allowed: bool
    empty: bool
    """Of the audit: nothing of this case may be on it."""


def tries(
    visit: Visit, case: OpenCase, glass_id: UUID, role: AccessRole, relation: Relation
) -> list[Try]:
    """Each staff route with the ids of this case, and of how a colleague opened it."""
    found = []
    for route in iter_route_contexts(visit.app.routes):
        if who_may_call(route) != "staff" or route.path in ENDS_WHAT_IS_TRIED:
            continue
        gates = gates_of(route)
        if not gates:
            continue
        [gate] = gates
        # By what the path says, not by what the gate does: a gate may have forgotten it.
        about = next((name for name in IDS if name in route.path), None)
        by_role = not about or route.path.startswith(BY_ROLE_ALONE)
        relations = None if by_role else _relations(relation, about)
        allowed = _allowed(role, gate.action, relations)
        of_audit = route.path.startswith("/referral/audit")
        hidden = not _allowed(role, Action.SEE_AUDIT, _relations(relation, "referral_id"))
        for method in sorted(route.methods - {"HEAD"}):
            whom = COLLEAGUE if route.path.startswith("/referral/staff/") else case.sam
            path = _with(route.path, case.referral_id, whom, glass_id)
            nothing = _with(route.path, NOBODYS, whom, NOBODYS)
            found.append(Try(method, path, nothing, allowed, of_audit and hidden))
    return found


def _allowed(role: AccessRole, action: Action, relations: frozenset[Relation] | None) -> bool:
    actor = Actor(FACILITATOR, frozenset({role}))
    return decide(actor, action, Resource(relations), Context()) is not Decision.HIDDEN


def _relations(relation: Relation, about: str) -> frozenset[Relation]:
    if relation is Relation.PARTYS_FACILITATOR and about == "person_id":
        return frozenset()  # they work with the other one
    here = {Relation.AREA} if relation in (Relation.AREA, Relation.CONFLICT) else set()
    return frozenset({relation, *here} - {Relation.NONE})


def _with(path: str, referral_id: UUID, person_id: UUID, glass_id: UUID) -> str:
    ids = {"referral_id": referral_id, "case_id": referral_id, "person_id": person_id}
    ids |= {"said": SAID, "glass_id": glass_id}
    return re.sub(r"\{(\w+?)(:\w+)?\}", lambda found: str(ids.get(found[1], NOBODYS)), path)


RELATIONS = [
    Relation.AREA,
    Relation.ALLOCATED,
    Relation.PARTYS_FACILITATOR,
    Relation.BROKEN_GLASS,
    Relation.OWN_REFERRAL,
    Relation.CONFLICT,
    Relation.NONE,
]


@pytest.mark.parametrize("relation", RELATIONS)
async def test_a03_what_somebody_may_not_do_is_not_there_for_them(sqlite_database, relation):
    database = await sqlite_database()
    case = await an_open_case(database)
    glass = await opened(database, case.referral_id, MANAGER.id)
    if relation is Relation.BROKEN_GLASS:
        await opened(database, case.referral_id)
    await stand(database, case, relation)
    near = relation in (Relation.AREA, Relation.CONFLICT)
    tried = 0
    async with visiting(database) as visit:
        for role in AccessRole:
            visit.sits_down(staff(role, **({} if near else {"area": ELSEWHERE})))
            for one in tries(visit, case, glass.id, role, relation):
                answer = await visit.browser.request(one.method, one.path)
                where = f"{role} {relation} {one.method} {one.path}: {answer.status_code}"
                if one.allowed:
                    assert answer.status_code != 404 or str(NOBODYS) in one.path, where
                    assert answer.status_code < 500, where
                    assert not one.empty or NOTHING_NOTED in answer.text, where
                else:
                    nothing = await visit.browser.request(one.method, one.of_nothing)
                    assert (answer.status_code, answer.text) == (404, nothing.text), where
                tried += 1
    measured(f"referral's routes by roles, as {relation.value}", f"{tried} requests")


async def test_whoever_is_in_a_case_finds_nothing_of_it_whatever_they_do_here(sqlite_database):
    database = await sqlite_database()
    case = await an_open_case(database)
    async with visiting(database) as visit:
        for person_id in (case.sam, case.kim):
            visit.sits_down(staff(*AccessRole, person_id=person_id))
            page = await visit.get(f"/referral/cases/{case.referral_id}")
            listed = await visit.get("/referral/cases?tab=open")

            assert page.status_code == 404
            assert str(case.referral_id) not in listed.text
            assert "Sam Example" not in listed.text
