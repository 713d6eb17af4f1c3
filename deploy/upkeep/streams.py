"""Making streams and consumers as the code says, as the deploy user."""

from contextlib import AsyncExitStack

from deploy.parts import blueprints, hearings
from deploy.upkeep.where import Where
from shared.plumbing import topology
from shared.plumbing.places import places_in
from shared.plumbing.settings import CannotStart


async def ensure_streams(where: Where, replicas: int) -> list[topology.Change]:
    """Make what is missing, repair what drifted; what had to change. Raises CannotStart."""
    parts = blueprints()
    async with AsyncExitStack() as stack:
        stores = {
            name: await stack.enter_async_context(where.store(blueprint))
            for name, blueprint in parts.items()
        }
        client = await stack.enter_async_context(where.nats())
        try:
            return await topology.ensure(
                client, hearings(parts), replicas=replicas, places=places_in(stores)
            )
        except topology.CannotRepair as why:
            raise CannotStart(str(why)) from None
