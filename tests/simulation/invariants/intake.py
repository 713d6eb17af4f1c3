"""Referrals that were promised, and those that are there."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation


def each_answered_referral_is_stored_once(sim: "Simulation") -> Iterator[str]:
    yield from sim.clients.oddly_answered
    for key in sim.clients.unanswered:
        yield f"{key} was never answered"
    promised = [UUID(json.loads(body)["referral_id"]) for body in sim.clients.answered.values()]
    if len(set(promised)) != len(promised):
        yield "two requests were answered with one referral"
    rows = sim.referral.rows("SELECT id, person_id FROM referral")
    stored = {UUID(row["id"]) for row in rows}
    for referral_id in sorted(set(promised) - stored):
        yield f"{referral_id} was promised and is not there"
    for referral_id in sorted(stored - set(promised)):
        yield f"{referral_id} is there and nobody asked for it"
    if len({row["person_id"] for row in rows}) != len(rows):
        yield "two referrals are about one person"
