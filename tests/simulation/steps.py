"""What happens by itself: time goes by, relays publish, readers read, letters leave."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shared.contracts.catalogue import SERVICES
from shared.plumbing import parked
from shared.plumbing.parked import NotParked
from tests.simulation.faults import STREAM_LOSSES
from tests.simulation.house import Cut, Process
from tests.simulation.invariants import health

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

PAUSES = (
    *(timedelta(seconds=1), timedelta(seconds=30), timedelta(minutes=3), timedelta(minutes=20)),
    *(timedelta(hours=1), timedelta(hours=7), timedelta(days=1), timedelta(days=4)),
)


UNSENT = "SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 1"
TO_SEND = "SELECT 1 FROM message WHERE state='sending' OR due_at IS NOT NULL LIMIT 1"
"""Looked up first: most of the time a loop that wakes finds nothing to do."""


async def let_time_go_by(sim: "Simulation") -> None:
    pause = sim.chance.choices(PAUSES, (8, 10, 8, 5, 4, 3, 2, 1))[0]
    sim.world.advance(pause)
    sim.note(f"{pause} later it is {sim.world.now():%a %d %b %H:%M:%S}")


async def relay(sim: "Simulation", name: str | None = None) -> int:
    """One service's relay wakes."""
    name = name or sim.chance.choice(SERVICES)
    recount = sim.faults.on and sim.chance.random() < 0.2
    if not recount and not sim.house.disks[name].rows(UNSENT):
        return 0
    try:
        published = await sim.house.relay(name, recount=recount)
    except Cut:
        return 1
    except Exception as error:  # the relay's own loop would wait and begin again
        why = error.__cause__ or error
        sim.note(f"the relay of {name} waits: {type(why).__name__} {why}")
        return 1
    if published:
        sim.note(f"the relay of {name} published {published}")
    return published


async def reconcile(sim: "Simulation", name: str | None = None) -> int:
    """One service compares its outbox with its stream."""
    name = name or sim.chance.choice(SERVICES)
    try:
        missing = await sim.house.reconcile(name)
    except Cut:
        return 1
    except Exception as error:  # its own loop would wait and begin again
        sim.note(f"the comparison of {name} waits: {type(error).__name__} {error}")
        return 1
    if missing and name not in sim.lost:
        sim.unexplained.append(f"the stream of {name} lacks {missing} events it never lost")
    if missing:
        sim.note(f"{name} found that its stream lacks {missing}")
    return missing


async def deliver(sim: "Simulation") -> None:
    """One reader is handed some events."""
    name = sim.chance.choice(list(sim.house.broker.consumers))
    for _ in range(sim.chance.choice((1, 2, 5, 20))):
        if not await sim.house.deliver(name):
            return


async def send(sim: "Simulation") -> int:
    """The sender wakes; in a seed it does so even when nothing is due, once in a while."""
    if not sim.notifications.rows(TO_SEND) and (not sim.faults.on or sim.chance.random() < 0.8):
        return 0
    try:
        tried = await sim.house.send()
    except Cut:
        return 1
    except Exception as error:  # the sender's own loop would be started again
        sim.note(f"the sender fell over: {type(error).__name__}")
        sim.house.processes["notifications"].has_led = False
        return 1
    if tried:
        sim.note(f"the sender tried {tried}")
    return tried


async def retry_parked(sim: "Simulation") -> int:
    """Somebody asks to retry what is parked, and the services do."""
    retried = 0
    for name in SERVICES:
        waiting = sim.house.disks[name].rows(
            "SELECT id FROM parked_event WHERE state='parked' ORDER BY id"
        )
        asked = sim.house.disks[name].rows(
            "SELECT id FROM parked_event WHERE state='retry_asked' ORDER BY id"
        )
        if not waiting and not asked:
            continue
        for row in waiting:
            await _ask_retry(sim, name, UUID(row["id"]))
        sim.note(f"{name} retries {len(waiting) + len(asked)} parked events")
        retried += 1
        await _give(sim, name)
    return retried


async def _ask_retry(sim: "Simulation", name: str, parked_id: UUID) -> None:
    async def ask(process: Process) -> None:
        async with process.database.transaction() as session:
            await parked.ask_retry(session, parked_id)

    try:
        await sim.house.within(name, ask)
    except (Cut, NotParked):
        return
    except Exception as error:
        sim.note(f"  asking to retry: {type(error).__name__}")


async def _give(sim: "Simulation", name: str) -> None:
    try:
        await sim.house.second_chance(name)
    except Cut:
        return
    except Exception as error:  # its own loop would wait and begin again
        sim.note(f"  the second chance of {name} waits: {type(error).__name__}")


async def restart(sim: "Simulation") -> None:
    name = sim.chance.choice(SERVICES)
    sim.note(f"{name} is killed and started again")
    await sim.house.restart(name)


async def break_or_mend_a_handler(sim: "Simulation") -> None:
    """Somebody releases a mistake in a handler, or puts one right."""
    house = sim.house
    if house.broken:
        sim.note(f"{house.broken} is mended")
        house.broken.clear()
        return
    waiting = [(one, one.waiting()[:3]) for one in house.broker.consumers.values() if one.waiting()]
    if not waiting or "handler broken" not in sim.faults.kinds:
        return
    of_meetings = [one for one in waiting if one[0].stream.name == "scheduling"]
    # Meetings come last in a seed, and would seldom be the ones in trouble.
    consumer, events = sim.chance.choice(of_meetings or waiting)
    event = sim.chance.choice(events)
    sim.note(f"  ! {consumer.reader} has a mistake in its handler of {event.subject}")
    house.broken = {(consumer.reader, event.subject)}
    store = house.disks[consumer.reader]
    for _ in range(sim.chance.choice((0, 8, 12, 16))):
        sim.world.advance(timedelta(seconds=20))
        store.away = "store out of reach" in sim.faults.kinds and sim.chance.random() < 0.4
        if "crash" in sim.faults.kinds and sim.chance.random() < 0.1:
            await house.restart(consumer.reader)
        await house.deliver(consumer.name)
    store.away = False


async def look_at_health(sim: "Simulation") -> None:
    """An operator looks whether a service is well."""
    await health.look_at(sim, sim.chance.choice(SERVICES))


async def harm_the_broker(sim: "Simulation") -> None:
    """Lose some of what the broker said it had."""
    what = sim.chance.choice(STREAM_LOSSES)
    if what not in sim.faults.kinds:
        return
    broker, stream = sim.house.broker, sim.chance.choice(SERVICES)
    if what == "stream cut off at its end":
        broker.cut_off(stream, sim.chance.randint(1, 6), remembers=sim.chance.random() < 0.3)
    elif what == "stream wiped":
        broker.wipe(stream)
    elif what == "stream restored from a copy":
        if not broker.restore(stream):
            broker.copy(stream)
            return
    else:
        reader = sim.chance.choice(list(broker.consumers))
        broker.make_anew(reader)
        sim.note(f"  ! {what}: {reader}")
        return
    sim.lost.add(stream)
    sim.note(f"  ! {what}: {stream}")
