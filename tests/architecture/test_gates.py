"""Every route that is not open to all has one gate, and the gate knows what the address names."""

import re
from importlib import import_module

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute, iter_route_contexts

from deploy import mailbox
from shared.contracts.access import Action
from shared.contracts.catalogue import SERVICES
from shared.plumbing.gates import gates_of, may
from shared.plumbing.staff import OPEN_TO_ALL, STAFF_ONLY, who_may_call
from tests.architecture.test_routes import routes_of

OF_NO_MATTER = {
    "venue_id": "a place belongs to nobody's case",
    "parked_id": "an event that is stuck; nothing of what it says is shown",
    "mail_id": "a letter in the development mailbox, which stands for everybody's inbox",
    "name": "a table or a chart of the report",
    "area_id": "an area; whoever may change areas may change each",
    "colleague_id": "a member of staff, said beside the matter that is decided about",
    "said": "which of the things somebody may have said",
}
"""What else a path may name, and why no wall is asked for it."""

DECIDED_INSIDE = {
    "/referral/sessions/{session_id}/revoke": "one's own session; other people's are not there",
    "/referral/staff/{person_id}/leave": "a member of staff, not somebody in a case",
    "/referral/staff/{person_id}/erasure": "as with leaving; the route finds out whether they are",
    "/referral/staff/{person_id}/erasure/extension": "the same",
    "/referral/staff/{person_id}/erasure/decision": "the same, and every case of theirs is shown",
    "/{service}/audit/cases/{case_id}": "what one may not know of is left out of the list",
    "/{service}/audit/people/{person_id}": "as with cases: an entry at a time",
}
"""Routes whose id is of no matter, or whose page decides for each thing that it shows."""

ALONG_WITH = {"person_id": {"referral_id"}}
"""A finder that reads other ids of the path too: somebody's part in just this matter."""

MAILBOX = "mailbox"


def finders_of(service: str) -> set[str]:
    if service == MAILBOX:
        return set()
    return set(import_module(f"services.{service}.main").BLUEPRINT.finders)


def all_routes_of(service: str):
    routes = (
        iter_route_contexts(mailbox.router.routes) if service == MAILBOX else routes_of(service)
    )
    return [route for route in routes if who_may_call(route) != "everybody" and is_ours(route)]


def is_ours(route) -> bool:
    """Files that are mounted, and the pages FastAPI makes, are no routes of ours."""
    return isinstance(getattr(route, "original_route", route), APIRoute)


def badly_gated(routes) -> list[str]:
    """Routes with no gate, or with two of which nobody knows which decides."""
    return [route.path for route in routes if len(gates_of(route)) != 1]


def not_covered(routes, finders: set[str]) -> list[str]:
    """Ids in a path that its gate does not look at though it could, or of which nobody knows."""
    found = []
    for route in routes:
        about = {gate.about for gate in gates_of(route)} - {None}
        if re.sub(r"^/\w+/audit/", "/{service}/audit/", route.path) in DECIDED_INSIDE:
            continue
        names = set(re.findall(r"{(\w+)", route.path))
        read = about.union(*(ALONG_WITH.get(name, set()) for name in about))
        if not about <= finders & names:
            found.append(f"{route.path}: no finder or no such name: {about}")
        if not names <= set(OF_NO_MATTER) and not about:
            found.append(f"{route.path}: says not what it is about: {names}")
        if left := names - read - set(OF_NO_MATTER):
            found.append(f"{route.path}: not looked at: {left}") if about else None
    return found


@pytest.mark.parametrize("service", [*SERVICES, MAILBOX])
def test_every_route_for_staff_has_exactly_one_gate(service):
    assert badly_gated(all_routes_of(service)) == []


@pytest.mark.parametrize("service", [*SERVICES, MAILBOX])
def test_every_id_in_a_path_is_what_its_gate_decides_about_or_of_no_matter(service):
    assert not_covered(all_routes_of(service), finders_of(service)) == []


def planted(path: str, *dependencies):
    router = APIRouter(dependencies=[STAFF_ONLY])
    router.add_api_route(path, lambda: None, dependencies=list(dependencies))
    return list(iter_route_contexts(router.routes))


def test_a_route_that_is_planted_without_a_gate_or_with_two_is_seen():
    gate, other = may(Action.SEE_PLAN), may(Action.CHANGE_PLAN)

    assert badly_gated(planted("/scheduling/secret")) == ["/scheduling/secret"]
    assert badly_gated(planted("/scheduling/secret", gate, other)) == ["/scheduling/secret"]
    assert badly_gated(planted("/scheduling/secret", gate)) == []


def test_a_gate_that_overlooks_an_id_is_seen():
    finders = {"case_id", "session_id"}
    overlooked = planted("/cases/{case_id}", may(Action.SEE_PLAN))
    other = planted("/cases/{case_id}", may(Action.SEE_PLAN, about="session_id"))
    second = planted("/cases/{case_id}/{note_id}", may(Action.SEE_PLAN, about="case_id"))
    right = planted("/cases/{case_id}", may(Action.SEE_PLAN, about="case_id"))
    unknown = planted("/cases/{note_id}", may(Action.SEE_PLAN, about="note_id"))

    for route in (overlooked, other, second, unknown):
        assert len(not_covered(route, finders)) >= 1
    assert not_covered(right, finders) == []


def test_what_is_open_to_all_needs_no_gate():
    router = APIRouter(dependencies=[OPEN_TO_ALL])
    router.add_api_route("/open/{case_id}", lambda: None)

    assert all(who_may_call(route) == "everybody" for route in iter_route_contexts(router.routes))
