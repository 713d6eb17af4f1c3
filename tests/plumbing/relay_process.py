"""A process that relays once, for tests that make it die: writes what it publishes to a file.

`PARLEY_CRASH_AT=relay.after_puback python -m tests.plumbing.relay_process <store> <file> <nth>`
dies the first time it comes to that point once the nth event has been published.
"""

import asyncio
import sys
from pathlib import Path

from shared.plumbing import crash
from shared.plumbing.database import Database
from shared.plumbing.outbox import Relay
from tests.plumbing.ledger import SCHEMA


class Noting:
    """Takes every event and notes its id in the file, as a broker would in its stream."""

    def __init__(self, path: Path, crash_at: int) -> None:
        self._path = path
        self._crash_at = crash_at
        self._point = crash._AT
        self._published = 0
        crash._AT = ""

    async def publish(self, subject: str, body: bytes, headers: dict[str, str]) -> int:
        self._published += 1
        with self._path.open("a") as stream:
            stream.write(f"{headers['Nats-Msg-Id']}\n")
        if self._published == self._crash_at:
            crash._AT = self._point
        return self._published

    async def last_seq(self) -> int:
        return self._published


async def main() -> None:
    url, path, crash_at = sys.argv[1:]
    await Relay(Database(url, SCHEMA), Noting(Path(path), int(crash_at))).publish_waiting()


if __name__ == "__main__":
    asyncio.run(main())
