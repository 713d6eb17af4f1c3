"""Health, beside what it is about."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.contracts.catalogue import SERVICES
from shared.plumbing.probes import probe_bus, probe_store, probe_stream
from tests.simulation.house import Cut, Process
from tests.simulation.reading import moment

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

OLD = timedelta(seconds=60)

FAILURES_BEFORE_PARKING = 4
"""The fifth parks; a crash at an early delivery may be counted for two."""


def nothing_stays_parked(sim: "Simulation") -> Iterator[str]:
    """Once handlers are mended, retrying is enough."""
    for service in SERVICES:
        for row in sim.house.disks[service].rows(
            "SELECT subject, error_code FROM parked_event WHERE state IN ('parked', 'retry_asked')"
        ):
            yield f"{service} still has {row['subject']} parked: {row['error_code']}"
        for row in sim.house.disks[service].rows("SELECT * FROM parked_event"):
            failed = sim.house.failures[row["consumer"], row["event_key"]]
            if failed < FAILURES_BEFORE_PARKING:
                yield f"{service} parked {row['subject']} after {failed} failures"


def health_tells_the_truth(sim: "Simulation") -> Iterator[str]:
    yield from sim.false_health


async def look_at(sim: "Simulation", service: str) -> None:
    """Ask the probes of one service, and compare with what is stored."""
    try:
        said = await _said(sim, service)
    except Cut:
        return
    if said is not None:
        for code, true in _truth(sim, service).items():
            if true and code not in said:
                sim.false_health.append(f"{service} does not say {code}")


async def look_when_healed(sim: "Simulation") -> None:
    """When all is well, that is what is said."""
    for service in SERVICES:
        for code in sorted(await _said(sim, service) or ()):
            sim.false_health.append(f"{service} says {code} when all is well")


async def _said(sim: "Simulation", service: str) -> set[str] | None:
    async def ask(process: Process) -> set[str]:
        found = [
            *await probe_store(process.database, process.service.metrics),
            *await probe_stream(process.database, process.bus.publisher),
            *await probe_bus(process.bus),
        ]
        return {ailment.code for ailment in found}

    try:
        return await sim.house.within(service, ask)
    except Cut:
        raise
    except Exception:  # the store is out of reach: that is said in another way
        return None


def _truth(sim: "Simulation", service: str) -> dict[str, bool]:
    disk, stream = sim.house.disks[service], sim.house.broker.streams[service]
    parked = disk.rows("SELECT 1 FROM parked_event WHERE state IN ('parked', 'retry_asked')")
    unsent = disk.rows("SELECT recorded_at FROM outbox WHERE sent_at IS NULL ORDER BY id LIMIT 1")
    [row] = disk.rows("SELECT max(stream_seq) AS furthest FROM outbox WHERE sent_at IS NOT NULL")
    waited = [sim.world.now() - moment(one["recorded_at"]) for one in unsent]
    return {
        "events_parked": bool(parked),
        "outbox_old": any(time > OLD for time in waited),
        "stream_short": (row["furthest"] or 0) > stream.last_seq,
    }
