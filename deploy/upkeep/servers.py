"""The NATS servers: new enough, careful enough, and with every stream and consumer in place?"""

from deploy.parts import blueprints, hearings
from deploy.upkeep.finding import Finding, look, well
from deploy.upkeep.where import Where
from shared.plumbing import topology
from shared.plumbing.server_facts import ServerFacts, server_facts
from shared.plumbing.settings import CannotStart
from shared.plumbing.trust import SYSTEM_USER

OLDEST_SERVER = (2, 11)
"""Before, a crash could lose what had been acknowledged."""


async def examine(where: Where) -> list[Finding]:
    try:
        async with where.nats(SYSTEM_USER) as client:
            known = await server_facts(client)
        async with where.nats() as client:
            drifts = await topology.check(client, hearings(blueprints()))
    except CannotStart as why:
        return [look(str(why))]
    findings = [one for server in known for one in _server(server)]
    if not known:
        findings.append(look("No NATS server says how it is: look at its log."))
    if drifts:
        return [*findings, *(look(drift.sentence) for drift in drifts)]
    return [*findings, well("Every stream and consumer is as the code says.")]


def _server(server: ServerFacts) -> list[Finding]:
    name = f"nats-server {server.name}"
    wanted = ".".join(map(str, OLDEST_SERVER))
    return [
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
