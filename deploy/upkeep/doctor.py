"""Everything the doctor looks at, in the order in which one thing stands on another."""

from deploy.upkeep import machine, servers, stores
from deploy.upkeep.finding import Finding
from deploy.upkeep.where import Where


async def examine(where: Where) -> list[Finding]:
    return [
        *machine.examine(where.home.root if where.is_embedded else None),
        *await stores.examine(where),
        *await servers.examine(where),
    ]
