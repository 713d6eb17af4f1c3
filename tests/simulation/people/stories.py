"""How work usually goes, so that a seed comes to the places where much can go wrong."""

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.contracts.catalogue import SERVICES
from tests.simulation import steps
from tests.simulation.people import clients, coordinator, planner

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation


async def everything_flows(sim: "Simulation") -> None:
    """What was stored is told, heard and written about, as it is when nothing is in the way."""
    for name in SERVICES:
        await steps.relay(sim, name)
    for name in sim.house.broker.consumers:
        for _ in range(12):
            if not await sim.house.deliver(name):
                break
    await steps.send(sim)


async def a_case_takes_its_course(sim: "Simulation") -> None:
    """Somebody is referred, the other side joins, all agree, and a meeting is booked."""
    await clients.refer_somebody(sim)
    await coordinator.accept(sim)
    case_id = coordinator.newest_case(sim)
    if case_id is None:
        return
    await coordinator.add_other_party(sim, case_id)
    await coordinator.everybody_agrees(sim, case_id)
    await everything_flows(sim)
    await planner.book(sim, case_id)
    if sim.chance.random() < 0.7:
        await everything_flows(sim)


async def a_meeting_comes_round(sim: "Simulation") -> None:
    """The hour of the next meeting comes, and somebody records what became of it."""
    starts_at = planner.next_meeting(sim)
    if starts_at is None:
        return
    sim.world.advance(max(starts_at - sim.world.now(), timedelta()) + timedelta(minutes=5))
    sim.note(f"a meeting begins: it is {sim.world.now():%a %d %b %H:%M:%S}")
    await planner.record_outcome(sim)
    if sim.chance.random() < 0.5:
        await everything_flows(sim)
