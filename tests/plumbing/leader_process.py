"""A process that leads until it is killed: `python -m tests.plumbing.leader_process <store>`."""

import asyncio
import sys

from shared.plumbing.database import Database
from shared.plumbing.leader import leadership
from tests.plumbing.ledger import SCHEMA


async def main() -> None:
    async with leadership(Database(sys.argv[1], SCHEMA), "relay"):
        sys.stdout.write("leads\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
