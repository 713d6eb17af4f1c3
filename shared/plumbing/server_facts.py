"""What the NATS servers say about themselves, for the doctor: how new, and how careful."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nats.aio.client import Client

EVERY_SERVER = "$SYS.REQ.SERVER.PING.JSZ"


@dataclass(frozen=True)
class ServerFacts:
    """One server of the cluster."""

    name: str
    version: str
    sync_always: bool
    """Whether it writes through to the disk before it acknowledges."""

    clock: datetime | None = None
    """What time it was there when it answered."""

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers, to compare; what is not a number ends it."""
        numbers: list[int] = []
        for part in self.version.split("-")[0].split("."):
            if not part.isdigit():
                break
            numbers.append(int(part))
        return tuple(numbers)


async def server_facts(client: Client, patience_seconds: float = 1.0) -> list[ServerFacts]:
    """What every server answers within the patience; `client` must be the `system` user's."""
    found: dict[str, ServerFacts] = {}
    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox)
    try:
        await client.publish(EVERY_SERVER, b'{"config": true}', reply=inbox)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_seconds):
                while True:
                    answer = await subscription.next_msg(timeout=patience_seconds)
                    if answer.data:  # without: the server's word that nobody is there to answer
                        facts = _facts(json.loads(answer.data))
                        found[facts.name] = facts
    finally:
        await subscription.unsubscribe()
    return sorted(found.values(), key=lambda facts: facts.name)


def _facts(answer: dict[str, Any]) -> ServerFacts:
    server, config = answer["server"], answer.get("data", {}).get("config", {})
    sync_always = bool(config.get("sync_always"))
    clock = datetime.fromisoformat(server["time"])
    return ServerFacts(server["name"], server["ver"], sync_always, clock)
