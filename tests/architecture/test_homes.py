"""Whoever signs in without saying where to begins on a page that is there for them."""

import pytest

from services.referral.routes.entering import HOMES
from shared.contracts.access import Actor, Context, Decision, Resource, decide
from shared.plumbing.gates import gates_of
from tests.architecture.test_routes import routes_of
from tests.referral.builders import some_id


def hidden(role, path: str) -> bool:
    """Whether the page at this path is not there for this role."""
    service = path.split("/")[1]
    [route] = [one for one in routes_of(service) if one.path == path and "GET" in one.methods]
    [gate] = gates_of(route)
    actor = Actor(some_id(1), frozenset({role}))
    return decide(actor, gate.action, Resource(None), Context()) is Decision.HIDDEN


@pytest.mark.parametrize("role", HOMES)
def test_each_role_begins_where_it_may_be(role):
    assert not hidden(role, HOMES[role])
