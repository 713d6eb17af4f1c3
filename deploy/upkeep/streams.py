"""Making streams and consumers as the code says, as the deploy user."""

from deploy.parts import blueprints, hearings
from deploy.upkeep.where import Where
from shared.plumbing import topology
from shared.plumbing.settings import CannotStart


async def ensure_streams(where: Where, replicas: int) -> list[topology.Change]:
    """Make what is missing, repair what drifted; what had to change. Raises CannotStart."""
    parts = blueprints()
    async with where.nats() as client:
        try:
            return await topology.ensure(client, hearings(parts), replicas=replicas)
        except topology.CannotRepair as why:
            raise CannotStart(str(why)) from None


async def hear_again(where: Where, service: str, replicas: int) -> list[topology.Change]:
    """Have a service hear everything from the first event; its inbox absorbs what it remembers.

    For one whose store was put back from an older copy. Raises CannotStart.
    """
    parts = blueprints()
    if service not in parts:
        raise CannotStart(f"There is no service {service}: choose of {', '.join(parts)}.")
    async with where.nats() as client:
        try:
            return await topology.from_the_first(
                client, hearings(parts), service, replicas=replicas
            )
        except topology.CannotRepair as why:
            raise CannotStart(str(why)) from None
