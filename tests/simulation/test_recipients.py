"""A06: whatever happens, a letter goes to an address of the person it was meant for."""

from collections.abc import Iterable
from typing import Any

import pytest

from services.referral.actions import permits
from tests.fixtures.backends import measured
from tests.simulation import simulation
from tests.simulation.invariants import Violation, consent
from tests.simulation.mutants.planting import swapped

pytestmark = pytest.mark.simulation

SEEDS = range(5001, 5031)
"""Others than those that are run for everything."""

FEWEST_LETTERS = 50

_permit = permits.permit


def letters_gone_astray(seeds: Iterable[int]) -> tuple[int, list[str]]:
    """How many letters were taken, and what is wrong with the address of any of them."""
    taken, astray = 0, []

    async def look(sim: Any) -> list[Violation]:
        nonlocal taken
        taken += sum(attempt.taken for attempt in sim.house.mail.attempts)
        wrong = [one for one in consent.no_letter_but_as_agreed(sim) if "it went to" in one]
        return [Violation("A06", one) for one in wrong]

    with swapped((simulation.invariants, "look", look)):
        for seed in seeds:
            astray += [f"seed {seed}: {one}" for one in simulation.run(seed).violations]
    return taken, astray


def test_a06_every_letter_goes_to_the_person_it_was_meant_for():
    taken, astray = letters_gone_astray(SEEDS)

    assert astray == []
    assert taken >= FEWEST_LETTERS
    measured("A06", f"{taken} letters in {len(SEEDS)} seeds, each to its own person")


def test_a06_a_letter_to_the_other_party_is_seen():
    """With somebody else's details in a permit, as if two people had been mixed up."""
    known: dict[Any, Any] = {}

    def mixed_up(person: Any, contact: Any, *rest: Any, **more: Any) -> Any:
        if person is not None and contact is not None:
            known[person.id] = contact
            others = [one for who, one in known.items() if who != person.id]
            contact = others[-1] if others else contact
        return _permit(person, contact, *rest, **more)

    simulation.beginning()  # which is made without the mistake
    with swapped((permits, "permit", mixed_up)):
        _, astray = letters_gone_astray(SEEDS[:5])

    assert astray
