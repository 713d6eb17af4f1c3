"""The NATS servers: new enough, careful enough, and with every stream and consumer in place?"""

from datetime import datetime, timedelta

from deploy.parts import blueprints, hearings
from deploy.upkeep import readers
from deploy.upkeep.finding import Finding, look, well
from deploy.upkeep.stores import clocks
from deploy.upkeep.where import Where
from shared.plumbing import topology
from shared.plumbing.server_facts import ServerFacts, server_facts
from shared.plumbing.settings import CannotStart
from shared.plumbing.trust import SYSTEM_USER
from shared.plumbing.world import REAL

OLDEST_SERVER = (2, 11)
"""Before, a crash could lose what had been acknowledged."""


async def examine(where: Where) -> list[Finding]:
    try:
        findings = await _servers(where)
    except CannotStart as why:
        return [look(str(why))]
    try:
        return [*findings, *await _streams(where)]
    except CannotStart as why:
        return [*findings, look(str(why))]


async def _servers(where: Where) -> list[Finding]:
    async with where.nats(SYSTEM_USER) as client:
        asked_at = REAL.now()
        known = await server_facts(client)
    if not known:
        return [look("No NATS server says how it is: look at its log.")]
    return [one for server in known for one in findings_about(server, asked_at)]


async def _streams(where: Where) -> list[Finding]:
    async with where.nats() as client:
        drifts = await topology.check(client, hearings(blueprints()))
    if drifts:
        return [look(drift.sentence) for drift in drifts]
    return [
        well("Every stream and consumer is as the code says."),
        *await readers.examine(where),
    ]


def findings_about(server: ServerFacts, asked_at: datetime) -> list[Finding]:
    name = f"nats-server {server.name}"
    wanted = ".".join(map(str, OLDEST_SERVER))
    apart = abs(server.clock - asked_at) if server.clock else timedelta()
    return [
        clocks(name, apart),
        well(f"{name} has version {server.version}.")
        if server.release >= OLDEST_SERVER
        else look(f"{name} has version {server.version}: install {wanted} or newer."),
        well(f"{name} writes to the disk before it acknowledges.")
        if server.sync_always
        else look(
            f"{name} acknowledges before it has written to the disk: set `sync_interval: always` "
            "in its configuration, or a power cut loses events."
        ),
    ]
