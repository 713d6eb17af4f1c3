"""Nobody talks to nobody: what is told is heard, and what is asked is answered."""

import ast
from collections import Counter

import pytest

from deploy.catalogue.services import Party, hearers, parties
from shared.contracts.catalogue import ASKS, FACTS, SERVICES
from shared.contracts.sign_in import SessionWanted
from tests.architecture.code import python_files, tree_of


@pytest.fixture(scope="module")
def conversation() -> tuple[Party, ...]:
    return parties()


def made_in(service: str) -> set[str]:
    """The names of everything that code of a service calls: a class is made by calling it."""
    return {
        ast.unparse(node.func).rpartition(".")[2]
        for path in python_files(f"services/{service}")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
    }


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_every_fact_is_heard_by_somebody_or_reserved(conversation, fact):
    assert hearers(fact, conversation) or fact.reserved


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_every_fact_is_told_by_its_teller_and_nobody_else(fact):
    tellers = {service for service in SERVICES if fact.__name__ in made_in(service)}

    assert tellers == (set() if fact.reserved else {fact.teller()})


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)
def test_every_ask_is_asked_by_somebody_and_answered_by_its_owner(conversation, ask):
    assert [party.name for party in conversation if ask in party.asks]
    assert [party.name for party in conversation if ask in party.answers] == [ask.owner()]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_leave_for_exactly_the_asks_it_makes(conversation, service):
    """Its NATS user may ask what its blueprint declares, and nothing else."""
    (party,) = [party for party in conversation if party.name == service]
    asked = {ask.__name__ for ask in ASKS} & made_in(service)
    if service != SessionWanted.owner():  # plumbing asks it, for every page of the others
        asked.add(SessionWanted.__name__)

    assert {ask.__name__ for ask in party.asks} == asked


def test_only_what_the_catalogue_lists_is_heard_or_answered(conversation):
    for party in conversation:
        assert set(party.hears) <= set(FACTS)
        assert set(party.answers) <= set(ASKS)


def test_every_place_in_a_stream_has_a_name_of_its_own(conversation):
    names = [
        party.durable(teller)
        for party in conversation
        for teller in {fact.teller() for fact in party.hears}
    ]

    assert names
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert all(name.split("-")[0] in SERVICES and name.split("-")[1] in SERVICES for name in names)
