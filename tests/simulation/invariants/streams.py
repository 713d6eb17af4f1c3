"""What was told, beside what the streams hold."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from shared.contracts.catalogue import SERVICES

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation


def streams_hold_what_was_told(sim: "Simulation") -> Iterator[str]:
    yield from sim.unexplained
    for service in SERVICES:
        told = {
            UUID(row["event_id"]): row
            for row in sim.house.disks[service].rows("SELECT * FROM outbox ORDER BY id")
        }
        held = {}
        for event in sim.house.broker.streams[service].events:
            held.setdefault(UUID(event.event_id), event)
        for event_id in told.keys() - held.keys():
            yield f"{service} told {told[event_id]['subject']}, and its stream does not hold it"
        for event_id in held.keys() - told.keys():
            yield f"the stream of {service} holds {held[event_id].subject}, which was never told"
        for event_id in told.keys() & held.keys():
            if bytes(told[event_id]["body"]) != held[event_id].body:
                yield f"the stream of {service} holds another {held[event_id].subject} than told"
            if told[event_id]["sent_at"] is None:
                yield f"{service} does not know that {told[event_id]['subject']} was told"
        if service not in sim.lost:
            yield from _order(sim, service)


def _order(sim: "Simulation", service: str) -> Iterator[str]:
    """Where nothing was lost, each thing's events came in the order they happened."""
    furthest: dict[str, int] = {}
    seen: set[str] = set()
    for event in sim.house.broker.streams[service].events:
        if event.event_id in seen:
            continue
        seen.add(event.event_id)
        version = int(event.headers["ce-sequence"])
        if version < furthest.get(event.about, 0):
            yield f"{event.subject} is behind a later event about the same thing"
        furthest[event.about] = version
